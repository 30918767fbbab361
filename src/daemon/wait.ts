/** Waits for something to become true. */

export interface WaitOptions {
  /** The wait rejects with what it throws: it can never become true any more. */
  readonly isDone: () => boolean
  /** Calls back whenever it may have become true. Returns the way to stop. */
  readonly listen: (changed: () => void) => () => void
  /** The wait rejects with the reason of whichever aborts first. */
  readonly signals: readonly (AbortSignal | undefined)[]
}

export async function waitUntil({ isDone, listen, signals }: WaitOptions): Promise<void> {
  const ended = AbortSignal.any(signals.filter((signal) => signal !== undefined))
  ended.throwIfAborted()
  if (isDone()) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = listen(() => {
    try {
      if (isDone()) resolve()
    } catch (error) {
      reject(error)
    }
  })
  const onAbort = () => reject(ended.reason)
  ended.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    stop()
    ended.removeEventListener('abort', onAbort)
  }
}

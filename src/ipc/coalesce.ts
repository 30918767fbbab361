/**
 * Sends the first change at once and merges those that follow within `interval` milliseconds into the next
 * message: at most one message an interval, never more than one waiting, and the last state always arrives.
 */
export interface Coalescer<T> {
  push(change: T): void
  /** Drop what waits; nothing is sent any more. */
  stop(): void
}

export function coalesce<T>(options: {
  /** Milliseconds between two messages. */
  readonly interval: number
  readonly merge: (waiting: T, change: T) => T
  readonly send: (change: T) => void
}): Coalescer<T> {
  let timer: ReturnType<typeof setTimeout> | null = null
  let waiting: { readonly change: T } | null = null
  let stopped = false

  const send = (change: T) => {
    timer = setTimeout(next, options.interval)
    options.send(change)
  }
  const next = () => {
    timer = null
    if (waiting === null) return
    const { change } = waiting
    waiting = null
    send(change)
  }

  return {
    push(change) {
      if (stopped) return
      if (timer === null) send(change)
      else waiting = { change: waiting === null ? change : options.merge(waiting.change, change) }
    },
    stop() {
      stopped = true
      waiting = null
      if (timer !== null) clearTimeout(timer)
    },
  }
}

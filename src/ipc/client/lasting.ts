/**
 * A subscription that outlives the things that end one: the host drops it (a crashed frame, a restart), or it
 * fails. It is asked for again, after a pause that grows from 250 ms to 10 s and starts anew once data came.
 *
 * Invariant: at most one underlying subscription is open, and nothing of an older one is delivered.
 */
import { isRefusal } from './failure.ts'

export interface Observer<T> {
  readonly onData: (value: T) => void
  readonly onError: (error: unknown) => void
  readonly onComplete: () => void
}

/** Opens the underlying subscription: a tRPC procedure bound to its input. */
export type Open<T> = (observer: Observer<T>) => { unsubscribe(): void }

export interface LastingHandlers<T> {
  readonly onData: (value: T) => void
  /** After such a value nothing follows, and it is not asked for again. Default: no value is the last. */
  readonly isLast?: (value: T) => boolean
  /** It ended and will be asked for again. Null: it ended without an error. */
  readonly onLost?: (error: unknown) => void
  /** It was refused for good and is over. */
  readonly onRefused?: (error: unknown) => void
}

export interface Lasting {
  stop(): void
}

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 10_000

export function keepSubscribed<T>(open: Open<T>, handlers: LastingHandlers<T>): Lasting {
  let pause = FIRST_PAUSE
  let timer: ReturnType<typeof setTimeout> | undefined
  let close: () => void = () => {}

  function begin(): void {
    let live = true
    let subscription: { unsubscribe(): void } | undefined
    close = () => {
      live = false
      subscription?.unsubscribe()
    }
    const ended = (error: unknown) => {
      if (!live) return
      close()
      timer = setTimeout(begin, pause)
      pause = Math.min(pause * 2, LONGEST_PAUSE)
      handlers.onLost?.(error)
    }
    subscription = open({
      onData: (value) => {
        if (!live) return
        pause = FIRST_PAUSE
        if (handlers.isLast?.(value)) close()
        handlers.onData(value)
      },
      onError: (error) => {
        if (!live) return
        if (!isRefusal(error)) return ended(error)
        close()
        handlers.onRefused?.(error)
      },
      onComplete: () => ended(null),
    })
    // Everything above may have run before `open` returned.
    if (!live) subscription.unsubscribe()
  }

  begin()
  return {
    stop: () => {
      clearTimeout(timer)
      close()
    },
  }
}

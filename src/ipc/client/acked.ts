/**
 * A lasting subscription whose messages are numbered and acknowledged: the host sends the next one only when
 * this document has taken the last.
 *
 * Invariant: what is delivered follows what was delivered before it. After a gap the last number is acknowledged
 * again, which tells the host that something is missing, and nothing is delivered until it begins anew.
 */
import { keepSubscribed, type Lasting, type LastingHandlers, type Observer } from './lasting.ts'

export interface AckedSource<T> {
  readonly open: (watchId: string, observer: Observer<T>) => { unsubscribe(): void }
  /** Tell the host the number of the last message taken, -1 for none. */
  readonly ack: (watchId: string, sequence: number) => void
  readonly sequenceOf: (message: T) => number
  /** Whether a message builds on none before it; those numbered 0 never do. */
  readonly beginsAnew: (message: T) => boolean
}

export function keepWatching<T>(
  { open, ack, sequenceOf, beginsAnew }: AckedSource<T>,
  handlers: LastingHandlers<T>,
): Lasting {
  let watchId = ''
  let last = -1
  return keepSubscribed<T>(
    (observer) => {
      watchId = crypto.randomUUID()
      last = -1
      return open(watchId, observer)
    },
    {
      ...handlers,
      onData: (message) => {
        const sequence = sequenceOf(message)
        const follows = sequence === 0 || sequence === last + 1 || beginsAnew(message)
        if (follows) last = sequence
        // First, so that a reader who fails does not end the watch.
        ack(watchId, last)
        if (follows) handlers.onData(message)
      },
    },
  )
}

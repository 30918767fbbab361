/**
 * A subscription source that a test drives by hand: it keeps every subscription that was opened, and which of
 * them are still open.
 */
import type { Observer } from '../../src/ipc/client/lasting.ts'

export interface Opened<I, T> {
  readonly input: I
  readonly send: (value: T) => void
  readonly fail: (error: unknown) => void
  readonly complete: () => void
  readonly isOpen: () => boolean
}

export function fakeSource<I, T>() {
  const opened: Opened<I, T>[] = []
  return {
    opened,
    /** The newest subscription. */
    last: (): Opened<I, T> => opened.at(-1)!,
    openCount: () => opened.filter(({ isOpen }) => isOpen()).length,
    subscribe: (input: I, observer: Observer<T>) => {
      let isOpen = true
      opened.push({
        input,
        send: observer.onData,
        fail: observer.onError,
        complete: observer.onComplete,
        isOpen: () => isOpen,
      })
      return {
        unsubscribe: () => {
          isOpen = false
          // tRPC's links complete a subscription that its own reader ends.
          observer.onComplete()
        },
      }
    },
  }
}

/** A tRPC client error, as far as anyone looks at it. */
export function trpcError(code: string, info?: { readonly code: string; readonly message: string }): Error {
  return Object.assign(new Error('refused'), { data: { code, error: info } })
}

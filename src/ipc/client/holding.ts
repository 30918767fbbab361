/**
 * Holds as React mounts and unmounts: they begin when the first reader subscribes and end with the last. Any
 * number of streams is one readable, whose value keeps its identity while no hold's state changes.
 */
import type { HoldState, StreamHolds, StreamWish } from './holds.ts'
import type { Readable } from './readable.ts'

const ASKING: HoldState = { state: 'asking' }

export function holdWhileRead(
  holds: Pick<StreamHolds, 'hold'>,
  wishes: readonly StreamWish[],
): Readable<readonly HoldState[]> {
  let readers = 0
  let states: readonly HoldState[] = wishes.map(() => ASKING)
  let read = () => states
  let release = () => {}

  const begin = () => {
    const held = wishes.map((wish) => holds.hold(wish))
    read = () => {
      const now = held.map(({ state }) => state.getSnapshot())
      if (now.some((state, i) => state !== states[i])) states = now
      return states
    }
    release = () => {
      for (const hold of held) hold.release()
    }
    return held
  }
  let held: ReturnType<typeof begin> = []

  return {
    getSnapshot: () => read(),
    subscribe: (listener) => {
      if (readers++ === 0) held = begin()
      const stops = held.map(({ state }) => state.subscribe(listener))
      return () => {
        for (const stop of stops) stop()
        if (--readers === 0) release()
      }
    },
  }
}

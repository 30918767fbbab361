/**
 * A value that changes faster than anybody can read: its readers hear of it ten times a second at most. The first
 * change after a rest is heard at once, the last of many always.
 */
import { Cell, type Readable } from '../../src/ipc/client/readable.ts'

/** Milliseconds between two times that readers hear of changes. */
export const PACE = 100

/** It listens to `source` for as long as that lives. */
export function paced<T>(source: Readable<T>): Readable<T> {
  const cell = new Cell(source.getSnapshot())
  let isResting = false
  const tell = () => {
    isResting = true
    setTimeout(() => {
      isResting = false
      if (!Object.is(source.getSnapshot(), cell.getSnapshot())) tell()
    }, PACE)
    cell.set(source.getSnapshot())
  }
  source.subscribe(() => {
    if (!isResting) tell()
  })
  return { getSnapshot: cell.getSnapshot, subscribe: cell.subscribe }
}

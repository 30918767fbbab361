/** What streams are called: all that a list of them needs, and it hardly ever changes. Pure. */
import type { Status, StreamStatus } from '../../src/status/status.ts'

export type StreamName = Pick<StreamStatus, 'id' | 'name' | 'params'>

export function streamNames({ streams }: Status): readonly StreamName[] {
  return [...streams.values()]
}

/** Parameters keep their identity while the stream lives, so no name is compared letter by letter. */
export function haveSameNames(before: readonly StreamName[], after: readonly StreamName[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ id, params }, index) => id === after[index]!.id && params === after[index]!.params)
  )
}

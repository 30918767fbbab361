/** A status that comes whole shares with the one before it what is equal, so that a page renders only the rest. */
import type { Status, StreamStatus } from './status.ts'

/** `after`, in which every part and every stream that equals its like in `before` is that one. */
export function keepEqual(before: Status, after: Status): Status {
  const kept = Object.fromEntries(
    Object.entries(after).map(([key, value]) => {
      const earlier = before[key as keyof Status]
      if (value instanceof Map) return [key, keepStreams(before.streams, value)]
      return [key, isEqual(earlier, value) ? earlier : value]
    }),
  ) as unknown as Status
  return (Object.keys(kept) as (keyof Status)[]).every((key) => kept[key] === before[key]) ? before : kept
}

function keepStreams(before: Status['streams'], after: ReadonlyMap<number, StreamStatus>): Status['streams'] {
  let same = before.size === after.size
  const kept = new Map<number, StreamStatus>()
  for (const [id, stream] of after) {
    const earlier = before.get(id)
    const isKept = earlier !== undefined && isEqual(earlier, stream)
    kept.set(id, isKept ? earlier : stream)
    if (!isKept) same = false
  }
  return same ? before : kept
}

/** Equality of plain data. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key as never], b[key as never]))
  )
}

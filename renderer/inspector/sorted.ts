/** Sorting by one column, pure. */
import type { SortDescriptor } from 'react-aria-components'

/** A sorted copy. Equal rows keep their order; null stands at the end in both directions. */
export function sorted<T>(
  rows: readonly T[],
  valueOf: (row: T) => string | number | null,
  direction: SortDescriptor['direction'],
): readonly T[] {
  const sign = direction === 'ascending' ? 1 : -1
  return [...rows].sort((a, b) => {
    const [first, second] = [valueOf(a), valueOf(b)]
    if (first === second) return 0
    if (first === null) return 1
    if (second === null) return -1
    return first < second ? -sign : sign
  })
}

/** The words of a search, in lower case; none for an empty one. */
export function searchWords(wanted: string): readonly string[] {
  return wanted.toLowerCase().split(/\s+/).filter(Boolean)
}

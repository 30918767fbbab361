/** Sorting by one column, pure. */
import type { SortDescriptor } from 'react-aria-components'

export type Direction = SortDescriptor['direction']

/**
 * A sorted copy. Equal rows keep their order; null stands at the end in both directions. Each value is read once,
 * and rows that are in order already cost one look each.
 */
export function sorted<T>(
  rows: readonly T[],
  valueOf: (row: T) => string | number | null,
  direction: Direction,
): readonly T[] {
  const sign = direction === 'ascending' ? 1 : -1
  return rows
    .map((row) => ({ row, value: valueOf(row) }))
    .sort(({ value: first }, { value: second }) => {
      if (first === second) return 0
      if (first === null) return 1
      if (second === null) return -1
      return first < second ? -sign : sign
    })
    .map(({ row }) => row)
}

/** The words of a search, in lower case; none for an empty one. */
export function searchWords(wanted: string): readonly string[] {
  return wanted.toLowerCase().split(/\s+/).filter(Boolean)
}

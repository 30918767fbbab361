/** A part of a value, as a getter for `useSyncExternalStore`. */
import type { Readable } from './readable.ts'

/** Computed once a value; keeps its identity while it is equal to the last one. */
export function selectFrom<S, T>(
  source: Readable<S>,
  select: (value: S) => T,
  isEqual: (before: T, after: T) => boolean,
): () => T {
  let last: { readonly value: S; readonly selection: T } | null = null
  return () => {
    const value = source.getSnapshot()
    if (last?.value === value) return last.selection
    const selection = select(value)
    last = {
      value,
      selection: last !== null && isEqual(last.selection, selection) ? last.selection : selection,
    }
    return last.selection
  }
}

/** The same items in the same order. */
export function isSameList<T>(before: readonly T[], after: readonly T[]): boolean {
  return before.length === after.length && before.every((item, index) => Object.is(item, after[index]))
}

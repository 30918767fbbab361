/**
 * What changed from one result to the next. Rows are the same row when they have the same key; without a usable
 * key (no such column, nulls, duplicates) they are known by their places.
 */
import type { Cells, CellValue, ChangedRow, LiveRows, PlacedRow, RowsChange } from '../status/rows.ts'

/** Null: they have different columns. An empty change: they are equal. */
export function diffRows(before: LiveRows, after: LiveRows, key: string): RowsChange | null {
  if (!sameColumns(before.columns, after.columns)) return null
  const column = after.columns.indexOf(key)
  const from = sourcesByKey(before.rows, after.rows, column) ?? sourcesByPlace(before.rows, after.rows)
  const stays = longestAscending(from)
  const seen = new Uint8Array(before.rows.length)
  const placed: PlacedRow[] = []
  const changed: ChangedRow[] = []
  after.rows.forEach((row, at) => {
    const source = from[at]!
    if (source === NEW) {
      placed.push({ at, row })
      return
    }
    seen[source] = 1
    if (stays !== null && stays[at] === 0) placed.push({ at, from: source })
    const cells = changedCells(before.rows[source]!, row)
    if (cells.length > 0) changed.push({ at, cells })
  })
  const removed: number[] = []
  seen.forEach((isSeen, place) => {
    if (isSeen === 0) removed.push(place)
  })
  return { removed, placed, changed }
}

/** A row of the new result that the old one did not have. */
const NEW = -1

/** For each row of `after` its place in `before`; null: the column is no key. */
function sourcesByKey(before: readonly Cells[], after: readonly Cells[], column: number): Int32Array | null {
  if (column === -1) return null
  const places = new Map<CellValue, number>()
  for (let place = 0; place < before.length; place++) {
    const key = before[place]![column]!
    if (!isKey(key) || places.has(key)) return null
    places.set(key, place)
  }
  const from = new Int32Array(after.length)
  const seen = new Set<CellValue>()
  for (let at = 0; at < after.length; at++) {
    const key = after[at]![column]!
    if (!isKey(key) || seen.has(key)) return null
    seen.add(key)
    from[at] = places.get(key) ?? NEW
  }
  return from
}

function isKey(value: CellValue): boolean {
  return value !== null && typeof value !== 'object'
}

function sourcesByPlace(before: readonly Cells[], after: readonly Cells[]): Int32Array {
  return Int32Array.from(after, (_, place) => (place < before.length ? place : NEW))
}

function changedCells(before: Cells, after: Cells): ChangedRow['cells'] {
  if (before === after) return []
  const cells: [number, CellValue][] = []
  for (let column = 0; column < after.length; column++) {
    if (!sameValue(before[column]!, after[column]!)) cells.push([column, after[column]!])
  }
  return cells
}

function sameValue(a: CellValue, b: CellValue): boolean {
  if (Object.is(a, b)) return true
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0
}

function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((column, place) => column === b[place])
}

/**
 * 1 for each of as many places as can stay where they are while the others move; null: all can. New rows have 0.
 */
function longestAscending(from: Int32Array): Uint8Array | null {
  let last = NEW
  let isAscending = true
  for (const source of from) {
    if (source === NEW) continue
    if (source < last) isAscending = false
    last = source
  }
  if (isAscending) return null
  /** The place with the smallest end of an ascending run, by the length of the run. */
  const ends: number[] = []
  const previous = new Int32Array(from.length)
  for (let at = 0; at < from.length; at++) {
    if (from[at] === NEW) continue
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (from[ends[middle]!]! < from[at]!) low = middle + 1
      else high = middle
    }
    previous[at] = low === 0 ? NEW : ends[low - 1]!
    ends[low] = at
  }
  const stays = new Uint8Array(from.length)
  for (let at = ends.at(-1) ?? NEW; at !== NEW; at = previous[at]!) stays[at] = 1
  return stays
}

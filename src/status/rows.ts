/**
 * The rows of a live query and how they change, the same in the main process and in a window. A change is told by
 * places, so it is small whatever the rows hold; whoever has the rows before has the rows after it.
 */

/** Integers beyond 2^53 are bigints, blobs are bytes. */
export type CellValue = string | number | bigint | Uint8Array | null

/** The values of one row, in the order of the columns. */
export type Cells = readonly CellValue[]

export interface LiveRows {
  /** As the statement names them; a name can occur twice. */
  readonly columns: readonly string[]
  readonly rows: readonly Cells[]
}

/** From one result to the next with the same columns. Places count from 0. */
export interface RowsChange {
  /** Places in the rows before, ascending: those rows are gone. */
  readonly removed: readonly number[]
  /** By place in the rows after, ascending: rows that are new, and those that moved (`from`: place before). */
  readonly placed: readonly PlacedRow[]
  /** Values that differ in rows that stayed or moved, by place in the rows after. */
  readonly changed: readonly ChangedRow[]
}

export type PlacedRow =
  | { readonly at: number; readonly row: Cells }
  | { readonly at: number; readonly from: number }

export interface ChangedRow {
  readonly at: number
  readonly cells: readonly (readonly [column: number, value: CellValue])[]
}

/**
 * The rows after a change. Rows that did not change keep their identity.
 *
 * @example
 * applyRowsChange([['a', 1], ['b', 2]], { removed: [0], placed: [], changed: [{ at: 0, cells: [[1, 3]] }] })
 * // [['b', 3]]
 */
export function applyRowsChange(
  before: readonly Cells[],
  { removed, placed, changed }: RowsChange,
): readonly Cells[] {
  const left = new Set(removed)
  for (const row of placed) if ('from' in row) left.add(row.from)
  const kept = left.size === 0 ? before : before.filter((_, place) => !left.has(place))
  const after: Cells[] = []
  let next = 0
  for (const row of placed) {
    while (after.length < row.at) after.push(kept[next++]!)
    after.push('from' in row ? before[row.from]! : row.row)
  }
  while (next < kept.length) after.push(kept[next++]!)
  for (const { at, cells } of changed) {
    const row = [...after[at]!]
    for (const [column, value] of cells) row[column] = value
    after[at] = row
  }
  return after
}

/** What a value takes besides its text or bytes. */
const VALUE_BYTES = 8

/** About how many bytes it takes to keep or send it. */
export function sizeOfRow(row: Cells): number {
  let bytes = row.length * VALUE_BYTES
  for (const value of row) {
    if (typeof value === 'string') bytes += value.length
    else if (value instanceof Uint8Array) bytes += value.byteLength
  }
  return bytes
}

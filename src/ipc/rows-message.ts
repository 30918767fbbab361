/**
 * The rows of a live query on their way to a window, as short tuples: whole first, then what changed. The same
 * over every carrier; the values go through the codec.
 *
 *     [0, sequence, columns, rows]                  all anew
 *     [1, sequence, removed, placed, changed]       from the rows of the message before
 *     [2, sequence, code, message]                  the last run failed; the rows stay
 *
 *     removed   places before, ascending
 *     placed    [at, cells] a new row    [at, from] a row that moved
 *     changed   [at, column, value, column, value, …]
 */
import type { CellValue, Cells, ChangedRow, LiveRows, PlacedRow, RowsChange } from '../status/rows.ts'
import type { ErrorInfo } from '../status/status.ts'

export type RowsMessage =
  | readonly [kind: 0, sequence: number, columns: readonly string[], rows: readonly Cells[]]
  | readonly [
      kind: 1,
      sequence: number,
      removed: readonly number[],
      placed: readonly WirePlaced[],
      changed: readonly WireChanged[],
    ]
  | readonly [kind: 2, sequence: number, code: string, message: string]

type WirePlaced = readonly [at: number, row: Cells | number]
type WireChanged = readonly [at: number, ...columnsAndValues: CellValue[]]

export function encodeRows(sequence: number, { columns, rows }: LiveRows): RowsMessage {
  return [0, sequence, columns, rows]
}

/**
 * @example
 * encodeChange(7, { removed: [], placed: [], changed: [{ at: 4711, cells: [[2, 'done']] }] })
 * // [1, 7, [], [], [[4711, 2, 'done']]]
 */
export function encodeChange(sequence: number, { removed, placed, changed }: RowsChange): RowsMessage {
  return [1, sequence, removed, placed.map(encodePlaced), changed.map(encodeChanged)]
}

export function encodeFailure(sequence: number, { code, message }: ErrorInfo): RowsMessage {
  return [2, sequence, code, message]
}

/** The other way of `encodeChange`. */
export function decodeChange([, , removed, placed, changed]: Extract<
  RowsMessage,
  { readonly 0: 1 }
>): RowsChange {
  return { removed, placed: placed.map(decodePlaced), changed: changed.map(decodeChanged) }
}

function encodePlaced(row: PlacedRow): WirePlaced {
  return [row.at, 'row' in row ? row.row : row.from]
}

function decodePlaced([at, row]: WirePlaced): PlacedRow {
  return typeof row === 'number' ? { at, from: row } : { at, row }
}

function encodeChanged({ at, cells }: ChangedRow): WireChanged {
  return [at, ...cells.flat()]
}

function decodeChanged([at, ...columnsAndValues]: WireChanged): ChangedRow {
  const cells: [number, CellValue][] = []
  for (let i = 0; i < columnsAndValues.length; i += 2) {
    cells.push([columnsAndValues[i] as number, columnsAndValues[i + 1]!])
  }
  return { at, cells }
}

import type { Cells } from '../../status/rows.ts'
import type { Row } from '../daemon.ts'

/** One row as an object. Of columns with the same name the last one counts. */
export function toRow(columns: readonly string[], cells: Cells): Row {
  return Object.fromEntries(columns.map((column, place) => [column, cells[place]!]))
}

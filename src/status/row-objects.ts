/** Rows of a live query as objects; a row that did not change stays the same object. */
import type { CellValue, Cells, LiveRows } from './rows.ts'

export interface RowObject {
  readonly [column: string]: CellValue
}

export class RowObjects {
  #objects = new WeakMap<Cells, RowObject>()
  #columns: readonly string[] = []
  #last: LiveRows | null = null
  #rows: readonly RowObject[] = []

  /** The same list for the same rows. */
  of(result: LiveRows): readonly RowObject[] {
    if (result === this.#last) return this.#rows
    if (result.columns !== this.#columns) this.#objects = new WeakMap()
    this.#columns = result.columns
    this.#last = result
    this.#rows = result.rows.map((cells) => this.one(cells))
    return this.#rows
  }

  /** A row of the result that `of` was given last, or of one with the same columns. */
  one(cells: Cells): RowObject {
    const known = this.#objects.get(cells)
    if (known !== undefined) return known
    const row = toRowObject(this.#columns, cells)
    this.#objects.set(cells, row)
    return row
  }
}

/** Of columns with the same name the last one counts. */
export function toRowObject(columns: readonly string[], cells: Cells): RowObject {
  return Object.fromEntries(columns.map((column, place) => [column, cells[place]!]))
}

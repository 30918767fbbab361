/** Values, rows and parameters of SQL statements, as they cross this room's door. */

/** Integers are numbers up to 2^53, bigints beyond: never rounded. */
export type ReadValue = string | number | bigint | Uint8Array | null

export type ReadRow = { readonly [column: string]: ReadValue }

/** By position, or by name (`:name`, `@name`, `$name` in the SQL). */
export type ReadParameters = readonly ReadValue[] | { readonly [name: string]: ReadValue }

/** A row of values, as SQLite gave them with safe integers, under their columns. */
export function toRow(columns: readonly string[], values: readonly ReadValue[]): ReadRow {
  const row: Record<string, ReadValue> = {}
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]!
    const value = toExact(values[index]!)
    if (column === '__proto__') Object.defineProperty(row, column, { ...PLAIN, value })
    else row[column] = value
  }
  return row
}

const PLAIN = { enumerable: true, configurable: true, writable: true }

/** A bigint that a number can hold becomes one. */
export function toExact(value: ReadValue): ReadValue {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

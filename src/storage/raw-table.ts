/**
 * Where the rows of a type live that the schema gives a raw table: in a table of the app, written row by row by
 * statements. What it holds cannot be made JSON again, so all entries of the type keep their data and all its
 * rows go the way of contested ones (see merge.ts).
 */
import {
  inferClear,
  inferDelete,
  inferPut,
  parameterValues,
  rawTableName,
  syncedColumnsOf,
} from '../schema/raw.ts'
import type { RawStatement, RawTableSchema } from '../schema/schema.ts'
import type { Connection, Statement } from './connection.ts'
import { LOST, type RowTable, WINNERS } from './row-table.ts'
import { StorageError } from './storage.ts'

/** Rows that are read at once: a connection that reads row by row can run no other statement meanwhile. */
const PAGE = 500

export function rawTable(db: Connection, rowType: number, type: string, raw: RawTableSchema): RowTable {
  const rows = new RawRows(db, rowType, type, raw)
  const nothing = { run: () => ({ changes: 0 }) }
  return {
    rowType,
    view: raw.schema ? rawTableName(type, raw.schema) : type,
    keepsData: true,
    putArrived: nothing,
    removeArrived: nothing,
    open: nothing,
    openAll: nothing,
    putWinners: { run: () => ({ changes: rows.putWinners() }) },
    removeLost: { run: () => ({ changes: rows.removeLost() }) },
    removeAll: { run: () => ({ changes: rows.removeAll() }) },
  }
}

class RawRows {
  readonly #db: Connection
  readonly #rowType: number
  readonly #type: string
  readonly #raw: RawTableSchema

  constructor(db: Connection, rowType: number, type: string, raw: RawTableSchema) {
    this.#db = db
    this.#rowType = rowType
    this.#type = type
    this.#raw = raw
  }

  putWinners(): number {
    return this.#forEach(WINNERS, this.#raw.put ?? this.#infer(inferPut))
  }

  removeLost(): number {
    return this.#forEach(LOST, this.#raw.delete ?? this.#infer(inferDelete))
  }

  removeAll(): number {
    const clear = this.#raw.clear ?? this.#inferClear()
    if (clear === null) return 0
    try {
      return this.#db.prepare(clear).run().changes
    } catch (error) {
      throw this.#failure(clear, null, error)
    }
  }

  /** Run the statement for each row of `source`; gives how many there were. */
  #forEach(source: string, { sql, params }: RawStatement): number {
    const page = this.#db
      .prepare(
        `SELECT ${['row_id', ...parameterValues(params)].join(', ')} FROM (${source})
         WHERE row_id > ? ORDER BY row_id LIMIT ${PAGE}`,
      )
      .raw()
      .safeIntegers()
    let statement: Statement | null = null
    let after = ''
    for (let count = 0; ; count += PAGE) {
      const rows = page.all(this.#rowType, after) as [string, ...unknown[]][]
      for (const [id, ...values] of rows) {
        try {
          statement ??= this.#db.prepare(sql)
          statement.run(values)
        } catch (error) {
          throw this.#failure(sql, id, error)
        }
      }
      if (rows.length < PAGE) return count + rows.length
      after = rows.at(-1)![0]
    }
  }

  /** The columns are read anew each time: the app may have changed its table. */
  #infer(infer: (table: string, columns: readonly string[]) => RawStatement): RawStatement {
    const description = this.#raw.schema ?? {}
    const table = rawTableName(this.#type, description)
    return infer(table, syncedColumnsOf(this.#columnsOf(table), description))
  }

  #columnsOf(table: string): readonly string[] {
    const columns = columnsOfTable(this.#db, table)
    if (columns.includes('id')) return columns
    const what = columns.length === 0 ? 'does not exist' : 'has no column id'
    throw new StorageError(
      'raw_table_failed',
      `Rows of type "${this.#type}" have arrived for the table "${table}", which ${what}.`,
    )
  }

  #inferClear(): string | null {
    if (!this.#raw.schema) return null
    const table = rawTableName(this.#type, this.#raw.schema)
    return columnsOfTable(this.#db, table).length > 0 ? inferClear(table) : null
  }

  #failure(sql: string, id: string | null, error: unknown): StorageError {
    const row = id === null ? '' : `, id "${id}"`
    const reason = error instanceof Error ? error.message : String(error)
    return new StorageError(
      'raw_table_failed',
      `A statement of the raw table for type "${this.#type}"${row} failed: ${reason}. The statement: ${sql}`,
      error,
    )
  }
}

/** Empty when there is no such table. */
export function columnsOfTable(db: Connection, table: string): string[] {
  return db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]
}

/**
 * A read-only connection, for queries beside the writer. It sees whole commits only.
 */
import {
  asStatementError,
  type Connection,
  connect,
  isSqliteError,
  type Statement,
  translatingErrors,
} from './connection.ts'
import type { FileOptions } from './file.ts'
import { OpenedTables } from './opened-tables.ts'
import { type ReadParameters, type ReadRow, type ReadValue, toExact, toRow } from './row.ts'
import { StatementCache } from './statement-cache.ts'
import { StorageError } from './storage.ts'

export type { ReadParameters, ReadRow, ReadValue } from './row.ts'

export interface Reader {
  /** Run one statement that reads. Throws a `StorageError`. */
  query(sql: string, parameters?: ReadParameters): ReadRow[]
  /**
   * Run one statement that reads, row by row: `take` gets the values of each row in the order of the columns and
   * ends the reading by throwing, which is thrown on. Gives the columns' names.
   */
  scan(
    sql: string,
    parameters: ReadParameters,
    take: (values: readonly ReadValue[]) => void,
  ): readonly string[]
  /** Views of the schema and tables of the app that a statement reads, also through views and indexes, sorted. */
  tablesOf(sql: string): readonly string[]
  /** Safe to call twice. */
  close(): void
}

/**
 * Open a database that `openStorage` has made.
 *
 * @example
 *   const reader = openReader(path)
 *   reader.query('SELECT count(*) AS open FROM issues WHERE done = ?', [0]) // [{ open: 12 }]
 */
export function openReader(path: string, options: FileOptions = {}): Reader {
  return translatingErrors(() => new SqliteReader(connect(path, { ...options, readonly: true })))
}

/** How many statements stay prepared. */
const PREPARED = 200

class SqliteReader implements Reader {
  readonly #db: Connection
  readonly #prepared = new StatementCache<PreparedRead>(PREPARED)
  readonly #opened: OpenedTables

  constructor(db: Connection) {
    this.#db = db
    this.#opened = new OpenedTables(db)
  }

  query(sql: string, parameters: ReadParameters = []): ReadRow[] {
    return reading(() => this.#prepare(sql).run(parameters))
  }

  scan(
    sql: string,
    parameters: ReadParameters,
    take: (values: readonly ReadValue[]) => void,
  ): readonly string[] {
    return reading(() => this.#prepare(sql).scan(parameters, take))
  }

  tablesOf(sql: string): readonly string[] {
    return reading(() => this.#opened.of(sql).reads)
  }

  close(): void {
    this.#db.close()
  }

  #prepare(sql: string): PreparedRead {
    return this.#prepared.of(sql, () => new PreparedRead(this.#db.prepare(sql), sql))
  }
}

/** Parameters that do not fit are left for the caller to tell. */
function reading<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw isSqliteError(error) ? asStatementError(error) : error
  }
}

class PreparedRead {
  readonly #statement: Statement

  constructor(statement: Statement, sql: string) {
    if (!statement.reader || !statement.readonly) {
      throw new StorageError('database_failed', `Only statements that read may run here: ${sql}`)
    }
    this.#statement = statement.safeIntegers().raw()
  }

  run(parameters: ReadParameters): ReadRow[] {
    const rows = this.#statement.all(parameters) as ReadValue[][]
    // The columns of a prepared `SELECT *` can change with the schema, but not while it runs.
    const columns = this.#statement.columns().map((column) => column.name)
    return rows.map((values) => toRow(columns, values))
  }

  scan(parameters: ReadParameters, take: (values: readonly ReadValue[]) => void): readonly string[] {
    for (const values of this.#statement.iterate(parameters)) take((values as ReadValue[]).map(toExact))
    return this.#statement.columns().map((column) => column.name)
  }
}

/**
 * A read-only connection, for queries beside the writer. It sees whole commits only.
 */
import { dataTableName, viewName } from '../schema/sql.ts'
import type { Schema } from '../schema/schema.ts'
import { type Connection, connect, type Statement, translatingErrors } from './connection.ts'
import { StorageError } from './storage.ts'

/** Integers are numbers up to 2^53, bigints beyond: never rounded. */
export type ReadValue = string | number | bigint | Uint8Array | null

export type ReadRow = { readonly [column: string]: ReadValue }

/** By position, or by name (`:name`, `@name`, `$name` in the SQL). */
export type ReadParameters = readonly ReadValue[] | { readonly [name: string]: ReadValue }

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
  /** Views of the schema that a statement reads, also through views and indexes, sorted. */
  tablesOf(sql: string): string[]
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
export function openReader(path: string, options: { readonly nativeBinding?: string } = {}): Reader {
  return translatingErrors(() => new SqliteReader(connect(path, { ...options, readonly: true })))
}

/** How many statements stay prepared. */
const PREPARED = 200

class SqliteReader implements Reader {
  readonly #db: Connection
  readonly #prepared = new Map<string, PreparedRead>()
  #tables: { readonly version: unknown; readonly byRootPage: Map<number, string> } | null = null

  constructor(db: Connection) {
    this.#db = db
  }

  query(sql: string, parameters: ReadParameters = []): ReadRow[] {
    return translatingErrors(() => this.#prepare(sql).run(parameters))
  }

  scan(
    sql: string,
    parameters: ReadParameters,
    take: (values: readonly ReadValue[]) => void,
  ): readonly string[] {
    return translatingErrors(() => this.#prepare(sql).scan(parameters, take))
  }

  tablesOf(sql: string): string[] {
    return translatingErrors(() => {
      const byRootPage = this.#viewsByRootPage()
      const views = (this.#db as Explaining)
        .explain(sql)
        .filter(({ opcode, p3 }) => OPENING.includes(opcode) && p3 === MAIN_DATABASE)
        .map(({ p2 }) => byRootPage.get(p2))
      return [...new Set(views.filter((view) => view !== undefined))].sort()
    })
  }

  close(): void {
    this.#db.close()
  }

  #prepare(sql: string): PreparedRead {
    const known = this.#prepared.get(sql)
    if (known) return known
    const prepared = new PreparedRead(this.#db.prepare(sql), sql)
    if (this.#prepared.size >= PREPARED) this.#prepared.clear()
    this.#prepared.set(sql, prepared)
    return prepared
  }

  /** Root pages of data tables and their indexes; they can change only together with the schema version. */
  #viewsByRootPage(): Map<number, string> {
    const version = this.#db.pragma('schema_version', { simple: true })
    if (this.#tables && this.#tables.version === version) return this.#tables.byRootPage
    const text = this.#db.prepare(`SELECT value FROM ps_kv WHERE key = 'schema'`).pluck().get()
    const schema: Schema = typeof text === 'string' ? (JSON.parse(text) as Schema) : { tables: {} }
    const views = new Map(
      Object.entries(schema.tables).map(([name, table]) => [
        dataTableName(name, table),
        viewName(name, table),
      ]),
    )
    const byRootPage = new Map<number, string>()
    const pages = this.#db.prepare('SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0').raw()
    for (const [page, table] of pages.all() as [number, string][]) {
      const view = views.get(table)
      if (view !== undefined) byRootPage.set(page, view)
    }
    this.#tables = { version, byRootPage }
    return byRootPage
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

function toRow(columns: readonly string[], values: readonly ReadValue[]): ReadRow {
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

function toExact(value: ReadValue): ReadValue {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Opcodes that open a table or index by its root page. */
const OPENING = ['OpenRead', 'ReopenIdx']
const MAIN_DATABASE = 0

type Explaining = Connection & {
  explain(sql: string): { readonly opcode: string; readonly p2: number; readonly p3: number }[]
}

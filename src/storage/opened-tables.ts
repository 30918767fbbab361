/**
 * Which tables a statement opens, told from its compiled program: SQLite names each by its root page. That sees
 * through views, triggers and indexes.
 *
 * A virtual table has no root page. A statement that opens one counts as opening all that the database has (FTS5
 * indexes above all), and as reading the tables whose triggers fill them: too often rather than too rarely.
 */
import type { Schema } from '../schema/schema.ts'
import { dataTableName, viewName } from '../schema/sql.ts'
import type { Connection } from './connection.ts'
import { StatementCache } from './statement-cache.ts'

export interface Opened {
  /** Views of the schema and tables of the app that the statement reads, by name, sorted. */
  readonly reads: readonly string[]
  /** Those that it can write. */
  readonly writes: readonly string[]
  /** Whether it can add to the upload queue. */
  readonly records: boolean
}

/** How many statements are remembered. */
const REMEMBERED = 500

export class OpenedTables {
  readonly #db: Connection
  readonly #known = new StatementCache<Opened>(REMEMBERED)
  #schemaVersion: unknown = null
  #names = new Map<number, string>()
  #queuePage = 0
  #virtual: readonly string[] = []
  #virtualAndSources: readonly string[] = []

  constructor(db: Connection) {
    this.#db = db
  }

  /** Throws what SQLite says of a statement that it cannot compile. */
  of(sql: string): Opened {
    this.#refresh()
    return this.#known.of(sql, () => this.#read(sql))
  }

  #read(sql: string): Opened {
    const reads = new Set<string>()
    const writes = new Set<string>()
    let records = false
    for (const { opcode, p2: page, p3: database } of (this.#db as Explaining).explain(sql)) {
      if (opcode === 'VOpen') for (const name of this.#virtualAndSources) reads.add(name)
      if (opcode === 'VUpdate') for (const name of this.#virtual) writes.add(name)
      if (database !== MAIN_DATABASE) continue
      const into = opcode === 'OpenWrite' ? writes : READING.includes(opcode) ? reads : null
      if (!into) continue
      const name = this.#names.get(page)
      if (name !== undefined) into.add(name)
      if (into === writes && page === this.#queuePage) records = true
    }
    return { reads: [...reads].sort(), writes: [...writes].sort(), records }
  }

  /** Root pages of tables and indexes can change only together with the schema version. */
  #refresh(): void {
    const version = this.#db.pragma('schema_version', { simple: true })
    if (version === this.#schemaVersion) return
    this.#known.clear()
    this.#names.clear()
    const views = this.#viewsByDataTable()
    const nameOf = (table: string) => views.get(table) ?? (INTERNAL.test(table) ? null : table)
    const pages = this.#db.prepare('SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0').raw()
    for (const [page, table] of pages.all() as [number, string][]) {
      const name = nameOf(table)
      if (name !== null) this.#names.set(page, name)
      if (table === 'ps_crud') this.#queuePage = page
    }
    this.#virtual = this.#db.prepare(VIRTUAL_TABLES).pluck().all() as string[]
    const sources = this.#db.prepare(VIRTUAL_SOURCES).pluck().all() as string[]
    this.#virtualAndSources = [...this.#virtual, ...sources.map(nameOf).filter((name) => name !== null)]
    this.#schemaVersion = version
  }

  #viewsByDataTable(): Map<string, string> {
    const text = this.#db.prepare(`SELECT value FROM ps_kv WHERE key = 'schema'`).pluck().get()
    const schema: Schema = typeof text === 'string' ? (JSON.parse(text) as Schema) : { tables: {} }
    return new Map(
      Object.entries(schema.tables).map(([name, table]) => [
        dataTableName(name, table),
        viewName(name, table),
      ]),
    )
  }
}

const VIRTUAL_TABLES = `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL %'`
/** Tables with triggers in which the name of a virtual table occurs. */
const VIRTUAL_SOURCES = `
  SELECT DISTINCT t.tbl_name FROM sqlite_schema t
  WHERE t.type = 'trigger' AND EXISTS (
    SELECT 1 FROM (${VIRTUAL_TABLES}) v WHERE instr(lower(t.sql), lower(v.name)) > 0)`
const READING = ['OpenRead', 'ReopenIdx']
const MAIN_DATABASE = 0
const INTERNAL = /^(?:ps_|sqlite_)/i

type Explaining = Connection & {
  explain(sql: string): { readonly opcode: string; readonly p2: number; readonly p3: number }[]
}

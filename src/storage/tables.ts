/**
 * The app's tables in the database: builds them from a schema, changes them to the next one without losing a
 * value, and knows where the rows of each type live.
 *
 * The schema in use is kept in `ps_kv`, so it is known which views, triggers and indexes are ours. Only what
 * differs from the text in the database is dropped and made anew; an equal schema changes nothing, and triggers
 * of an older version of this code are replaced.
 */
import type { RawTableSchema, Schema, TableSchema } from '../schema/schema.ts'
import {
  columnFromJson,
  columnsFromJson,
  createDataTable,
  createIndex,
  createView,
  dataTableName,
  indexName,
  jsonFromColumns,
  quoteName,
  removeFromJson,
  setInJson,
  viewName,
} from '../schema/sql.ts'
import { createTriggers } from '../schema/triggers.ts'
import { findSchemaProblem } from '../schema/validate.ts'
import type { Connection, Statement } from './connection.ts'
import { rawTable } from './raw-table.ts'
import { RawTriggers } from './raw-triggers.ts'
import { columnTable, type RowTable, untypedTable } from './row-table.ts'
import type { RowTypes } from './row-types.ts'
import { StorageError } from './storage.ts'

type RawTables = { readonly [type: string]: RawTableSchema }

export class Tables {
  readonly #db: Connection
  readonly #rowTypes: RowTypes
  readonly #rowTables = new Map<number, RowTable>()
  readonly #storedText: Statement
  readonly #rawTriggers: RawTriggers
  #rawTypes: readonly number[] = []
  #schema: Schema = { tables: {} }

  constructor(db: Connection, rowTypes: RowTypes) {
    this.#db = db
    this.#rawTriggers = new RawTriggers(db)
    this.#storedText = db
      .prepare(
        `SELECT group_concat(sql, '${SEPARATOR}' ORDER BY rowid) FROM sqlite_schema
         WHERE (name = :name COLLATE NOCASE AND type IN ('view', 'index'))
           OR (tbl_name = :name COLLATE NOCASE AND type = 'trigger' AND name LIKE 'ps\\_view\\_%' ESCAPE '\\')`,
      )
      .pluck()
    this.#rowTypes = rowTypes
    this.#load()
  }

  /** Where rows of this type live. */
  tableOf(rowType: number): RowTable {
    const known = this.#rowTables.get(rowType)
    if (known) return known
    const table = untypedTable(this.#db, rowType)
    this.#rowTables.set(rowType, table)
    return table
  }

  /** Tables of synced types that the schema names, raw tables last. */
  synced(): RowTable[] {
    return this.#syncedTypes(this.#schema).map((rowType) => this.tableOf(rowType))
  }

  rawTypes(): readonly number[] {
    return this.#rawTypes
  }

  /** The app may have made or changed a raw table. Only in a transaction. */
  refreshRawTriggers(): void {
    this.#rawTriggers.refresh()
  }

  /** Empty the local-only tables; gives the views whose rows went. */
  clearLocal(): string[] {
    return Object.entries(this.#schema.tables)
      .filter(([name, table]) => {
        if (!table.localOnly) return false
        return this.#db.prepare(`DELETE FROM ${quoteName(dataTableName(name, table))}`).run().changes > 0
      })
      .map(([name, table]) => viewName(name, table))
  }

  /** Make the database fit the schema, in a transaction of its own. Throws `invalid_schema`. */
  apply(schema: Schema): void {
    if (JSON.stringify(schema) === JSON.stringify(this.#schema) && this.#isCurrent()) return
    const problem = findSchemaProblem(schema)
    if (problem) throw new StorageError('invalid_schema', problem.message)
    this.#refuseTakenNames(schema)
    try {
      this.#db.transaction(() => this.#change(this.#schema, schema)).immediate()
    } finally {
      this.#rowTypes.forget()
      this.#load()
    }
  }

  #isCurrent(): boolean {
    return [...this.#objectsOf(this.#schema)].every(([name, { create }]) => this.#stored(name) === create)
  }

  #change(from: Schema, to: Schema): void {
    const newObjects = this.#objectsOf(to)
    for (const [name, { drop }] of this.#objectsOf(from)) {
      if (newObjects.get(name)?.create !== this.#stored(name)) this.#db.exec(drop)
    }
    this.#changeDataTables(dataTablesOf(from), dataTablesOf(to))
    this.#changeRawTables(from.rawTables ?? {}, to.rawTables ?? {})
    for (const [name, { create }] of newObjects) {
      if (this.#stored(name) === null) this.#db.exec(create)
    }
    this.#db
      .prepare(
        `INSERT INTO ps_kv(key, value) VALUES ('schema', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
      )
      .run(JSON.stringify(to))
  }

  #changeDataTables(from: Map<string, DataTable>, to: Map<string, DataTable>): void {
    for (const [dataTable, old] of from) if (!to.has(dataTable)) this.#removeDataTable(dataTable, old)
    for (const [dataTable, next] of to) {
      const old = from.get(dataTable)
      if (old) this.#changeColumns(dataTable, old.columns, next.columns)
      else this.#addDataTable(dataTable, next)
    }
  }

  /**
   * A type that gets or loses a raw table: its entries take what they lack of data, and its rows are noted, so that
   * the next checkpoint that is applied puts them where they belong now. The table itself is the app's.
   */
  #changeRawTables(from: RawTables, to: RawTables): void {
    for (const type of new Set([...Object.keys(from), ...Object.keys(to)])) {
      if (Object.hasOwn(from, type) && Object.hasOwn(to, type)) continue
      const rowType = this.#rowTypes.idOf(type)
      const { openAll, removeAll } = untypedTable(this.#db, rowType)
      openAll.run(rowType)
      removeAll.run(rowType)
      this.#db
        .prepare(
          `INSERT INTO ps_updated_rows(row_type, row_id)
           SELECT DISTINCT row_type, row_id FROM ps_oplog WHERE row_type = ? ON CONFLICT DO NOTHING`,
        )
        .run(rowType)
    }
    this.#rawTriggers.use(to)
    this.#rawTriggers.refresh()
  }

  /** Its synced rows wait in `ps_untyped` until a schema names their type again; local ones go. */
  #removeDataTable(dataTable: string, { name, columns, synced }: DataTable): void {
    if (synced) {
      this.#db
        .prepare(
          `INSERT INTO ps_untyped(row_type, id, data)
           SELECT ?, id, ${jsonFromColumns(columns)} FROM ${quoteName(dataTable)}`,
        )
        .run(this.#rowTypes.idOf(name))
    }
    this.#db.exec(`DROP TABLE ${quoteName(dataTable)}`)
  }

  #addDataTable(dataTable: string, { name, columns, synced }: DataTable): void {
    this.#db.exec(createDataTable(dataTable, columns))
    if (!synced) return
    const rowType = this.#rowTypes.idOf(name)
    const filled = ['id', '_rest', ...columns].map(quoteName)
    this.#db
      .prepare(
        `INSERT INTO ${quoteName(dataTable)}(${filled.join(', ')})
         SELECT id, ${columnsFromJson('data', columns).join(', ')} FROM ps_untyped WHERE row_type = ? ORDER BY id`,
      )
      .run(rowType)
    this.#db.prepare('DELETE FROM ps_untyped WHERE row_type = ?').run(rowType)
  }

  /** Values of columns that go are folded into `_rest`; columns that come are filled from it. */
  #changeColumns(dataTable: string, from: readonly string[], to: readonly string[]): void {
    const added = to.filter((column) => !from.includes(column))
    const removed = from.filter((column) => !to.includes(column))
    if (removed.length > 0) this.#rebuild(dataTable, to, added, removed)
    else if (added.length > 0) this.#addColumns(quoteName(dataTable), added)
  }

  #addColumns(target: string, added: readonly string[]): void {
    for (const column of added) this.#db.exec(`ALTER TABLE ${target} ADD COLUMN ${quoteName(column)}`)
    const values = added.map((column) => `${quoteName(column)} = ${columnFromJson('_rest', column)}`)
    const rest = `_rest = ${removeFromJson('_rest', added)}`
    this.#db.exec(`UPDATE ${target} SET ${[...values, rest].join(', ')} WHERE _rest IS NOT NULL`)
  }

  /**
   * By way of a copy. SQLite's own DROP COLUMN rewrites the table for each column, and refuses while a view of
   * the app's stands on one of ours.
   */
  #rebuild(
    dataTable: string,
    columns: readonly string[],
    added: readonly string[],
    removed: readonly string[],
  ): void {
    const target = quoteName(dataTable)
    const values = columns.map((column) =>
      added.includes(column) ? columnFromJson('_rest', column) : quoteName(column),
    )
    const rest = removeFromJson('_rest', added)
    const anyRemoved = anyOf(removed.map((column) => `${quoteName(column)} IS NOT NULL`))
    const folded = `CASE WHEN ${anyRemoved} THEN ${setInJson(`coalesce(${rest}, '{}')`, removed)} ELSE ${rest} END`
    this.#db.exec(`CREATE TABLE ps_rebuilt AS SELECT ${['id', folded, ...values].join(', ')} FROM ${target}`)
    this.#db.exec(`DROP TABLE ${target}`)
    this.#db.exec(createDataTable(dataTable, columns))
    this.#db.exec(`INSERT INTO ${target} SELECT * FROM ps_rebuilt`)
    this.#db.exec('DROP TABLE ps_rebuilt')
  }

  /** The text of a view with our triggers, or of an index, as it is in the database; null: it is not there. */
  #stored(name: string): string | null {
    return this.#storedText.get({ name }) as string | null
  }

  #objectsOf(schema: Schema): Map<string, SchemaObject> {
    return objectsOf(schema, (name) => this.#rowTypes.idOf(name))
  }

  #refuseTakenNames(schema: Schema): void {
    const ours = new Set(this.#objectsOf(this.#schema).keys())
    const exists = this.#db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE')
    for (const [name, table] of Object.entries(schema.tables)) {
      const view = viewName(name, table)
      if (ours.has(view.toLowerCase()) || exists.get(view) === undefined) continue
      throw new StorageError(
        'invalid_schema',
        `Table "${name}" has the view name "${view}", which something else in the database has already.`,
      )
    }
  }

  #load(): void {
    const text = this.#db.prepare(`SELECT value FROM ps_kv WHERE key = 'schema'`).pluck().get() as
      | string
      | undefined
    this.#schema = text === undefined ? { tables: {} } : (JSON.parse(text) as Schema)
    this.#rowTables.clear()
    for (const [name, table] of Object.entries(this.#schema.tables)) {
      if (table.localOnly) continue
      const rowType = this.#rowTypes.idOf(name)
      this.#rowTables.set(rowType, columnTable(this.#db, rowType, name, table))
    }
    const raw = Object.entries(this.#schema.rawTables ?? {})
    this.#rawTypes = raw.map(([name]) => this.#rowTypes.idOf(name))
    for (const [index, [name, table]] of raw.entries()) {
      const rowType = this.#rawTypes[index]!
      this.#rowTables.set(rowType, rawTable(this.#db, rowType, name, table))
    }
    this.#rawTriggers.use(this.#schema.rawTables ?? {})
  }

  #syncedTypes({ tables, rawTables = {} }: Schema): number[] {
    const names = Object.keys(tables).filter((name) => !tables[name]!.localOnly)
    return [...names, ...Object.keys(rawTables)].map((name) => this.#rowTypes.idOf(name))
  }
}

/** Nested by halves: SQLite's expressions are 1,000 levels deep at most, and a chain of ORs is one for each. */
function anyOf(conditions: readonly string[]): string {
  if (conditions.length === 1) return conditions[0]!
  const half = Math.ceil(conditions.length / 2)
  return `(${anyOf(conditions.slice(0, half))} OR ${anyOf(conditions.slice(half))})`
}

/** Between the statements of one object. */
const SEPARATOR = ';\n'

/** A view with its triggers, or an index, by its name in lower case. */
interface SchemaObject {
  readonly create: string
  readonly drop: string
}

function objectsOf(schema: Schema, rowTypeOf: (name: string) => number): Map<string, SchemaObject> {
  const objects = new Map<string, SchemaObject>()
  for (const [name, table] of Object.entries(schema.tables)) {
    const view = viewName(name, table)
    objects.set(view.toLowerCase(), {
      create: [
        createView(name, table),
        ...createTriggers(name, table, table.localOnly ? 0 : rowTypeOf(name)),
      ].join(SEPARATOR),
      drop: `DROP VIEW IF EXISTS ${quoteName(view)}`,
    })
    for (const [index, parts] of Object.entries(table.indexes ?? {})) {
      const full = indexName(name, table, index)
      objects.set(full.toLowerCase(), {
        create: createIndex(name, table, index, parts),
        drop: `DROP INDEX IF EXISTS ${quoteName(full)}`,
      })
    }
  }
  return objects
}

interface DataTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly synced: boolean
}

function dataTablesOf(schema: Schema): Map<string, DataTable> {
  return new Map(
    Object.entries(schema.tables).map(([name, table]: [string, TableSchema]) => [
      dataTableName(name, table),
      { name, columns: Object.keys(table.columns), synced: !table.localOnly },
    ]),
  )
}

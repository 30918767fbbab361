/**
 * The empty in-memory database in which the SQL gate prepares statements: the app's views by name and column,
 * on nothing, and the raw and virtual tables that windows may read. No internal table of ours exists here.
 */
import type * as BuiltIn from 'node:sqlite'
import type { Schema, TableSchema } from '../schema/schema.ts'
import { METADATA_COLUMNS, quoteName, viewName } from '../schema/sql.ts'

type BuiltInSqlite = typeof BuiltIn
/** SQLite's numbers for what an authorizer is asked. */
export type Actions = BuiltInSqlite['constants']

export interface Model {
  readonly db: BuiltIn.DatabaseSync
  /** Names as in the schema, by their folded names. */
  readonly readable: ReadonlyMap<string, string>
  readonly writable: ReadonlyMap<string, string>
  /** The table that the views' triggers write. It exists in no real database. */
  readonly probe: string
}

/** Node's own SQLite, where it has an authorizer (Node 24.10 and later; Electron may leave it out), else null. */
export function builtInSqlite(): BuiltInSqlite | null {
  const sqlite = process.getBuiltinModule('node:sqlite') as BuiltInSqlite | undefined
  return sqlite !== undefined && 'setAuthorizer' in sqlite.DatabaseSync.prototype ? sqlite : null
}

/** Fold a name as SQLite does: ASCII only. (`toLowerCase` would make the Kelvin sign a k.) */
export function foldCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

export function buildModel(
  { DatabaseSync }: BuiltInSqlite,
  schema: Schema,
  readable: { readonly [name: string]: string },
): Model {
  const db = new DatabaseSync(':memory:', {
    allowExtension: false,
    // As better-sqlite3 is built: "x" is always a name, never a text.
    enableDoubleQuotedStringLiterals: false,
    limits: { attach: 0, vdbeOp: MAX_OPCODES },
  })
  db.exec(`CREATE TABLE ${PROBE}(value NOT NULL)`)
  const views = new Map<string, string>()
  for (const [name, table] of Object.entries(schema.tables)) {
    const view = viewName(name, table)
    db.exec(createModelView(view, table))
    views.set(foldCase(view), view)
  }
  const tables = Object.keys(readable).map((name) => [foldCase(name), name] as const)
  for (const create of Object.values(readable)) db.exec(create)
  return { db, readable: new Map([...tables, ...views]), writable: views, probe: PROBE }
}

/** Far above a good statement; a list of 50,000 literals still fits. */
const MAX_OPCODES = 250_000
/** No view can have this name: `ps_` is reserved. */
const PROBE = 'ps_probe'

/** A view with the names and types of the app's, and triggers for the writes that its real ones take. */
function createModelView(view: string, table: TableSchema): string {
  const extra = table.trackMetadata ? METADATA_COLUMNS : []
  const types = ['text', ...Object.values(table.columns), ...extra.map(() => 'text')]
  const names = ['id', ...Object.keys(table.columns), ...extra].map(quoteName)
  const values = types.map((type) => `CAST(NULL AS ${type})`)
  const create = `CREATE VIEW ${quoteName(view)}(${names.join(', ')}) AS SELECT ${values.join(', ')};`
  const events = table.insertOnly ? ['INSERT'] : ['INSERT', 'UPDATE', 'DELETE']
  return (
    create +
    events
      .map(
        (event) =>
          `CREATE TRIGGER ${quoteName(`ps_${event} ${view}`)} INSTEAD OF ${event} ON ${quoteName(view)}
           BEGIN INSERT INTO ${PROBE} VALUES (1); END;`,
      )
      .join('')
  )
}

/**
 * Triggers that record the app's writes to raw tables. The app makes and changes those tables whenever it likes,
 * so the triggers are compared with what they should be whenever the database's schema has changed.
 */
import { rawTableName, rawTriggers, syncedColumnsOf } from '../schema/raw.ts'
import type { RawTableSchema } from '../schema/schema.ts'
import { quoteName } from '../schema/sql.ts'
import type { Connection } from './connection.ts'
import { columnsOfTable } from './raw-table.ts'
import { StorageError } from './storage.ts'

export class RawTriggers {
  readonly #db: Connection
  #tables: readonly (readonly [type: string, raw: RawTableSchema])[] = []
  #seenVersion: unknown = null

  constructor(db: Connection) {
    this.#db = db
  }

  /** These raw tables are in the schema now. */
  use(tables: { readonly [type: string]: RawTableSchema }): void {
    this.#tables = Object.entries(tables)
    this.#seenVersion = null
  }

  /**
   * Make, change and drop triggers. Only in a transaction; costs next to nothing when nothing has changed. Throws
   * `invalid_schema` when a table has no column `id`.
   */
  refresh(): void {
    if (this.#tables.length === 0 && this.#seenVersion !== null) return
    const version = this.#db.pragma('schema_version', { simple: true })
    if (version === this.#seenVersion) return
    const expected = this.#expected()
    const stored = new Map(
      this.#db
        .prepare(
          `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'ps\\_raw\\_%' ESCAPE '\\'`,
        )
        .raw()
        .all() as [string, string][],
    )
    const outdated = [...stored].filter(([name, sql]) => expected.get(name) !== sql)
    const missing = [...expected].filter(([name, sql]) => stored.get(name) !== sql)
    for (const [name] of outdated) this.#db.exec(`DROP TRIGGER ${quoteName(name)}`)
    for (const [, sql] of missing) this.#db.exec(sql)
    // What is changed now may be rolled back, and the number of its version be used again.
    if (outdated.length === 0 && missing.length === 0) this.#seenVersion = version
  }

  #expected(): Map<string, string> {
    const triggers = new Map<string, string>()
    for (const [type, { schema }] of this.#tables) {
      if (!schema?.recordWrites) continue
      const columns = columnsOfTable(this.#db, rawTableName(type, schema))
      if (columns.length === 0) continue
      if (!columns.includes('id')) {
        throw new StorageError('invalid_schema', `The raw table for type "${type}" has no column "id".`)
      }
      for (const [name, sql] of rawTriggers(type, syncedColumnsOf(columns, schema), schema)) {
        triggers.set(name, sql)
      }
    }
    return triggers
  }
}

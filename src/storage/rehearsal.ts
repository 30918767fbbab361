/**
 * Runs writes that change nothing: on a connection that only reads, each view of the app is covered by one of its
 * own whose triggers do nothing. All that a statement computes is computed, so one that would never end on the
 * writer's connection, where nothing could end it, does not end here either, where something can.
 *
 * Each statement sees the database as it is, not what those before it would have written.
 */
import { type Connection, connect, isSqliteError, type Statement, translatingErrors } from './connection.ts'
import type { FileOptions } from './file.ts'
import type { ReadParameters } from './row.ts'
import type { Schema } from '../schema/schema.ts'
import { quoteName, viewName } from '../schema/sql.ts'
import { StorageError } from './storage.ts'

/** How many statements stay prepared. */
const PREPARED = 200

export class Rehearsal {
  readonly #db: Connection
  readonly #prepared = new Map<string, Statement>()

  /** Throws a `StorageError`. */
  constructor(path: string, schema: Schema, options: FileOptions) {
    this.#db = translatingErrors(() => connect(path, { ...options, readonly: true }))
    // Triggers of ours name them, and without them could not be read.
    for (const name of ['headwater_row_written', 'powersync_in_sync_operation']) {
      this.#db.function(name, { directOnly: false }, () => null)
    }
    for (const [name, table] of Object.entries(schema.tables)) this.#cover(viewName(name, table))
  }

  /**
   * False: it would write past the views, by naming the database (`main.todos`). Throws `sql_failed` for what SQLite
   * cannot read; of a failure while it runs the writer will know more.
   */
  run(sql: string, parameters: ReadParameters): boolean {
    const statement = this.#prepare(sql)
    try {
      if (statement.reader) for (const _ of statement.iterate(parameters)) continue
      else statement.run(parameters)
      return true
    } catch (error) {
      return !(isSqliteError(error) && error.code.startsWith('SQLITE_READONLY'))
    }
  }

  #cover(view: string): void {
    const name = quoteName(view)
    const events = ['INSERT', 'UPDATE', 'DELETE']
    this.#db.exec(`CREATE TEMP VIEW ${name} AS SELECT * FROM main.${name};
${events.map((event) => `CREATE TEMP TRIGGER ${quoteName(`${event} ${view}`)} INSTEAD OF ${event} ON temp.${name} BEGIN SELECT 1; END;`).join('\n')}`)
  }

  #prepare(sql: string): Statement {
    const known = this.#prepared.get(sql)
    if (known) return known
    const statement = this.#parse(sql)
    if (this.#prepared.size >= PREPARED) this.#prepared.clear()
    this.#prepared.set(sql, statement)
    return statement
  }

  #parse(sql: string): Statement {
    try {
      return this.#db.prepare(sql)
    } catch (error) {
      throw new StorageError('sql_failed', (error as Error).message, error)
    }
  }
}

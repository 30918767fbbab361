/**
 * Runs writes that change nothing: on a connection that only reads, each view of the app is covered by one of its
 * own whose triggers do nothing. What a statement would compute on the writer's connection, where nothing could end
 * it, it computes here first, where something can.
 *
 * It computes the same as long as it sees the same. It does not see what the statements before it in its batch would
 * have written, nor what others write before it runs, and chance and the clock may decide otherwise the second time.
 * So this catches a mistake, and is no wall (`DECISIONS.md`, 28).
 */
import {
  asStatementError,
  asStorageError,
  type Connection,
  connect,
  type ConnectOptions,
  isMistake,
  isSqliteError,
  type Statement,
  translatingErrors,
} from './connection.ts'
import type { ReadParameters } from './row.ts'
import type { Schema } from '../schema/schema.ts'
import { quoteName, viewName } from '../schema/sql.ts'
import { StatementCache } from './statement-cache.ts'

/** How many statements stay prepared. */
const PREPARED = 200

export class Rehearsal {
  readonly #db: Connection
  readonly #prepared = new StatementCache<Statement>(PREPARED)

  /** Throws a `StorageError`. */
  constructor(path: string, schema: Schema, options: ConnectOptions) {
    this.#db = translatingErrors(() => connect(path, { ...options, readonly: true }))
    // Triggers of ours name them, and without them could not be read.
    for (const name of ['headwater_row_written', 'powersync_in_sync_operation']) {
      this.#db.function(name, { directOnly: false }, () => null)
    }
    for (const [name, table] of Object.entries(schema.tables)) this.#cover(viewName(name, table))
  }

  /**
   * False: it would write past the views, by naming the database (`main.todos`). Throws a `StorageError`:
   * `sql_failed` for what SQLite cannot read, and what kept it from running to its end here. Where the statement
   * itself fails, the writer is to say so: there it may see other rows.
   */
  run(sql: string, parameters: ReadParameters): boolean {
    const statement = this.#prepared.of(sql, () => this.#prepare(sql))
    try {
      if (statement.reader) for (const _ of statement.iterate(parameters)) continue
      else statement.run(parameters)
      return true
    } catch (error) {
      if (isSqliteError(error) && error.code.startsWith('SQLITE_READONLY')) return false
      if (isMistake(error)) return true
      throw asStorageError(error)
    }
  }

  #cover(view: string): void {
    const name = quoteName(view)
    const events = ['INSERT', 'UPDATE', 'DELETE']
    this.#db.exec(`CREATE TEMP VIEW ${name} AS SELECT * FROM main.${name};
${events.map((event) => `CREATE TEMP TRIGGER ${quoteName(`${event} ${view}`)} INSTEAD OF ${event} ON temp.${name} BEGIN SELECT 1; END;`).join('\n')}`)
  }

  #prepare(sql: string): Statement {
    try {
      return this.#db.prepare(sql)
    } catch (error) {
      throw asStatementError(error)
    }
  }
}

/**
 * The port of the storage room: what the engine asks of the database. One implementation, SQLite
 * (`sqlite/…`); the engine and its tests see only this.
 */
import type { Loaded, StorageCommand, StorageOutcome } from '../sync/event.ts'
import type { Schema } from '../schema/schema.ts'

/** What one committed turn changed, for those who watch tables. */
export interface Committed {
  /** Views whose rows changed, by their names in the schema, sorted. */
  readonly tables: readonly string[]
}

export interface Storage {
  /** What is on disk, for the machine's `loaded` event. */
  load(): Loaded
  /** Build or change the views. Applying an equal schema changes nothing. Refused inside a turn. */
  setSchema(schema: Schema): void
  /**
   * Run one turn in one transaction. When `work` or the commit throws, the database and everything that this
   * object remembers is as it was before, and the error is thrown on.
   */
  turn<T>(work: () => T): { readonly value: T; readonly committed: Committed }
  /** Carry out one command. Only inside a turn. Null: the command has no outcome. */
  execute(command: StorageCommand): StorageOutcome | null
  /** Checkpoint the WAL and close. Safe to call twice. */
  close(): void
}

/**
 * - `database_in_use`: another daemon has the file open.
 * - `database_newer`: made by a newer version of Headwater.
 * - `database_foreign`: made by the native core or another program.
 * - `sqlite_too_old`: the SQLite library has a bug that can corrupt a WAL database (needs 3.51.3).
 * - `node_too_old`: this Node cannot run the SQLite binary.
 * - `invalid_row`: the service sent a row that is not JSON; the message names type, id and op id.
 * - `invalid_schema`: the schema breaks a rule; the message names table and column.
 * - `database_busy`, `database_full`, `database_corrupt`, `database_failed`: what SQLite said.
 */
export type StorageErrorCode =
  | 'database_in_use'
  | 'database_newer'
  | 'database_foreign'
  | 'sqlite_too_old'
  | 'node_too_old'
  | 'invalid_row'
  | 'invalid_schema'
  | 'database_busy'
  | 'database_full'
  | 'database_corrupt'
  | 'database_failed'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

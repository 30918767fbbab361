/**
 * The port of the storage room: what the engine asks of the database. One implementation, SQLite (sqlite.ts);
 * the engine and its tests see only this.
 */
import type { Loaded, StorageCommand, StorageOutcome } from '../sync/event.ts'
import type { Schema } from '../schema/schema.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { OpId } from '../wire/line.ts'
import type { ReadParameters, ReadRow, ReadValue } from './row.ts'

export type SqlValue = ReadValue
export type { ReadRow } from './row.ts'

/** What one committed turn changed, for those who watch tables. */
export interface Committed {
  /** Views of the schema and tables of the app whose rows changed, sorted. */
  readonly tables: readonly string[]
}

/** What a turn gave, and what it changed. */
export interface Turned<T> {
  readonly value: T
  readonly committed: Committed
  /** A large merge wrote so much that its commit left copying the log to somebody else, or to a later commit. */
  readonly hasLongLog: boolean
}

export type ApplyCommand = Extract<StorageCommand, { do: 'apply' }>

/**
 * The user's own writes, in one transaction that is on the disk when `commit` returns. What it writes to synced
 * and insert-only views waits in the upload queue as one transaction.
 */
export interface LocalTransaction {
  /**
   * Run one statement. A number binds as REAL, a bigint as INTEGER. `changes`: how many rows it wrote, of a view
   * or of a table. Throws a `StorageError`; the transaction stays open and nothing of that statement is kept
   * (unless it says OR FAIL).
   */
  execute(
    sql: string,
    parameters: ReadParameters,
  ): { readonly rows: readonly ReadRow[]; readonly changes: number }
  /** When it throws, everything is rolled back. */
  commit(): Committed
  /** Safe to call after a commit. */
  rollback(): void
}

/** One write that waits for its upload. JSON texts are as SQLite wrote them: integers keep all 64 bits. */
export interface CrudEntry {
  /** Grows with each entry, never used twice. */
  readonly id: number
  /** All entries of one local transaction share it; grows by one with each, never used twice. */
  readonly transactionId: number
  readonly op: 'PUT' | 'PATCH' | 'DELETE'
  /** Name of the table in the schema. */
  readonly table: string
  readonly rowId: string
  /** The row (PUT) or what changed (PATCH), keys sorted; null for DELETE. */
  readonly data: string | null
  /** With `trackPrevious`: the values before. */
  readonly previousValues: string | null
  /** With `trackMetadata`: what the write gave as `_metadata`. */
  readonly metadata: string | null
  /** When its transaction was committed, in milliseconds since 1970; null: by a version that did not note it. */
  readonly queuedAt: number | null
}

export interface QueueOptions {
  /** Only entries after this id. */
  readonly after?: number
  /** At most so many entries. */
  readonly limit: number
  /**
   * Leave out the last transaction where `limit` would cut it; the first one comes whole, whatever its size.
   * False: the limit may cut.
   */
  readonly wholeTransactions: boolean
}

export interface QueueSize {
  readonly entries: number
  readonly transactions: number
  /** Of data, previous values and metadata. */
  readonly bytes: number
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
  turn<T>(work: () => T): Turned<T>
  /**
   * The same in slices. Between them the transaction stays open: nobody may write, or read what only a commit
   * makes true. Returning the generator rolls back.
   */
  slicedTurn<T>(work: () => Generator<void, T>): Generator<void, Turned<T>>
  /** Carry out one command. Only inside a turn. Null: the command has no outcome. */
  execute(command: StorageCommand): StorageOutcome | null
  /** As `execute`, of the one command that can take long. */
  slicedApply(command: ApplyCommand): Generator<void, StorageOutcome>
  /**
   * Begin a local transaction. Turns, schema changes and another one are refused until it ends. A statement that
   * still writes rows after `maxMs` milliseconds of the transaction fails with `write_timeout`; default: none does.
   */
  beginLocal(maxMs?: number): LocalTransaction
  /** The upload queue, oldest first. */
  readQueue(options: QueueOptions): readonly CrudEntry[]
  queueSize(): QueueSize
  /**
   * Whether the service must be asked for a write checkpoint: all writes are uploaded and the gate waits for a
   * proof that nobody has asked for yet. From this call on, a local write makes the next `set_target` void: the
   * service may have answered before it saw that write.
   */
  needsWriteCheckpoint(): boolean
  /** The newest transactions that left the queue without having been uploaded (null: all), oldest first. */
  deadLetters(limit: number | null): readonly DeadLetter[]
  /** Keep one; keeping the same transaction again replaces it. */
  keepDeadLetter(letter: DeadLetter): void
  deleteDeadLetter(transactionId: number): void
  /** The last checkpoint request id that was allocated or seeded; null: none. */
  lastRequest(): OpId | null
  /** Close, and empty the write-ahead log if that can be done at once. Safe to call twice. */
  close(): void
}

/**
 * - `path_unusable`: no database can lie there, or the operating system does not let us at it.
 * - `database_in_use`: another daemon has the file open.
 * - `database_newer`: made by a newer version of Headwater.
 * - `database_foreign`: made by the native core or another program.
 * - `encryption_unavailable`: the driver with ciphers is not installed, or has none.
 * - `wrong_key`: an encrypted file has another key, or the file is not encrypted.
 * - `sqlite_too_old`: the SQLite library has a bug that can corrupt a WAL database (needs 3.51.3).
 * - `node_too_old`: this Node cannot run the SQLite binary.
 * - `invalid_row`: the service sent a row that is not JSON; the message names type, id and op id.
 * - `invalid_schema`: the schema breaks a rule; the message names table and column.
 * - `raw_table_failed`: a raw table is not there, or refused a row; the message names type, id and statement.
 * - `write_timeout`: the local transaction wrote for longer than it may.
 * - `sql_failed`: the app's own statement is wrong, or breaks a constraint; the message is SQLite's.
 * - `database_busy`, `database_full`, `database_corrupt`, `database_failed`: what SQLite said.
 */
export type StorageErrorCode =
  | 'path_unusable'
  | 'database_in_use'
  | 'database_newer'
  | 'database_foreign'
  | 'encryption_unavailable'
  | 'wrong_key'
  | 'sqlite_too_old'
  | 'node_too_old'
  | 'invalid_row'
  | 'invalid_schema'
  | 'raw_table_failed'
  | 'sql_failed'
  | 'write_timeout'
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

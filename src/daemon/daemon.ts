/**
 * The face of Headwater on the main thread: what an app (and the ipc room) holds in its hands. The work is
 * done by the engine in a worker thread; nothing here blocks.
 */
import type { Connector, Transport } from '../connector/connector.ts'
import type { CrudEntry } from '../connector/upload.ts'
import type { SpawnReader } from '../engine/read-process/channel.ts'
import type { BucketPage, BucketQuery, Encryption } from '../engine/face.ts'
import type { Schema } from '../schema/schema.ts'
import type { LiveHandle } from './live/queries.ts'
import type {
  NamedQuery,
  QueryResult,
  SqlParameters,
  SqlValue,
  Statement,
  Transaction,
  TransactionOptions,
  WatchOptions,
  WatchUpdate,
  WindowSql,
  WriteOptions,
  WriteResult,
} from './sql.ts'
import type { StreamParameters } from '../status/parameters.ts'
import type { ErrorInfo, Status, StatusDelta, StreamStatus } from '../status/status.ts'

export type { BucketPage, BucketQuery, Encryption } from '../engine/face.ts'
export type { LiveHandle } from './live/queries.ts'
export type { LiveUpdate } from './live/query.ts'
export type { CrudEntry }
export { DaemonError } from './error.ts'
export type * from './sql.ts'
export type { SpawnReader }

export interface DaemonOptions {
  /** The database file. Made when it does not exist. */
  readonly path: string
  readonly schema: Schema
  readonly connector: Connector
  /** Named queries for windows. Default: none. */
  readonly queries?: { readonly [name: string]: NamedQuery }
  /** Fetch bytes on the main thread by this transport. Default: HTTP by Node's fetch in the worker. */
  readonly transport?: Transport
  /** Run the engine on this thread instead of a worker, for tests. Default false. */
  readonly inProcess?: boolean
  /** The built worker file, where a bundler moved it. Default: the source file beside this one. */
  readonly workerPath?: string
  /**
   * Starts the process that reads for windows. Default: a child process of Node (`forkReader`); for `openDaemon` of
   * `headwater/electron`, a utility process (`utilityReader`).
   */
  readonly spawnReader?: SpawnReader
  /** Virtual tables that windows may read, each with its CREATE VIRTUAL TABLE statement. Default: none. */
  readonly virtualTables?: { readonly [name: string]: string }
  /** How long a query of a window may run, in milliseconds. Default 5,000. */
  readonly windowQueryMs?: number
  /** The SQLite binary, where a packager moved it. Default: better-sqlite3's own. */
  readonly nativeBinding?: string
  /**
   * Encrypt the file, with a driver that the app installs. A file is made with a key and opens with that key only:
   * else `wrong_key`. Default: it is not encrypted.
   *
   * @example
   * // npm install better-sqlite3-multiple-ciphers
   * await openDaemon({ …, encryption: { driver: 'better-sqlite3-multiple-ciphers', key: await readKey() } })
   */
  readonly encryption?: Encryption
  /** Record a trace of at most this many bytes in memory. Default 0: off. */
  readonly traceBytes?: number
}

export interface ConnectOptions {
  /** Connection parameters, seen by all streams. Default `{}`. */
  readonly params?: StreamParameters
  /** Strings for the service's logs. Default `{}`. */
  readonly appMetadata?: { readonly [key: string]: string }
  /** Sync the streams that the service subscribes by itself. Default true. */
  readonly includeDefaultStreams?: boolean
  /**
   * Who counts the checkpoints that prove an upload: the service (`legacy`, which every service knows) or this
   * client (`requests`). Default `legacy`.
   */
  readonly checkpointMode?: 'legacy' | 'requests'
  /** Milliseconds from one beginning of an upload to the next, so that quick writes go out together. Default 1,000. */
  readonly uploadThrottleMs?: number
}

/** A question to the service whether everything that it has seen by now has come. */
export interface CheckpointRequest {
  /** Names the checkpoint at the service. */
  readonly id: bigint
  readonly hasSynced: boolean
  /** Resolves once it has come; rejects with the signal's reason, and when the daemon closes. */
  waitForSync(options?: { readonly signal?: AbortSignal }): Promise<void>
}

export interface SubscribeOptions {
  /**
   * Seconds that the data stays after the last holder went. `Infinity`, or more than 1,000 years: for ever.
   * Default 86,400 (a day).
   */
  readonly ttl?: number
  /** 0 (first) to 3. Default: the service's own priority of the stream. */
  readonly priority?: number
  /** Who holds it, as the inspector shows it. Default `app`. */
  readonly holder?: string
}

/** A hold on a stream. While one lives, the subscription never expires. */
export interface SyncStreamSubscription {
  readonly name: string
  readonly params: StreamParameters
  /** What is known of the stream now; null before the engine has stored it. */
  readonly status: StreamStatus | null
  /**
   * Aborts when the hold is over: given back, or dropped by others. The reason is a `DaemonError`: `unsubscribed`,
   * `closed`, `engine_failed`.
   */
  readonly ended: AbortSignal
  /**
   * Resolves once the stream has synced. Rejects with the signal's reason when aborted, and with a `DaemonError`
   * when that can no longer come: `unsubscribed`, `closed`, `engine_failed`.
   */
  waitForFirstSync(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Give the hold back; the TTL runs when it was the last. Calling it again does nothing. */
  unsubscribe(): void
}

/** A stream by name and parameters. Making one does nothing yet. */
export interface SyncStream {
  readonly name: string
  readonly params: StreamParameters
  /** Hold the stream. Works offline. Rejects with a `DaemonError` for a bad TTL or priority. */
  subscribe(options?: SubscribeOptions): Promise<SyncStreamSubscription>
  /** Drop all holds of everyone and forget the subscription (a default stream stays, as the service's). */
  unsubscribeAll(): Promise<void>
}

export interface ClearOptions {
  /** Delete the rows of local-only tables too. Default true. */
  readonly clearLocal?: boolean
  /** Keep what was downloaded, out of sight, so that the next user of it downloads less. Default false. */
  readonly soft?: boolean
}

/** A local transaction that was given up. */
export interface DeadLetter {
  readonly transactionId: number
  readonly crud: readonly CrudEntry[]
  /** Why the backend would not have it. */
  readonly error: ErrorInfo
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly discardedAt: number
}

export interface LogLine {
  readonly at: number
  readonly severity: 'debug' | 'info' | 'warning'
  readonly text: string
}

/**
 * @example
 * const daemon = await openDaemon({ path: 'app.db', schema, connector })
 * await daemon.connect()
 * const todos = await daemon.syncStream('todos', { list: 'a' }).subscribe({ ttl: 3600 })
 * await todos.waitForFirstSync()
 */
export interface Daemon {
  /** Names this run; a new one starts statuses anew. */
  readonly epoch: string
  /** The status now, offline times included from the first moment. */
  readonly status: Status
  /** Called after each commit that changed the status, which `status` then shows. Returns the way to stop. */
  onStatus(listener: (delta: StatusDelta) => void): () => void
  /** Called after each commit that changed rows, with the names of the views. */
  onTables(listener: (tables: readonly string[]) => void): () => void
  onLog(listener: (line: LogLine) => void): () => void
  /**
   * Start syncing; again with other options restarts. Without options: as before, so that a window's "go online"
   * changes nothing that the app has chosen. Resolves when the engine has taken it up.
   */
  connect(options?: ConnectOptions): Promise<void>
  disconnect(): Promise<void>
  /** Disconnect and delete what was synced and what waits for upload; for signing out. Holds stay held. */
  disconnectAndClear(options?: ClearOptions): Promise<void>
  /** Download everything again. What is there stays readable meanwhile. */
  resync(): Promise<void>
  /**
   * Use other tables from now on, connected or not. No value that was synced is lost: rows of a table that leaves
   * the schema wait until one names it again, and so do columns. Rows of local-only tables go with their table, and
   * when it becomes a synced one. An equal schema changes nothing. Rejects with `invalid_schema`, and nothing has
   * changed then.
   */
  updateSchema(schema: Schema): Promise<void>
  syncStream(name: string, params?: StreamParameters): SyncStream
  /** Run a named query on a reader connection. Rejects with a `DaemonError`. */
  query(name: string, params?: { readonly [name: string]: SqlValue }): Promise<QueryResult>
  /** Buckets page by page, at most 200 at once, on a reader connection. For people who look, not for apps. */
  inspectBuckets(query: BucketQuery): Promise<BucketPage>
  /**
   * Write to the app's tables, on the disk when it resolves; what it changes in synced tables waits for upload as
   * one transaction. Whole numbers are bound as INTEGER, others as REAL. Rejects with a `DaemonError`, and then
   * nothing was written.
   *
   * @example
   * await daemon.execute('INSERT INTO todos(id, description) VALUES (?, ?)', [randomUUID(), 'bread'])
   */
  execute(sql: string, params?: SqlParameters, options?: WriteOptions): Promise<WriteResult>
  /** All of the statements in one transaction, or none. */
  batch(statements: readonly Statement[], options?: WriteOptions): Promise<readonly WriteResult[]>
  /**
   * Write step by step, deciding on the way: committed when `work` resolves, rolled back when it rejects. While
   * it is open nothing else writes and downloads pause, so be quick and wait for no network inside.
   *
   * Rejects with what `work` threw, or with a `DaemonError`: `lock_timeout`, `transaction_idle`,
   * `transaction_nested`.
   *
   * @example
   * await daemon.transaction(async (tx) => {
   *   const { rows } = await tx.execute('SELECT count(*) AS open FROM todos WHERE done = 0')
   *   if (rows[0]?.open === 0) await tx.execute('UPDATE lists SET done = 1')
   * })
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  /**
   * Run the app's own query again whenever its tables change, on a reader connection: at most 100,000 rows. The
   * same query is run once, whoever watches it. A reader that is slow gets the newest rows and misses others.
   *
   * @example
   * for await (const update of daemon.watch('SELECT * FROM todos WHERE done = ?', [0], { signal })) {
   *   if (update.kind === 'rows') badge.count = update.rows.length
   * }
   */
  watch(sql: string, params?: SqlParameters, options?: WatchOptions): AsyncIterable<WatchUpdate>
  /** SQL that windows send, for whoever speaks to them. */
  readonly windowSql: WindowSql
  /**
   * The oldest 501 entries of the upload queue as live rows: `id`, `table`, `rowId`, `op`, `transactionId`. For
   * showing what is not uploaded yet; close it.
   */
  watchUploads(): LiveHandle
  /** The upload queue, oldest first, for people who look: at most `limit` entries (default 100) after an id. */
  uploadQueue(options?: { readonly after?: number; readonly limit?: number }): Promise<readonly CrudEntry[]>
  /** Try again now what failed or is held. */
  retryUploads(): Promise<void>
  /** Give up the oldest transaction: it becomes a dead letter. Rejects with `not_the_oldest` for another one. */
  discardUpload(transactionId: number): Promise<void>
  /**
   * Transactions that were given up, oldest first: the newest `limit` of them, default all. They stay until deleted
   * or cleared.
   */
  deadLetters(options?: { readonly limit?: number }): Promise<readonly DeadLetter[]>
  deleteDeadLetter(transactionId: number): Promise<void>
  /**
   * Ask the service for a checkpoint that holds everything it has seen by now. Rejects with `not_connected` when
   * the daemon is not to be connected, and when the service cannot be asked.
   *
   * @example
   * const request = await daemon.requestCheckpoint()
   * await request.waitForSync({ signal: AbortSignal.timeout(5000) })
   */
  requestCheckpoint(): Promise<CheckpointRequest>
  /**
   * Copy the database as it is now to a file, while everything goes on; the file is replaced once the copy is whole.
   * It is encrypted as the database is. The copy is the same client: put it back in place of the database, with no
   * daemon open, and do not use both.
   *
   * Rejects with the signal's reason, and with a `DaemonError`: `database_in_use` when a daemon has that file open,
   * `path_unusable`, `database_full`.
   *
   * @example
   * await daemon.backUp(join(folder, 'app.backup.db'))
   */
  backUp(path: string, options?: { readonly signal?: AbortSignal }): Promise<void>
  /**
   * What SQLite finds wrong with the file, as sentences; none: nothing. Reads all of it, on a thread of its own: a
   * gigabyte takes seconds, and the process cannot end before it has.
   */
  checkIntegrity(): Promise<readonly string[]>
  /** The recorded trace as JSON lines; empty when recording is off. */
  trace(): Promise<string>
  /** Stop everything within 2 s, in any state. Safe to call twice. */
  close(): Promise<void>
}

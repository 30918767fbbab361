/**
 * The face of Headwater on the main thread: what an app (and the ipc room) holds in its hands. The work is
 * done by the engine in a worker thread; nothing here blocks.
 */
import type { Connector, Transport } from '../connector/connector.ts'
import type { BucketPage, BucketQuery } from '../engine/face.ts'
import type { Schema } from '../schema/schema.ts'
import type { StreamParameters } from '../status/parameters.ts'
import type { ErrorInfo, Status, StatusDelta, StreamStatus } from '../status/status.ts'

export type { BucketPage, BucketQuery } from '../engine/face.ts'

/** A value of a row: integers beyond 2^53 are bigints, blobs are bytes. */
export type SqlValue = null | number | bigint | string | Uint8Array

export type Row = { readonly [column: string]: SqlValue }

/** A read query that the app registers under a name, so that windows need no SQL of their own. */
export interface NamedQuery {
  /** One SELECT, with named parameters such as `:project`. */
  readonly sql: string
  /** The parameters it takes; a call that gives others is refused. Default: none. */
  readonly parameters?: readonly string[]
}

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
  /** The SQLite binary, where a packager moved it. Default: better-sqlite3's own. */
  readonly nativeBinding?: string
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
}

export interface SubscribeOptions {
  /** Seconds that the data stays after the last holder went; `Infinity` for ever. Default 86,400 (a day). */
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
  /** Resolves once the stream has synced; rejects with the signal's reason when aborted. */
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

export interface LogLine {
  readonly at: number
  readonly severity: 'debug' | 'info' | 'warning'
  readonly text: string
}

export interface QueryResult {
  readonly rows: readonly Row[]
  /** Tables (views of the schema) that the query reads: run it again when one of them changes. */
  readonly tables: readonly string[]
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
  /** Called after each commit that changed the status. Returns the way to stop. */
  onStatus(listener: (delta: StatusDelta, status: Status) => void): () => void
  /** Called after each commit that changed rows, with the names of the views. */
  onTables(listener: (tables: readonly string[]) => void): () => void
  onLog(listener: (line: LogLine) => void): () => void
  /** Start syncing; again with other options restarts. Resolves when the engine has taken it up. */
  connect(options?: ConnectOptions): Promise<void>
  disconnect(): Promise<void>
  syncStream(name: string, params?: StreamParameters): SyncStream
  /** Run a named query on a reader connection. Rejects with a `DaemonError`. */
  query(name: string, params?: { readonly [name: string]: SqlValue }): Promise<QueryResult>
  /** Buckets page by page, at most 200 at once, on a reader connection. For people who look, not for apps. */
  inspectBuckets(query: BucketQuery): Promise<BucketPage>
  /** The recorded trace as JSON lines; empty when recording is off. */
  trace(): Promise<string>
  /** Stop everything within 2 s, in any state. Safe to call twice. */
  close(): Promise<void>
}

/**
 * - `closed`: the daemon is closed.
 * - `unknown_query`, `bad_parameters`: the named query does not exist or was given other parameters.
 * - `invalid_ttl`, `invalid_priority`, `invalid_params`, `invalid_metadata`: an option breaks its rule.
 * - `engine_failed`: the engine stopped; the message says why. Opening a daemon again is safe.
 * - and every `StorageErrorCode`.
 */
export class DaemonError extends Error {
  override readonly name = 'DaemonError'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }

  toInfo(): ErrorInfo {
    return { code: this.code, message: this.message }
  }
}

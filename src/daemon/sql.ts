/** SQL as apps and windows give it to the daemon, and what comes back. */
import type { ErrorInfo } from '../status/status.ts'
import type { LiveHandle } from './live/queries.ts'

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

export interface QueryResult {
  readonly rows: readonly Row[]
  /** Tables (views of the schema) that the query reads: run it again when one of them changes. */
  readonly tables: readonly string[]
}

/** Values of a statement's parameters: by position (`?`), or by name (`:name`). */
export type SqlParameters = readonly SqlValue[] | { readonly [name: string]: SqlValue }

export type Statement = readonly [sql: string, params?: SqlParameters]

export interface WriteResult {
  /** What the statement returned: RETURNING, or a SELECT. */
  readonly rows: readonly Row[]
  /** How many rows it wrote. */
  readonly changes: number
}

export interface WriteOptions {
  /** Milliseconds to wait for other local transactions; merges of downloads do not count. Default 30,000. */
  readonly lockTimeoutMs?: number
}

export interface TransactionOptions extends WriteOptions {
  /** Milliseconds without a statement after which it is rolled back. Default 10,000. */
  readonly idleTimeoutMs?: number
}

/** A local transaction that is open: `daemon.transaction` gives it. */
export interface Transaction {
  /** Run one statement. When it rejects, nothing of it is kept and the transaction stays open. */
  execute(sql: string, params?: SqlParameters): Promise<WriteResult>
}

export interface WatchOptions {
  /** Ends the watch. */
  readonly signal?: AbortSignal
  /** Milliseconds from one run of the query to the next. Default 30. */
  readonly throttleMs?: number
  /** The column that tells rows apart; where a result has none, or values twice, places do. Default `id`. */
  readonly key?: string
}

/** What a watch gives. An error leaves the rows as they were, and the query is tried again. */
export type WatchUpdate =
  | {
      readonly kind: 'rows'
      /** All rows. Those that did not change are the same objects as before. */
      readonly rows: readonly Row[]
      /** What changed since the update before; null: the first one, or some were missed. */
      readonly difference: RowsDifference | null
    }
  | { readonly kind: 'error'; readonly error: ErrorInfo }

export interface RowsDifference {
  readonly added: readonly Row[]
  readonly removed: readonly Row[]
  /** Rows whose values differ, and the columns that do. */
  readonly changed: readonly { readonly row: Row; readonly columns: readonly string[] }[]
}

/** A result in its shortest form, as it goes to windows. */
export interface SqlResult {
  /** As the statement names them; a name can occur twice. */
  readonly columns: readonly string[]
  /** The values of each row, in the order of the columns. */
  readonly rows: readonly (readonly SqlValue[])[]
  /** Views of the app that it reads. */
  readonly tables: readonly string[]
}

/**
 * SQL that windows send. Nothing of it is trusted: each statement passes the gate, reads run in a process of
 * their own with a deadline. Everything rejects with a `DaemonError`: `sql_refused`, `sql_syntax`, `sql_failed`,
 * `sql_too_complex`, `query_timeout`, `write_timeout`, `result_too_large`, `bad_parameters`, …
 */
export interface WindowSql {
  /** One statement that reads. */
  query(sql: string, params?: SqlParameters, options?: { readonly signal?: AbortSignal }): Promise<SqlResult>
  /**
   * INSERT, UPDATE and DELETE on tables of the app, all or none. Writes go one at a time, in the order of asking; the
   * wait for those before counts as the wait for other transactions.
   */
  write(statements: readonly Statement[], options?: WriteOptions): Promise<readonly WriteResult[]>
  /** A read that stays live. Errors come as data. Close it, or its query runs for ever. */
  watch(sql: string, params?: SqlParameters, options?: Pick<WatchOptions, 'throttleMs' | 'key'>): LiveHandle
}

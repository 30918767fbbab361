/**
 * The engine as the daemon sees it, wherever it runs: every call is a promise, every failure an `EngineError`
 * with a code. Implementations: `inProcess` (this thread) and `inWorker` (threads of their own).
 */
import type { Connector, Transport } from '../connector/connector.ts'
import type { RejectionPolicy } from '../connector/upload.ts'
import type { ErrorInfo, StatusDelta } from '../status/status.ts'
import type { LogSeverity, StreamOptions } from '../sync/event.ts'
import type { Schema } from '../schema/schema.ts'
import type { OpId } from '../wire/line.ts'
import type { DeadLetter } from '../storage/dead-letters.ts'
import type { Encryption } from '../storage/encryption.ts'
import type { BucketPage, BucketQuery } from '../storage/inspect-buckets.ts'
import type { ReadParameters, ReadRow } from '../storage/reader.ts'
import type { CrudEntry, QueueOptions } from '../storage/storage.ts'
import type { LiveAnswered, LiveQuestion } from './live-results.ts'
import type { NamedQueries, QueryParameters, ReadResult } from './reads.ts'

export type { BucketPage, BucketQuery, CrudEntry, DeadLetter, Encryption, QueueOptions, StreamOptions }

export interface FaceOptions {
  readonly path: string
  readonly schema: Schema
  readonly queries: NamedQueries
  readonly nativeBinding: string | null
  /** Null: the file is not encrypted. */
  readonly encryption: Encryption | null
  /** Room for a trace, in bytes; 0 records none. */
  readonly traceBytes: number
}

/** What the app provides and whom the engine tells. Called on the daemon's thread. */
export interface FacePorts {
  readonly fetchCredentials: Connector['fetchCredentials']
  /** Null: the engine's own HTTP transport. */
  readonly transport: Transport | null
  /** Runs the app's `uploadData` once, never twice at a time. Null: the app uploads nothing. */
  readonly uploadData: UploadPort | null
  onStatus(delta: StatusDelta): void
  /** A checkpoint was applied that carries this id of a checkpoint request. */
  onReached(id: OpId): void
  onTables(tables: readonly string[]): void
  onLog(severity: LogSeverity, text: string): void
  /** The engine stopped by itself; every later call fails with this error. */
  onFailed(error: EngineError): void
}

/** Rejects only when it cannot be run. */
export type UploadPort = (call: UploadAttempt, signal: AbortSignal) => Promise<UploadOutcome>

export interface UploadAttempt {
  readonly clientId: string
  /** Counts from 1 for each transaction. */
  readonly attempt: number
}

/** How a call of the app's `uploadData` ended. */
export type UploadOutcome =
  | { readonly kind: 'returned' }
  | { readonly kind: 'threw'; readonly error: ErrorInfo }
  /** The backend will never accept this transaction, then the oldest; the app says what becomes of it. */
  | {
      readonly kind: 'rejected'
      readonly transactionId: number
      readonly error: ErrorInfo
      readonly policy: RejectionPolicy
    }

/**
 * Who counts the checkpoint requests: `legacy`, the service (`GET /write-checkpoint2.json`); `requests`, this
 * client (`POST /sync/checkpoint-request`).
 */
export type CheckpointMode = 'legacy' | 'requests'

export interface ConnectCall extends StreamOptions {
  readonly checkpointMode: CheckpointMode
  /** Milliseconds from one beginning of an upload to the next. */
  readonly uploadThrottleMs: number
}

/** A subscription as callers name it: parameters are canonical text. */
export interface StreamKey {
  readonly name: string
  readonly params: string | null
}

export interface Subscribe extends StreamKey {
  /** Milliseconds; null: the default. */
  readonly ttl: number | null
  readonly priority: number | null
  readonly holder: string
}

export interface ClearOptions {
  /** Rows of local-only tables go too. */
  readonly clearLocal: boolean
  /** What was downloaded stays, out of sight, so that the next user need not download it again. */
  readonly soft: boolean
}

/** By position, or by name (`:name` in the SQL). */
export type WriteParameters = ReadParameters

export type Statement = readonly [sql: string, parameters?: WriteParameters]

export interface WriteResult {
  /** What the statement returned: RETURNING, or a SELECT. */
  readonly rows: readonly ReadRow[]
  /** How many rows it wrote. */
  readonly changes: number
}

/** What a batch of somebody who is not trusted may take. Beyond it nothing of the batch is written. */
export interface WriteBounds {
  /** Rows that all of it returns. */
  readonly maxRows: number
  /** Milliseconds of writing rows: `write_timeout`. */
  readonly maxMs: number
}

export interface TransactionLimits {
  /** Milliseconds to wait for other local transactions; merges do not count. */
  readonly lockTimeoutMs: number
  /** Milliseconds without a statement after which it is rolled back. */
  readonly idleTimeoutMs: number
}

/** What the engine does. */
export interface EngineOperations {
  connect(call: ConnectCall): Promise<void>
  disconnect(): Promise<void>
  /** Disconnect and forget what was synced. */
  clear(options: ClearOptions): Promise<void>
  resync(): Promise<void>
  /** Fit the database to another schema. */
  setSchema(schema: Schema): Promise<void>
  subscribe(subscribe: Subscribe): Promise<void>
  release(key: StreamKey, holder: string): Promise<void>
  unsubscribeAll(key: StreamKey): Promise<void>
  /** All of the statements in one local transaction, or none. */
  batch(
    statements: readonly Statement[],
    lockTimeoutMs: number,
    bounds?: WriteBounds,
  ): Promise<readonly WriteResult[]>
  /** Open a local transaction; gives its id. Nobody else writes until it is committed or rolled back. */
  beginLocal(limits: TransactionLimits): Promise<number>
  executeLocal(id: number, sql: string, parameters: WriteParameters): Promise<WriteResult>
  commitLocal(id: number): Promise<void>
  /** Does nothing for one that has ended. */
  rollbackLocal(id: number): Promise<void>
  /** The upload queue, oldest first. */
  readQueue(options: QueueOptions): Promise<readonly CrudEntry[]>
  /** The app's backend has accepted all entries up to this one. */
  completeUpload(through: number, writeCheckpoint: OpId | null): Promise<void>
  /** Try again now what failed or is held. */
  retryUploads(): Promise<void>
  /** Move the oldest transaction to the dead letters. Rejects with `not_the_oldest`. */
  discardUpload(transactionId: number): Promise<void>
  /** The newest (null: all), oldest first. */
  deadLetters(limit: number | null): Promise<readonly DeadLetter[]>
  /** Forget a dead letter. */
  deleteDeadLetter(transactionId: number): Promise<void>
  /** Ask the service for an id that a later checkpoint carries. Rejects with `not_connected`. */
  requestCheckpoint(): Promise<OpId>
  trace(): Promise<string>
}

/** What the readers do, on connections of their own. */
export interface ReadOperations {
  read(name: string, parameters: QueryParameters): Promise<ReadResult>
  /** The app's own SQL, live: what changed since the last answer. Rejects with `result_too_large`. */
  watch(sql: string, parameters: ReadParameters, live: LiveQuestion): Promise<LiveAnswered>
  /** Buckets page by page. */
  inspectBuckets(query: BucketQuery): Promise<BucketPage>
}

/** What is done beside the engine with the whole file, which can take long. */
export interface CareOperations {
  /** Copy the database to another file. Rejects with the signal's reason. */
  backUp(to: string, signal: AbortSignal | null): Promise<void>
  /** What SQLite finds wrong; empty: nothing. */
  checkIntegrity(): Promise<readonly string[]>
}

export interface EngineFace extends EngineOperations, ReadOperations, CareOperations {
  /** Settles within 2 s in any state; on this thread as soon as SQLite lets go of it. */
  close(): Promise<void>
}

/** A failure of the engine, rebuilt from the data that crossed the thread. Decide by `code`. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: string

  constructor({ code, message }: ErrorInfo, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/**
 * The engine as the daemon sees it, wherever it runs: every call is a promise, every failure an `EngineError`
 * with a code. Implementations: `inProcess` (this thread) and `inWorker` (threads of their own).
 */
import type { Connector, Transport } from '../connector/connector.ts'
import type { ErrorInfo, StatusDelta } from '../status/status.ts'
import type { LogSeverity, StreamOptions } from '../sync/event.ts'
import type { Schema } from '../schema/schema.ts'
import type { BucketPage, BucketQuery } from '../storage/inspect-buckets.ts'
import type { NamedQueries, QueryParameters, ReadResult } from './reads.ts'

export type { BucketPage, BucketQuery, StreamOptions }

export interface FaceOptions {
  readonly path: string
  readonly schema: Schema
  readonly queries: NamedQueries
  readonly nativeBinding: string | null
  /** Room for a trace, in bytes; 0 records none. */
  readonly traceBytes: number
}

/** What the app provides and whom the engine tells. Called on the daemon's thread. */
export interface FacePorts {
  readonly fetchCredentials: Connector['fetchCredentials']
  /** Null: the engine's own HTTP transport. */
  readonly transport: Transport | null
  onStatus(delta: StatusDelta): void
  onTables(tables: readonly string[]): void
  onLog(severity: LogSeverity, text: string): void
  /** The engine stopped by itself; every later call fails with this error. */
  onFailed(error: EngineError): void
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

/** What the engine does. */
export interface EngineOperations {
  connect(options: StreamOptions): Promise<void>
  disconnect(): Promise<void>
  /** Disconnect and forget what was synced. */
  clear(options: ClearOptions): Promise<void>
  resync(): Promise<void>
  subscribe(subscribe: Subscribe): Promise<void>
  release(key: StreamKey, holder: string): Promise<void>
  unsubscribeAll(key: StreamKey): Promise<void>
  trace(): Promise<string>
}

/** What the readers do, on connections of their own. */
export interface ReadOperations {
  read(name: string, parameters: QueryParameters): Promise<ReadResult>
  /** Buckets page by page. */
  inspectBuckets(query: BucketQuery): Promise<BucketPage>
}

export interface EngineFace extends EngineOperations, ReadOperations {
  /** Settles within 2 s in any state. */
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

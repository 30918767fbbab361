/**
 * What crosses between the daemon's thread and the engine's. Calls answer with a `Result`; events answer
 * nothing. Functions and signals cannot cross: a call that may be cancelled has an id.
 */
import type { Credentials } from '../connector/connector.ts'
import type { StatusDelta } from '../status/status.ts'
import type { LogSeverity } from '../sync/event.ts'
import type { OpId } from '../wire/line.ts'
import type { SyncRequest } from '../wire/request.ts'
import type { EngineOperations, FaceOptions, ReadOperations, UploadAttempt, UploadOutcome } from './face.ts'
import type { Result } from './result.ts'

/** What a worker is started with. One file serves both kinds. */
export type WorkerData =
  | {
      readonly kind: 'engine'
      readonly options: FaceOptions
      readonly mainTransport: boolean
      readonly uploads: boolean
    }
  | { readonly kind: 'reads' | 'care'; readonly options: FaceOptions }

/** Operations as they cross a thread: failures are data. */
type Answering<Operations> = {
  [Name in keyof Operations]: Operations[Name] extends (
    ...parameters: infer Parameters
  ) => Promise<infer Value>
    ? (...parameters: Parameters) => Promise<Result<Value>>
    : never
}

interface Life {
  open(): Promise<void>
  close(): Promise<void>
}

/** What the engine's thread answers. */
export type EngineCalls = Answering<EngineOperations & Life>

/** What the readers' thread answers. */
export type ReadCalls = Answering<ReadOperations & Life>

/** What a thread that takes care of the file answers. Closing it gives up a backup. */
export interface CareCalls {
  backUp(to: string): Promise<Result<void>>
  checkIntegrity(): Promise<Result<readonly string[]>>
  copyLog(): Promise<Result<void>>
  close(): Promise<Result<void>>
}

/** What the daemon's thread answers the engine's. */
export type HostCalls = {
  fetchCredentials(id: number): Promise<Result<Credentials | null>>
  /** Open a stream by the app's transport; its bytes are pulled chunk by chunk, which is the credit. */
  openStream(id: number, credentials: Credentials, request: SyncRequest): Promise<Result<'ndjson' | 'bson'>>
  /** The next chunk; null at the end. */
  pull(id: number): Promise<Result<Uint8Array | null>>
  requestCheckpoint(
    id: number,
    credentials: Credentials,
    clientId: string,
    requestId: OpId | null,
  ): Promise<Result<OpId>>
  uploadData(id: number, call: UploadAttempt): Promise<Result<UploadOutcome>>
  /** Abort the call or the stream of this id. */
  cancel(id: number): void
  status(delta: StatusDelta): void
  tables(tables: readonly string[]): void
  reached(id: OpId): void
  log(severity: LogSeverity, text: string): void
  /** The write-ahead log is long: somebody should copy it. */
  longLog(): void
}

/** Calls of `HostCalls` that answer nothing. */
export const hostEvents = [
  'cancel',
  'status',
  'tables',
  'reached',
  'log',
  'longLog',
] as const satisfies readonly (keyof HostCalls)[]

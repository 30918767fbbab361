/**
 * What apps import as `headwater`, in the main process or in Node. Windows import `headwater/client` and
 * `headwater/react`, Electron's main process also `headwater/electron`.
 */
export { DaemonError } from './daemon/daemon.ts'
export type {
  CheckpointRequest,
  ClearOptions,
  ConnectOptions,
  Daemon,
  DaemonOptions,
  DeadLetter,
  Encryption,
  LiveHandle,
  LiveUpdate,
  LogLine,
  NamedQuery,
  QueryResult,
  Row,
  RowsDifference,
  SpawnReader,
  SqlParameters,
  SqlResult,
  SqlValue,
  Statement,
  SubscribeOptions,
  SyncStream,
  SyncStreamSubscription,
  Transaction,
  TransactionOptions,
  WatchOptions,
  WatchUpdate,
  WindowSql,
  WriteOptions,
  WriteResult,
} from './daemon/daemon.ts'
export { openDaemon } from './daemon/open.ts'
export { forkReader } from './engine/read-process/channel.ts'
export { TransportError } from './connector/connector.ts'
export type {
  ByteStream,
  Connector,
  Credentials,
  Transport,
  TransportErrorCode,
} from './connector/connector.ts'
export { UploadRejected } from './connector/upload.ts'
export type {
  CrudBatch,
  CrudEntry,
  CrudTransaction,
  CrudValue,
  RejectedUpload,
  RejectionPolicy,
  UploadCall,
} from './connector/upload.ts'
export { httpTransport } from './connector/http.ts'
export type { HttpTransportOptions } from './connector/http.ts'
export { defineSchema, integer, real, SchemaError, table, text } from './schema/define.ts'
export type {
  Column,
  DefinedSchema,
  IndexPart,
  NewRow,
  RowChange,
  RowOf,
  RowsOf,
  Table,
  TableOptions,
} from './schema/define.ts'
export type {
  ColumnType,
  IndexSchema,
  RawParameter,
  RawStatement,
  RawTableDescription,
  RawTableSchema,
  RecordingOptions,
  Schema,
  TableSchema,
  TrackPrevious,
} from './schema/schema.ts'
export { findStream, fractionOf, lastSync, untilPriority } from './status/read.ts'
export { FULL_SYNC } from './status/status.ts'
export type {
  ConnectionStatus,
  DownloadProgress,
  ErrorInfo,
  PriorityStatus,
  Progress,
  Status,
  StatusDelta,
  StreamStatus,
  UploadStatus,
} from './status/status.ts'
export type { StreamParameters } from './status/parameters.ts'

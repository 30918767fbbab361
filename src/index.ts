/**
 * What apps import as `headwater`, in the main process or in Node. Windows import `headwater/client` and
 * `headwater/react`, Electron's main process also `headwater/electron`.
 */
export { DaemonError } from './daemon/daemon.ts'
export type {
  ConnectOptions,
  Daemon,
  DaemonOptions,
  LogLine,
  NamedQuery,
  QueryResult,
  Row,
  SqlValue,
  SubscribeOptions,
  SyncStream,
  SyncStreamSubscription,
} from './daemon/daemon.ts'
export { openDaemon } from './daemon/open.ts'
export { TransportError } from './connector/connector.ts'
export type {
  ByteStream,
  Connector,
  Credentials,
  Transport,
  TransportErrorCode,
} from './connector/connector.ts'
export { httpTransport } from './connector/http.ts'
export type { HttpTransportOptions } from './connector/http.ts'
export type { ColumnType, IndexSchema, Schema, TableSchema } from './schema/schema.ts'
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
} from './status/status.ts'
export type { StreamParameters } from './status/parameters.ts'

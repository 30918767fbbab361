/**
 * The client as React hooks. Each reads one store through `useSyncExternalStore`, so all components of one render
 * see the same status, and a component renders only when its own selection changes. Errors are data: no hook
 * throws for what the daemon, the service or a lost link did.
 */
export { ClientProvider, useClient, useLink } from './react-client.tsx'
export {
  useQuery,
  useNamedQuery,
  type QueryOptions,
  type QueryStream,
  type QueryWithStreams,
  type SqlQueryOptions,
} from './react-queries.ts'
export {
  useAllSyncStreamsHaveSynced,
  useStatus,
  useStreamStatus,
  useSyncStream,
  useSyncStreams,
  type StreamName,
  type SyncStreamState,
} from './react-streams.ts'
export { usePendingChanges, useWrite, type Write } from './react-writes.ts'

/** Queries as hooks: SQL of the page, and queries that the app has registered by name. */
import { useMemo, useSyncExternalStore } from 'react'
import type { Row, SqlParameters } from '../../daemon/daemon.ts'
import { sqlKey } from './live-sql.ts'
import { queryKey, type QueryParams, type QueryState } from './query.ts'
import { useClient } from './react-client.tsx'
import { useFirst } from './react-first.ts'
import { useSyncStreams, type SyncStreamState } from './react-streams.ts'
import type { Readable } from './readable.ts'
import type { StreamWish } from './holds.ts'

/** A stream that a query needs. */
export interface QueryStream extends StreamWish {
  /** The query counts as loading until this stream has synced once, or has an error. Default false. */
  readonly waitForStream?: boolean
}

export interface QueryOptions {
  /** Held while the component is mounted. Default: none. */
  readonly streams?: readonly QueryStream[]
}

export interface SqlQueryOptions extends QueryOptions {
  /** The column that tells rows apart; where a result has none, or values twice, places do. Default `id`. */
  readonly key?: string
}

export interface QueryWithStreams<R> extends QueryState<R> {
  /** In the order of the option. */
  readonly streams: readonly SyncStreamState[]
}

/**
 * The rows of one SELECT over the app's tables, current as long as the component is mounted. Rows keep their
 * identity while they do not change. `R` is what the caller says the statement gives; nothing checks it here.
 *
 * @example
 * const { rows, isLoading, error } = useQuery<Issue>('SELECT id, title FROM issues WHERE project = ?', [project], {
 *   streams: [{ name: 'project_issues', parameters: { project }, waitForStream: true }],
 * })
 */
export function useQuery<R = Row>(
  sql: string,
  params: SqlParameters = NO_VALUES,
  { streams = NO_STREAMS, key = 'id' }: SqlQueryOptions = {},
): QueryWithStreams<R> {
  const client = useClient()
  const kept = useFirst(params, sqlKey({ sql, params, key }))
  const query = useMemo(() => client.liveSql(sql, kept, { key }), [client, sql, kept, key])
  return useLive<R>(query, streams)
}

/**
 * As `useQuery`, of a query that the app has registered under a name.
 *
 * @example
 * const { rows } = useNamedQuery<Issue>('project_issues', { project })
 */
export function useNamedQuery<R = Row>(
  name: string,
  params: QueryParams = NO_PARAMS,
  { streams = NO_STREAMS }: QueryOptions = {},
): QueryWithStreams<R> {
  const client = useClient()
  const kept = useFirst(params, queryKey(name, params))
  const query = useMemo(() => client.liveQuery(name, kept), [client, name, kept])
  return useLive<R>(query, streams)
}

function useLive<R>(query: Readable<QueryState>, wishes: readonly QueryStream[]): QueryWithStreams<R> {
  const { rows, isLoading, error } = useSyncExternalStore(query.subscribe, query.getSnapshot) as QueryState<R>
  const streams = useSyncStreams(wishes)
  const awaited = streams.filter((_, i) => wishes[i]?.waitForStream === true)
  return {
    rows,
    isLoading: isLoading || awaited.some((stream) => stream.error === null && !stream.status?.lastSyncedAt),
    error: error ?? awaited.find((stream) => stream.error !== null)?.error ?? null,
    streams,
  }
}

const NO_VALUES: SqlParameters = []
const NO_PARAMS: QueryParams = {}
const NO_STREAMS: readonly QueryStream[] = []

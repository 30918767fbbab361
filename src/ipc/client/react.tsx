/**
 * The client as React hooks. Each reads one store through `useSyncExternalStore`, so all components of one render
 * see the same status, and a component renders only when its own selection changes.
 */
import { createContext, use, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import { canonicalParameters, type StreamParameters } from '../../status/parameters.ts'
import type { ErrorInfo, Status, StreamStatus } from '../../status/status.ts'
import type { Row } from '../../daemon/daemon.ts'
import type { Client } from './client.ts'
import { wishKey, type Hold, type HoldState, type StreamWish } from './holds.ts'
import type { LinkState } from './link.ts'
import { queryKey, type QueryParams, type QueryState } from './query.ts'
import type { Readable } from './readable.ts'

const ClientContext = createContext<Client | null>(null)

export function ClientProvider({
  client,
  children,
}: {
  readonly client: Client
  readonly children: ReactNode
}) {
  return <ClientContext value={client}>{children}</ClientContext>
}

export function useClient(): Client {
  const client = use(ClientContext)
  if (client === null) throw new Error('useClient is called outside of a ClientProvider.')
  return client
}

/** Whether this page and the daemon can hear each other. */
export function useLink(): LinkState {
  const { link } = useClient()
  return useSyncExternalStore(link.subscribe, link.getSnapshot)
}

/**
 * A part of the status. Renders again when the selection differs from the last one by `isEqual`. Parts of the
 * status keep their identity while they do not change, so selecting one needs no `isEqual`.
 *
 * @example
 * const connection = useStatus((status) => status.connection)
 */
export function useStatus<T>(
  select: (status: Status) => T,
  isEqual: (before: T, after: T) => boolean = Object.is,
): T {
  const { status } = useClient()
  const selection = useMemo(() => selectFrom(status, select, isEqual), [status, select, isEqual])
  return useSyncExternalStore(status.subscribe, selection)
}

/** A stream as this page sees it: its own hold, and what the daemon knows. */
export interface SyncStreamState {
  readonly hold: HoldState
  /** Null until the daemon knows the stream. */
  readonly status: StreamStatus | null
  /** Why it does not come: the hold was refused, or the service has a message for it. */
  readonly error: ErrorInfo | null
}

/**
 * Holds a stream while the component is mounted; a null wish holds nothing.
 *
 * @example
 * const { status, error } = useSyncStream({ name: 'project_issues', params: { project: id } })
 */
export function useSyncStream(wish: StreamWish | null): SyncStreamState {
  const client = useClient()
  const kept = useFirst(wish, wish === null ? '' : wishKey(wish))
  const holding = useMemo(() => (kept === null ? NO_HOLD : holdWhileRead(client, kept)), [client, kept])
  const hold = useSyncExternalStore(holding.subscribe, holding.getSnapshot)
  const status = useStreamStatus(kept)
  const error = hold.state === 'refused' ? hold.error : (status?.error ?? null)
  return { hold, status, error }
}

/** What the daemon knows of a stream, without holding it. */
export function useStreamStatus(
  stream: { readonly name: string; readonly params?: StreamParameters } | null,
): StreamStatus | null {
  const name = stream?.name
  const params = canonicalParameters(stream?.params)
  return useStatus((status) => {
    for (const candidate of status.streams.values()) {
      if (candidate.name === name && canonicalParameters(candidate.params) === params) return candidate
    }
    return null
  })
}

/**
 * The rows of a named query, current as long as the component is mounted. Rows keep their identity while they do
 * not change. `R` is what the app says its query returns; nothing checks it here.
 */
export function useNamedQuery<R = Row>(name: string, params: QueryParams = NO_PARAMS): QueryState<R> {
  const client = useClient()
  const kept = useFirst(params, queryKey(name, params))
  const query = useMemo(() => client.liveQuery(name, kept), [client, name, kept])
  return useSyncExternalStore(query.subscribe, query.getSnapshot) as QueryState<R>
}

const NO_PARAMS: QueryParams = {}
const ASKING: HoldState = { state: 'asking' }
const NO_HOLD: Readable<HoldState> = { getSnapshot: () => ASKING, subscribe: () => () => {} }

/** A hold that begins and ends with the subscription to its state: as React mounts and unmounts. */
function holdWhileRead(client: Client, wish: StreamWish): Readable<HoldState> {
  let hold: Hold | null = null
  return {
    getSnapshot: () => hold?.state.getSnapshot() ?? ASKING,
    subscribe: (listener) => {
      const taken = client.holdStream(wish)
      hold = taken
      const stop = taken.state.subscribe(listener)
      return () => {
        stop()
        taken.release()
      }
    },
  }
}

/** Reads a selection that keeps its identity while it is equal, and is computed once a status. */
function selectFrom<T>(
  source: Readable<Status>,
  select: (status: Status) => T,
  isEqual: (before: T, after: T) => boolean,
): () => T {
  let last: { readonly status: Status; readonly selection: T } | null = null
  return () => {
    const status = source.getSnapshot()
    if (last?.status === status) return last.selection
    const selection = select(status)
    last = {
      status,
      selection: last !== null && isEqual(last.selection, selection) ? last.selection : selection,
    }
    return last.selection
  }
}

/** Of values with equal keys, the first: callers write object literals, and effects compare identities. */
function useFirst<T>(value: T, key: string): T {
  const [first, setFirst] = useState({ value, key })
  if (first.key === key) return first.value
  setFirst({ value, key })
  return value
}

/** The status and the streams as hooks. */
import { useMemo, useSyncExternalStore } from 'react'
import type { StreamParameters } from '../../status/parameters.ts'
import { streamByKey, streamKey } from '../../status/read.ts'
import type { ErrorInfo, Status, StreamStatus } from '../../status/status.ts'
import { holdWhileRead } from './holding.ts'
import { wishKey, type HoldState, type StreamWish } from './holds.ts'
import { useClient } from './react-client.tsx'
import { useFirst } from './react-first.ts'
import { isSameList, selectFrom } from './selection.ts'

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
  /** Null until the daemon knows the stream, or where the client's scope does not show it. */
  readonly status: StreamStatus | null
  /** Why it does not come: the hold was refused or dropped, or the service has a message for it. */
  readonly error: ErrorInfo | null
}

/** A stream by name and parameters. */
export interface StreamName {
  readonly name: string
  readonly parameters?: StreamParameters
}

/**
 * Holds a stream while the component is mounted; a null wish holds nothing.
 *
 * @example
 * const { status, error } = useSyncStream({ name: 'project_issues', parameters: { project: id } })
 */
export function useSyncStream(wish: StreamWish | null): SyncStreamState {
  return useSyncStreams(wish === null ? NO_WISHES : [wish])[0] ?? NOT_HELD
}

/**
 * Holds any number of streams while the component is mounted, and gives their states in the order of the wishes.
 *
 * @example
 * const streams = useSyncStreams(projects.map((project) => ({ name: 'project_issues', parameters: { project } })))
 */
export function useSyncStreams(wishes: readonly StreamWish[]): readonly SyncStreamState[] {
  const client = useClient()
  const kept = useFirst(wishes, wishes.map(wishKey).join('\n'))
  const holding = useMemo(
    () => holdWhileRead({ hold: (wish) => client.holdStream(wish) }, kept),
    [client, kept],
  )
  const holds = useSyncExternalStore(holding.subscribe, holding.getSnapshot)
  const statuses = useStreamStatuses(kept)
  return useMemo(
    () => kept.map((_, i) => stateOf(holds[i] ?? NOT_HELD.hold, statuses[i] ?? null)),
    [kept, holds, statuses],
  )
}

/** What the daemon knows of a stream, without holding it. */
export function useStreamStatus(stream: StreamName | null): StreamStatus | null {
  return useStreamStatuses(stream === null ? NO_WISHES : [stream])[0] ?? null
}

/** Whether each of these streams has synced at least once; it holds none of them. */
export function useAllSyncStreamsHaveSynced(streams: readonly StreamName[]): boolean {
  return useStreamStatuses(streams).every((status) => status !== null && status.lastSyncedAt !== null)
}

const NO_WISHES: readonly StreamWish[] = []
const NOT_HELD: SyncStreamState = { hold: { state: 'asking' }, status: null, error: null }

function stateOf(hold: HoldState, status: StreamStatus | null): SyncStreamState {
  const error = 'error' in hold ? hold.error : undefined
  return { hold, status, error: error ?? status?.error ?? null }
}

function useStreamStatuses(streams: readonly StreamName[]): readonly (StreamStatus | null)[] {
  const keys = streams.map(({ name, parameters }) => streamKey(name, parameters))
  const kept = useFirst(keys, keys.join('\n'))
  const select = useMemo(() => (status: Status) => kept.map((key) => streamByKey(status, key)), [kept])
  return useStatus(select, isSameList)
}

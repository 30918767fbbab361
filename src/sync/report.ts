/**
 * What windows may know of a state, whole (`statusOf`) and as the delta of one step (`deltaBetween`). The law:
 * the deltas of all steps, folded with `applyDelta` from `EMPTY_STATUS`, give `statusOf` of the last state.
 */
import { parseParameters } from '../status/parameters.ts'
import type {
  ConnectionStatus,
  DownloadProgress,
  Status,
  StatusDelta,
  StreamStatus,
} from '../status/status.ts'
import { EMPTY_STATUS } from '../status/status.ts'
import { downloadOf, priorityOf, progressOf } from './progress.ts'
import { isTracking } from './state.ts'
import type { Phase, State, Subscription } from './state.ts'

/** Whole, but for the upload, of which the machine knows nothing. */
export function statusOf(state: State): Status {
  const { known, phase } = state
  const tracking = isTracking(phase)
  const streams = new Map<number, StreamStatus>()
  for (const [id, subscription] of known.subscriptions) streams.set(id, streamOf(subscription, tracking))
  return {
    ...EMPTY_STATUS,
    connection: connectionOf(phase),
    downloading: downloadingOf(state),
    priorities: known.priorities,
    streams,
    downloadError: known.downloadError,
  }
}

/**
 * What a step changed; null: nothing. `touched`: ids of the subscriptions that it may have changed.
 * Costs as much as there are of those; where progress appears or goes, all streams change.
 */
export function deltaBetween(before: State, after: State, touched: ReadonlySet<number>): StatusDelta | null {
  const delta: { -readonly [K in keyof StatusDelta]: StatusDelta[K] } = {}
  const connection = connectionOf(after.phase)
  if (!same(connectionOf(before.phase), connection)) delta.connection = connection
  const downloading = downloadingOf(after)
  if (!same(downloadingOf(before), downloading)) delta.downloading = downloading
  const { priorities, downloadError } = after.known
  if (!same(before.known.priorities, priorities)) delta.priorities = priorities
  if (!same(before.known.downloadError, downloadError)) delta.downloadError = downloadError
  const streams = streamsBetween(before, after, touched)
  if (streams.size > 0) delta.streams = streams
  return Object.keys(delta).length > 0 ? delta : null
}

export function connectionOf(phase: Phase): ConnectionStatus {
  switch (phase.at) {
    case 'unloaded':
    case 'stopped': {
      return { state: 'offline' }
    }
    case 'preparing':
    case 'opening':
    case 'restarting': {
      return phase.shown
    }
    case 'streaming':
    case 'applying': {
      return { state: 'connected' }
    }
    case 'waiting': {
      return { state: 'waiting', reason: phase.reason, retryAt: phase.retryAt }
    }
  }
}

function downloadingOf({ known, phase }: State): DownloadProgress | null {
  return isTracking(phase) ? downloadOf(known.sums) : null
}

type Streams = NonNullable<StatusDelta['streams']>

function streamsBetween(before: State, after: State, touched: ReadonlySet<number>): Streams {
  const changes = new Map<number, StreamStatus | Partial<StreamStatus> | null>()
  const wasTracking = isTracking(before.phase)
  const tracking = isTracking(after.phase)
  const ids = wasTracking === tracking ? touched : idsOf(before, after)
  for (const id of ids) {
    const old = before.known.subscriptions.get(id)
    const now = after.known.subscriptions.get(id)
    if (now === undefined) {
      if (old !== undefined) changes.set(id, null)
    } else if (old === undefined) {
      changes.set(id, streamOf(now, tracking))
    } else {
      const change = changeOf(changingOf(old, wasTracking), changingOf(now, tracking))
      if (change !== null) changes.set(id, change)
    }
  }
  return changes
}

function idsOf(...states: readonly State[]): ReadonlySet<number> {
  const ids = new Set<number>()
  for (const { known } of states) for (const [id] of known.subscriptions) ids.add(id)
  return ids
}

/** What stays the same as long as a stream is known, and what may change. */
type Fixed = 'id' | 'name' | 'params'
type Changing = Omit<StreamStatus, Fixed>

function streamOf(subscription: Subscription, tracking: boolean): StreamStatus {
  const { id, name, params } = subscription.row
  return { id, name, params: parseParameters(params), ...changingOf(subscription, tracking) }
}

function changingOf({ row, holders, error, share }: Subscription, tracking: boolean): Changing {
  return {
    priority: priorityOf(share),
    active: row.active,
    isDefault: row.isDefault,
    hasExplicitSubscription: row.ttl !== null,
    expiresAt: holders.size > 0 ? null : row.expiresAt,
    lastSyncedAt: row.lastSyncedAt,
    progress: tracking ? progressOf(share) : null,
    error,
    holders: [...holders.keys()].map(nameOf),
  }
}

/** A holder's name, without the serial that tells it from another of the same name. */
function nameOf(holder: string): string {
  return holder.split('#', 1)[0]!
}

function changeOf(before: Changing, after: Changing): Partial<StreamStatus> | null {
  const keys = Object.keys(after) as (keyof Changing)[]
  const changed = keys.filter((key) => !same(before[key], after[key]))
  if (changed.length === 0) return null
  return Object.fromEntries(changed.map((key) => [key, after[key]])) as Partial<StreamStatus>
}

/** Equality of plain data. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => same(a[key as never], b[key as never]))
}

/**
 * What windows may know of a state, whole (`statusOf`) and as the delta of one step (`deltaBetween`). The law:
 * the deltas of all steps, folded with `applyDelta` from `EMPTY_STATUS`, give `statusOf` of the last state.
 */
import { parseParameters } from '../status/parameters.ts'
import type {
  ConnectionStatus,
  DownloadProgress,
  PriorityStatus,
  Standing,
  Status,
  StatusDelta,
  StreamStatus,
} from '../status/status.ts'
import { EMPTY_STATUS } from '../status/status.ts'
import { afterSync, isStandingKey, STANDING_KEYS } from '../status/synced.ts'
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
 * The deltas of many steps, as few as can be: comparing two states costs more than a step. What a checkpoint
 * brought is a delta of its own, as it speaks of all streams at once.
 */
export class Reports {
  readonly #deltas: StatusDelta[] = []
  #told: State
  readonly #touched = new Set<number>()

  constructor(before: State) {
    this.#told = before
  }

  add(before: State, after: State, changes: Changes): void {
    if (changes.synced === null) {
      for (const id of changes.touched) this.#touched.add(id)
      return
    }
    this.#tell(before, { touched: this.#touched, synced: null })
    this.#touched.clear()
    this.#tell(after, changes)
  }

  /** All that was not told yet, up to this state. */
  finish(after: State): readonly StatusDelta[] {
    this.#tell(after, { touched: this.#touched, synced: null })
    return this.#deltas
  }

  #tell(state: State, changes: Changes): void {
    const delta = deltaBetween(this.#told, state, changes)
    if (delta !== null) this.#deltas.push(delta)
    this.#told = state
  }
}

/** What a step did to subscriptions. */
export interface Changes {
  /** Those that it may have changed otherwise than by `synced`. */
  readonly touched: ReadonlySet<number>
  /** An applied checkpoint brought all streams that this includes. */
  readonly synced: PriorityStatus | null
}

/** What a step changed; null: nothing. Costs as much as it touched; where progress ends, a walk besides. */
export function deltaBetween(before: State, after: State, changes: Changes): StatusDelta | null {
  const delta: { -readonly [K in keyof StatusDelta]: StatusDelta[K] } = {}
  const connection = connectionOf(after.phase)
  if (!same(connectionOf(before.phase), connection)) delta.connection = connection
  const downloading = downloadingOf(after)
  if (!same(downloadingOf(before), downloading)) delta.downloading = downloading
  const { priorities, downloadError } = after.known
  if (!same(before.known.priorities, priorities)) delta.priorities = priorities
  if (!same(before.known.downloadError, downloadError)) delta.downloadError = downloadError
  if (changes.synced !== null) delta.synced = [changes.synced]
  const streams = streamsBetween(before, after, changes)
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

function streamsBetween(before: State, after: State, { touched, synced }: Changes): Streams {
  const streams = new Map<number, StreamStatus | Partial<StreamStatus> | null>()
  const wasTracking = isTracking(before.phase)
  const tracking = isTracking(after.phase)
  const ids = wasTracking && !tracking ? new Set([...touched, ...downloadingIn(before)]) : touched
  for (const id of ids) {
    const old = before.known.subscriptions.get(id)
    const now = after.known.subscriptions.get(id)
    if (now === undefined) {
      if (old !== undefined) streams.set(id, null)
    } else if (old === undefined) {
      streams.set(id, streamOf(now, tracking))
    } else {
      const shown = changingOf(old, wasTracking)
      const known = synced === null ? shown : afterSync(shown, synced)
      const change = changeOf(known, changingOf(now, tracking))
      if (change !== null) streams.set(id, change)
    }
  }
  return streams
}

/** The streams that show progress while a checkpoint is tracked. */
function downloadingIn({ known }: State): number[] {
  const ids: number[] = []
  for (const [id, { share }] of known.subscriptions) if (share.total > 0) ids.push(id)
  return ids
}

/** What stays the same as long as a stream is known, and what may change. */
type Fixed = 'id' | 'name' | 'params'
type Changing = Omit<StreamStatus, Fixed>

function streamOf(subscription: Subscription, tracking: boolean): StreamStatus {
  const { id, name, params } = subscription.row
  return { id, name, params: parseParameters(params), ...changingOf(subscription, tracking) }
}

/** What decides whether a checkpoint brings a stream, and when the last one did. */
export function standingOf({ row, error, share }: Subscription): Standing {
  return { priority: priorityOf(share), active: row.active, error, lastSyncedAt: row.lastSyncedAt }
}

function changingOf(subscription: Subscription, tracking: boolean): Changing {
  const { row, holders, share } = subscription
  return {
    ...standingOf(subscription),
    isDefault: row.isDefault,
    hasExplicitSubscription: row.ttl !== null,
    expiresAt: holders.size > 0 ? null : row.expiresAt,
    progress: tracking && share.total > 0 ? progressOf(share) : null,
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
  const named = changed.some(isStandingKey) ? [...new Set([...changed, ...STANDING_KEYS])] : changed
  return Object.fromEntries(named.map((key) => [key, after[key]])) as Partial<StreamStatus>
}

/** Equality of plain data. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => same(a[key as never], b[key as never]))
}

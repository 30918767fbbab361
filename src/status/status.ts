/**
 * What a window may know about the sync, as one immutable value. Times are milliseconds since 1970.
 * It changes only through `StatusDelta`s; parts that a delta does not name keep their identity.
 */
import type { JsonObject } from '../wire/request.ts'

/** An error as data: what crosses threads and IPC. Decide by `code`, show `message`. */
export interface ErrorInfo {
  readonly code: string
  readonly message: string
}

/**
 * - `offline`: not asked to connect (before `connect`, after `disconnect`).
 * - `connecting`: a request is on its way.
 * - `connected`: the service answered.
 * - `waiting`: the last attempt or stream ended for `reason`; the next attempt is at `retryAt`.
 */
export type ConnectionStatus =
  | { readonly state: 'offline' }
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | { readonly state: 'waiting'; readonly reason: ErrorInfo; readonly retryAt: number }

/** Operations of the tracked checkpoint: how many there are to download and how many came. */
export interface Progress {
  readonly total: number
  /** From 0 to `total`; never goes back within a checkpoint. */
  readonly downloaded: number
}

export interface DownloadProgress extends Progress {
  /** One entry for each priority that the checkpoint has buckets of, ascending. */
  readonly byPriority: readonly (Progress & { readonly priority: number })[]
}

/** The priority that stands for a full sync in `PriorityStatus`. */
export const FULL_SYNC = 2147483647

export interface PriorityStatus {
  /** A bucket priority, or `FULL_SYNC`. */
  readonly priority: number
  readonly lastSyncedAt: number
}

/** A stream with one set of parameters, as this client knows it. */
export interface StreamStatus {
  /** Row id of `ps_stream_subscriptions`: the short name of this stream in deltas. */
  readonly id: number
  readonly name: string
  readonly params: JsonObject | null
  /** The numerically largest priority of its buckets; null before the iteration's first checkpoint. */
  readonly priority: number | null
  /** The service resolved it in the last checkpoint. */
  readonly active: boolean
  readonly isDefault: boolean
  readonly hasExplicitSubscription: boolean
  /** When the subscription runs out; null while held, for ever, or not explicit. */
  readonly expiresAt: number | null
  /** Null: never synced. */
  readonly lastSyncedAt: number | null
  /** Null unless the tracked checkpoint has something to download for it. */
  readonly progress: Progress | null
  /** The service's message for this stream; null when it has none. */
  readonly error: ErrorInfo | null
  /** Names of those who hold it, in the order in which they came. */
  readonly holders: readonly string[]
}

/** Local changes on their way out. */
export interface UploadStatus {
  /** Entries of the upload queue, and the transactions that they belong to. */
  readonly entries: number
  readonly transactions: number
  /** Whether the app's `uploadData` runs now. */
  readonly uploading: boolean
  /** How often in a row the oldest transaction could not be uploaded. */
  readonly attempts: number
  /** When the next attempt begins by itself; null: no attempt failed, or the queue is held. */
  readonly retryAt: number | null
  /** The transaction that the backend rejects and that waits for somebody to retry or discard it. */
  readonly heldTransaction: number | null
  /** When entries were last accepted by the app's backend, in this run of the daemon. */
  readonly lastUploadedAt: number | null
}

export interface Status {
  readonly connection: ConnectionStatus
  /** Null unless a checkpoint is tracked. */
  readonly downloading: DownloadProgress | null
  /** Ascending; a full sync is the entry `FULL_SYNC`. A sync of priority p implies those below p. */
  readonly priorities: readonly PriorityStatus[]
  /** Every stream known locally, by id: default, explicit, active or not. */
  readonly streams: ReadonlyMap<number, StreamStatus>
  /** The last error of downloading; cleared by the next applied checkpoint. */
  readonly downloadError: ErrorInfo | null
  readonly upload: UploadStatus
  /** The last error of uploading; cleared by the next upload that gets on. */
  readonly uploadError: ErrorInfo | null
}

/** How a stream stands: what decides whether an applied checkpoint brings it, and when the last one did. */
export type Standing = Pick<StreamStatus, 'priority' | 'active' | 'error' | 'lastSyncedAt'>

/**
 * Only what changed. In `streams`, null removes; a stream not known yet comes whole, and a change that names a
 * part of a stream's `Standing` names all of it.
 */
export interface StatusDelta {
  readonly connection?: ConnectionStatus
  readonly downloading?: DownloadProgress | null
  readonly priorities?: readonly PriorityStatus[]
  /**
   * Checkpoints that were applied, oldest first: all active streams without error whose priority is in them have
   * synced then. This comes before `streams`.
   */
  readonly synced?: readonly PriorityStatus[]
  readonly streams?: ReadonlyMap<number, StreamStatus | Partial<StreamStatus> | null>
  readonly downloadError?: ErrorInfo | null
  readonly upload?: UploadStatus
  readonly uploadError?: ErrorInfo | null
}

/** Nothing known, nothing synced. */
export const EMPTY_STATUS: Status = {
  connection: { state: 'offline' },
  downloading: null,
  priorities: [],
  streams: new Map(),
  downloadError: null,
  upload: {
    entries: 0,
    transactions: 0,
    uploading: false,
    attempts: 0,
    retryAt: null,
    heldTransaction: null,
    lastUploadedAt: null,
  },
  uploadError: null,
}

/**
 * What happens to the machine, and what it asks for. Time and chance arrive inside events, so that the same
 * events always give the same commands.
 *
 * Commands go two ways. Storage commands are carried out at once, inside the turn's transaction, and their
 * outcome comes back as the next event. Outward commands are released only after the commit.
 */
import type { ErrorInfo, PriorityStatus, StatusDelta } from '../status/status.ts'
import type { BucketChecksum, OpId, SyncLine } from '../wire/line.ts'
import type { JsonObject, SyncRequest } from '../wire/request.ts'

/** A row of `ps_stream_subscriptions`. The machine decides it, storage keeps it. */
export interface SubscriptionRow {
  readonly id: number
  readonly name: string
  /** Canonical text of the parameters (`status/parameters.ts`); null when there are none. */
  readonly params: string | null
  readonly active: boolean
  readonly isDefault: boolean
  /** The explicitly asked priority; null: the service's own. */
  readonly priority: number | null
  /** Milliseconds; `NEVER` never expires; null: not explicitly subscribed. */
  readonly ttl: number | null
  /**
   * Milliseconds since 1970; null: never, or not explicit. While the subscription is held this runs ahead of
   * the clock, for the case that the daemon dies and leaves it without a holder.
   */
  readonly expiresAt: number | null
  readonly lastSyncedAt: number | null
}

/** A TTL that never runs out. Stored as 2^63-1. */
export const NEVER = Number.POSITIVE_INFINITY

/** What is on disk when the database opens. */
export interface Loaded {
  readonly clientId: string
  readonly subscriptions: readonly SubscriptionRow[]
  readonly priorities: readonly PriorityStatus[]
}

/** What the app asked for with `connect`. */
export interface StreamOptions {
  readonly parameters: JsonObject
  readonly appMetadata: { readonly [key: string]: string }
  readonly includeDefaults: boolean
}

/** Why a stream ended: the service closed it normally, or an error (`retryAfter` in milliseconds). */
export type EndReason =
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: ErrorInfo; readonly retryAfter: number | null }

/** `generation` names one stream; events of an older one are dropped. */
export type SyncEvent =
  /** The database was opened; the first event, and the only one of its kind. */
  | { readonly kind: 'loaded'; readonly loaded: Loaded }
  | { readonly kind: 'started'; readonly now: number; readonly options: StreamOptions }
  /** The app disconnects, or closes: comes before every close, also without a stream. */
  /** `dates`: what is held keeps the dates that it has, so that nothing must be stored. */
  | { readonly kind: 'stopped'; readonly now: number; readonly dates?: 'kept' }
  | { readonly kind: 'established'; readonly generation: number; readonly now: number }
  /** `random` in [0, 1) spreads the retry, should this line end the stream. */
  | {
      readonly kind: 'line'
      readonly generation: number
      readonly line: SyncLine
      readonly now: number
      readonly random: number
    }
  /** A frame that could not be decoded: a protocol error of the live stream. `random` in [0, 1). */
  | {
      readonly kind: 'malformed'
      readonly generation: number
      readonly error: ErrorInfo
      readonly now: number
      readonly random: number
    }
  /** `random` in [0, 1) spreads the retry. */
  | {
      readonly kind: 'ended'
      readonly generation: number
      readonly reason: EndReason
      readonly now: number
      readonly random: number
    }
  | { readonly kind: 'refreshed'; readonly now: number }
  | {
      readonly kind: 'subscribed'
      readonly name: string
      readonly params: string | null
      /** Milliseconds; null: one day. */
      readonly ttl: number | null
      readonly priority: number | null
      /**
       * Who holds it; the same holder counts once. A name, and after a `#` whatever tells it from another of
       * that name; the status shows names.
       */
      readonly holder: string
      readonly now: number
    }
  | {
      readonly kind: 'released'
      readonly name: string
      readonly params: string | null
      readonly holder: string
      readonly now: number
    }
  | {
      readonly kind: 'unsubscribed_all'
      readonly name: string
      readonly params: string | null
      readonly now: number
    }
  /** The app's backend accepted local writes. `random` as for `line`. */
  | {
      readonly kind: 'uploaded'
      /** Up to this id of `ps_crud`; null: all that wait. */
      readonly through: number | null
      /** What proves that the service has seen them; null: not known yet, the write gate stays closed. */
      readonly writeCheckpoint: OpId | null
      readonly now: number
      readonly random: number
    }
  /** The service named the write checkpoint that proves it has seen all writes. `random` as for `line`. */
  | { readonly kind: 'write_checkpoint'; readonly id: OpId; readonly now: number; readonly random: number }
  /** The app wants an id by which it can tell that a later checkpoint has reached it. */
  | { readonly kind: 'checkpoint_requested'; readonly now: number }
  /** The service knew a higher id than the one posted to it: later ones must be higher still. */
  | { readonly kind: 'requests_seeded'; readonly id: OpId; readonly now: number }
  /** Forget what was synced, and with `clearLocal` the local-only tables too. Only without an open stream. */
  | {
      readonly kind: 'cleared'
      readonly clearLocal: boolean
      /** Keep what was downloaded, out of sight, so that the next user need not download it again. */
      readonly soft: boolean
      readonly now: number
    }
  /** Download everything again. What is there stays readable meanwhile. */
  | { readonly kind: 'resynced'; readonly now: number }
  /** The time that a `wake` command asked for has come. */
  | { readonly kind: 'clock'; readonly now: number }
  | StorageOutcome

/**
 * How a checkpoint's buckets changed the sums: relative, one entry for each group of equal buckets. A full
 * `applied` sets all `total` and `downloaded` to 0 on both sides; the bucket counts stay.
 */
export interface ProgressChange {
  readonly priority: number
  /** Ids of the subscriptions that the buckets belong to, ascending; may be empty. */
  readonly subscriptions: readonly number[]
  /** Buckets gained or lost. */
  readonly buckets: number
  readonly total: number
  readonly downloaded: number
}

/** A bucket as the machine hands it to storage: reasons resolved to subscription ids. */
export interface TrackedBucket extends Omit<BucketChecksum, 'reasons'> {
  /** Ascending, without duplicates. */
  readonly subscriptions: readonly number[]
}

/** A bucket whose ops do not add up. */
export interface Mismatch {
  readonly bucket: string
  readonly expected: number
  readonly actual: number
}

export type DataLine = Extract<SyncLine, { kind: 'data' }>

export type StorageCommand =
  /** Positions of all buckets, for a request. */
  | { readonly do: 'read_positions' }
  /** A full checkpoint: buckets that it does not name lose their position. */
  | { readonly do: 'track_checkpoint'; readonly buckets: readonly TrackedBucket[] }
  | {
      readonly do: 'track_diff'
      readonly updated: readonly TrackedBucket[]
      readonly removed: readonly string[]
    }
  | { readonly do: 'save'; readonly line: DataLine }
  /**
   * Validate and merge. `priority` null: the whole checkpoint; else only buckets of this priority or a lower
   * number. On success the sync state of that priority becomes `now`.
   */
  | {
      readonly do: 'apply'
      readonly priority: number | null
      readonly lastOpId: OpId
      readonly writeCheckpoint: OpId | null
      readonly now: number
    }
  | { readonly do: 'drop_buckets'; readonly buckets: readonly string[] }
  | { readonly do: 'put_subscription'; readonly row: SubscriptionRow }
  | { readonly do: 'delete_subscription'; readonly id: number }
  /** `ids` ascend. */
  | { readonly do: 'mark_synced'; readonly ids: readonly number[]; readonly at: number }
  /**
   * These entries of the upload queue are done (`through` null: all); the write checkpoint, if there is one and
   * nothing else waits, is what the write gate asks for.
   */
  | {
      readonly do: 'complete_upload'
      readonly through: number | null
      readonly writeCheckpoint: OpId | null
    }
  /** What the write gate asks for; no effect while entries wait, which came after the service was asked. */
  | { readonly do: 'set_target'; readonly id: OpId }
  /** An id for a checkpoint request, higher than all before it. */
  | { readonly do: 'allocate_request' }
  | { readonly do: 'seed_requests'; readonly id: OpId }
  /**
   * Rows, upload queue, write gate and sync state go, and unless `soft` the buckets. Subscriptions too: those
   * that stay are put again, after this.
   */
  | { readonly do: 'clear'; readonly clearLocal: boolean; readonly soft: boolean }
  /** All buckets lose position, checksum and staged ops; their rows stay until the next full apply. */
  | { readonly do: 'resync' }

export type StorageOutcome =
  | {
      readonly kind: 'positions'
      readonly buckets: readonly { readonly name: string; readonly after: OpId }[]
    }
  /** `reset`: forget all sums first, then add the changes. */
  | { readonly kind: 'tracked'; readonly reset: boolean; readonly changes: readonly ProgressChange[] }
  | {
      readonly kind: 'saved'
      readonly priority: number
      readonly subscriptions: readonly number[]
      readonly ops: number
    }
  | { readonly kind: 'applied'; readonly priorities: readonly PriorityStatus[] }
  /** Valid, but local writes are not acknowledged yet. Nothing changed. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'mismatched'; readonly mismatches: readonly Mismatch[] }
  | { readonly kind: 'request_allocated'; readonly id: OpId }

export type LogSeverity = 'debug' | 'info' | 'warning'

export type OutwardCommand =
  /** Credentials first if there are none, then `POST /sync/stream`. */
  | { readonly do: 'open'; readonly generation: number; readonly request: SyncRequest }
  /** Close the live stream; hidden: another one follows at once, the status does not show it. */
  | { readonly do: 'close'; readonly generation: number; readonly hideDisconnect: boolean }
  /** `didExpire`: forget the old ones now; otherwise fetch ahead of time and keep the stream. */
  | { readonly do: 'fetch_credentials'; readonly didExpire: boolean }
  /** A full checkpoint was applied that carries this id: the service has seen what was asked of it before. */
  | { readonly do: 'reached'; readonly id: OpId }
  /** Post this id to `/sync/checkpoint-request`: a later checkpoint carries it. */
  | { readonly do: 'post_checkpoint_request'; readonly id: OpId }
  /** Send `clock` at this time; null: no more. Replaces an earlier wake. */
  | { readonly do: 'wake'; readonly at: number | null }
  | { readonly do: 'report'; readonly delta: StatusDelta }
  | { readonly do: 'log'; readonly severity: LogSeverity; readonly text: string }
  /** The iteration failed by a rule of the protocol. */
  | { readonly do: 'fail'; readonly error: ErrorInfo }

export type Command = StorageCommand | OutwardCommand

/**
 * What a step gives: the state to keep once the turn commits, and what to do, in order. A command that storage
 * answers with an outcome is the last one, so the outcome meets the state that asked for it.
 */
export interface Step<State> {
  readonly state: State
  readonly commands: readonly Command[]
}

/**
 * What a sync service says, one line at a time, after decoding. NDJSON and BSON give the same values.
 *
 * Op ids are exact `bigint`s up to 2^63-1. Checksums are unsigned 32-bit numbers, whatever type they came as.
 * Row data is the JSON text as received, never parsed here (it may hold NaN, Infinity and 64-bit integers).
 */

/** A position in the service's history, exact up to 2^63-1. */
export type OpId = bigint

/** Why the client has a bucket: a default stream of `Checkpoint.streams`, or a subscription of the request. */
export type BucketReason = { readonly default: number } | { readonly sub: number }

/** A bucket of a checkpoint: what its ops must add up to. */
export interface BucketChecksum {
  readonly bucket: string
  /** Sum of the op checksums, modulo 2^32, as an unsigned number. */
  readonly checksum: number
  /** How many ops the service counts in the bucket; null where it does not say. */
  readonly count: number | null
  /**
   * 0 (first) to 3 in the configuration; subscriptions override it with any whole number up to 2^31-2, negative
   * ones too. 3 if not said.
   */
  readonly priority: number
  readonly reasons: readonly BucketReason[]
}

/** An error of one subscription: an index into the request's subscriptions, or the stream's default one. */
export interface StreamError {
  readonly subscription: number | 'default'
  readonly message: string
}

/** A stream that the service resolved for this client. */
export interface CheckpointStream {
  readonly name: string
  readonly isDefault: boolean
  readonly errors: readonly StreamError[]
}

/** A consistent point: all buckets and what they must hold. */
export interface Checkpoint {
  readonly lastOpId: OpId
  readonly writeCheckpoint: OpId | null
  readonly buckets: readonly BucketChecksum[]
  /** Empty where the service does not speak of streams. */
  readonly streams: readonly CheckpointStream[]
}

/** The change from the last checkpoint to the next. */
export interface CheckpointDiff {
  readonly lastOpId: OpId
  readonly writeCheckpoint: OpId | null
  readonly updatedBuckets: readonly BucketChecksum[]
  readonly removedBuckets: readonly string[]
}

/** One operation of a bucket. */
export type Op =
  | {
      readonly op: 'PUT'
      readonly opId: OpId
      readonly rowType: string
      readonly rowId: string
      /** Distinguishes several source rows behind one synced row; empty where there is none. */
      readonly subkey: string
      readonly checksum: number
      /** The row as JSON text, byte for byte as received. */
      readonly data: string
    }
  | {
      readonly op: 'REMOVE'
      readonly opId: OpId
      readonly rowType: string
      readonly rowId: string
      readonly subkey: string
      readonly checksum: number
    }
  | { readonly op: 'MOVE' | 'CLEAR'; readonly opId: OpId; readonly checksum: number }

export type SyncLine =
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'checkpoint_diff'; readonly diff: CheckpointDiff }
  | {
      readonly kind: 'data'
      readonly bucket: string
      readonly ops: readonly Op[]
      readonly hasMore: boolean
      /** The position before and after these ops; null where the service does not say. */
      readonly after: OpId | null
      readonly nextAfter: OpId | null
    }
  | { readonly kind: 'partial_checkpoint_complete'; readonly lastOpId: OpId; readonly priority: number }
  | { readonly kind: 'checkpoint_complete'; readonly lastOpId: OpId }
  | { readonly kind: 'token_expires_in'; readonly seconds: number }
  /** A line kind of a newer service: ignored. `name` is its first key, cut to 64 characters; '' for `{}`. */
  | { readonly kind: 'unknown'; readonly name: string }

/** A line as it arrives from a transport, one frame, not yet decoded. */
export type Payload = string | Uint8Array

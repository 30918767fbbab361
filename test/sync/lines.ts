/** Short words for sync lines in tests. Every op has the checksum 1, so that a sum is a count. */
import type { BucketReason, CheckpointStream, Op, StreamError, SyncLine } from '../../src/wire/line.ts'

interface BucketSpec {
  readonly name: string
  readonly count: number
  /** Default 3. */
  readonly priority?: number
  /** Default: the first default stream. */
  readonly reasons?: readonly BucketReason[]
  /** Default: as many as `count`. */
  readonly checksum?: number
}

const DEFAULT_STREAM: CheckpointStream = { name: 'd', isDefault: true, errors: [] }

export function checkpoint(
  buckets: readonly BucketSpec[],
  streams: readonly CheckpointStream[] = [DEFAULT_STREAM],
  writeCheckpoint: bigint | null = null,
): SyncLine {
  return {
    kind: 'checkpoint',
    checkpoint: { lastOpId: 100n, writeCheckpoint, buckets: buckets.map(bucketOf), streams },
  }
}

export function diff(
  updated: readonly BucketSpec[],
  removedBuckets: readonly string[] = [],
  writeCheckpoint: bigint | null = null,
): SyncLine {
  const updatedBuckets = updated.map(bucketOf)
  return {
    kind: 'checkpoint_diff',
    diff: { lastOpId: 200n, writeCheckpoint, updatedBuckets, removedBuckets },
  }
}

export function data(bucket: string, ops: number): SyncLine {
  const clears: Op[] = Array.from({ length: ops }, () => ({ op: 'CLEAR', opId: 1n, checksum: 1 }))
  return { kind: 'data', bucket, ops: clears, hasMore: false, after: null, nextAfter: null }
}

export const complete: SyncLine = { kind: 'checkpoint_complete', lastOpId: 100n }

export function partial(priority: number): SyncLine {
  return { kind: 'partial_checkpoint_complete', lastOpId: 100n, priority }
}

export function keepalive(seconds: number): SyncLine {
  return { kind: 'token_expires_in', seconds }
}

export function stream(
  name: string,
  isDefault = false,
  errors: readonly StreamError[] = [],
): CheckpointStream {
  return { name, isDefault, errors }
}

function bucketOf({ name, count, priority = 3, reasons = [{ default: 0 }], checksum = count }: BucketSpec) {
  return { bucket: name, checksum, count, priority, reasons }
}

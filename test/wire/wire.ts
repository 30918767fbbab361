/**
 * Lines as a service writes them, in both formats: what the tests of this room build and take apart.
 */

import { serialize } from 'bson'
import { decodeLine } from '../../src/wire/decode.ts'
import { WireError } from '../../src/wire/error.ts'
import type { BucketChecksum, BucketReason, Op, Payload, SyncLine } from '../../src/wire/line.ts'

/** A line before it is written down. */
export type RawLine = { readonly [name: string]: unknown }

/** The line in both formats. */
export function payloadsOf(line: RawLine): { ndjson: string; bson: Uint8Array } {
  return { ndjson: JSON.stringify(line), bson: new Uint8Array(serialize(line)) }
}

export function wireErrorOf(payload: Payload): WireError {
  try {
    decodeLine(payload)
  } catch (error) {
    if (error instanceof WireError) return error
    throw new Error('something else than a WireError was thrown', { cause: error })
  }
  throw new Error('nothing was thrown')
}

/**
 * A decoded line written down again, field by field, as the recorded service orders and types them. That it
 * equals what was decoded shows that nothing was lost. Checksums are unsigned here.
 */
export function rawLineOf(line: SyncLine): RawLine {
  switch (line.kind) {
    case 'checkpoint': {
      const { lastOpId, writeCheckpoint, buckets, streams } = line.checkpoint
      return {
        checkpoint: {
          last_op_id: String(lastOpId),
          ...(writeCheckpoint !== null && { write_checkpoint: String(writeCheckpoint) }),
          buckets: buckets.map(rawBucket),
          streams: streams.map(({ name, isDefault, errors }) => ({ name, is_default: isDefault, errors })),
        },
      }
    }
    case 'checkpoint_diff': {
      const { lastOpId, writeCheckpoint, updatedBuckets, removedBuckets } = line.diff
      return {
        checkpoint_diff: {
          last_op_id: String(lastOpId),
          ...(writeCheckpoint !== null && { write_checkpoint: String(writeCheckpoint) }),
          removed_buckets: removedBuckets,
          updated_buckets: updatedBuckets.map(rawBucket),
        },
      }
    }
    case 'data':
      return {
        data: {
          bucket: line.bucket,
          after: String(line.after),
          has_more: line.hasMore,
          data: line.ops.map(rawOp),
          next_after: String(line.nextAfter),
        },
      }
    case 'partial_checkpoint_complete':
      return { partial_checkpoint_complete: { last_op_id: String(line.lastOpId), priority: line.priority } }
    case 'checkpoint_complete':
      return { checkpoint_complete: { last_op_id: String(line.lastOpId) } }
    case 'token_expires_in':
      return { token_expires_in: line.seconds }
    case 'unknown':
      return { [line.name]: undefined }
  }
}

interface RawBucket {
  bucket: string
  checksum: number
  count: number | null
  priority: number
  subscriptions: readonly BucketReason[]
}

function rawBucket({ bucket, checksum, count, priority, reasons }: BucketChecksum): RawBucket {
  return { bucket, checksum, count, priority, subscriptions: reasons }
}

function rawOp(op: Op): RawLine {
  const { opId, checksum } = op
  if (!('rowType' in op)) return { op_id: String(opId), op: op.op, checksum }
  return {
    op_id: String(opId),
    op: op.op,
    object_type: op.rowType,
    object_id: op.rowId,
    checksum,
    subkey: op.subkey,
    data: op.op === 'PUT' ? op.data : null,
  }
}

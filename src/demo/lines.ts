/**
 * The lines as a service says them, field by field and in its order, and their two encodings. Written here from
 * scratch, not through our decoder, so that demo and client check each other.
 */
import { serialize } from 'bson'

import type { JsonObject } from '../wire/request.ts'
import type { BucketOp } from './bucket.ts'

export type Format = 'ndjson' | 'bson'
export type Reason = { readonly default: number } | { readonly sub: number }

export interface BucketEntry {
  readonly bucket: string
  /** Signed 32 bit. */
  readonly checksum: number
  readonly count: number
  readonly priority: number
  readonly subscriptions: readonly Reason[]
}

export interface StreamEntry {
  readonly name: string
  readonly is_default: boolean
  readonly errors: readonly { readonly subscription: number | 'default'; readonly message: string }[]
}

/** An op as sent. `data` is JSON text, or the row itself for clients that do not ask for raw data. */
export type OpEntry =
  | { readonly op_id: string; readonly op: 'MOVE' | 'CLEAR'; readonly checksum: number }
  | {
      readonly op_id: string
      readonly op: 'PUT' | 'REMOVE'
      readonly object_type: string
      readonly object_id: string
      readonly checksum: number
      readonly subkey: string
      readonly data: string | JsonObject | null
    }

export type Line =
  | {
      readonly checkpoint: {
        readonly last_op_id: string
        readonly write_checkpoint?: string
        readonly buckets: readonly BucketEntry[]
        readonly streams: readonly StreamEntry[]
      }
    }
  | {
      readonly checkpoint_diff: {
        readonly last_op_id: string
        readonly write_checkpoint?: string
        readonly removed_buckets: readonly string[]
        readonly updated_buckets: readonly BucketEntry[]
      }
    }
  | {
      readonly data: {
        readonly bucket: string
        readonly after: string
        readonly has_more: boolean
        readonly data: readonly OpEntry[]
        readonly next_after: string
      }
    }
  | { readonly partial_checkpoint_complete: { readonly last_op_id: string; readonly priority: number } }
  | { readonly checkpoint_complete: { readonly last_op_id: string } }
  | { readonly token_expires_in: number }

export function opEntry(op: BucketOp, raw: boolean): OpEntry {
  const op_id = String(op.opId)
  if (!('table' in op)) return { op_id, op: op.op, checksum: op.checksum }
  return {
    op_id,
    op: op.op,
    object_type: op.table,
    object_id: op.id,
    checksum: op.checksum,
    subkey: op.subkey,
    data: raw || op.data === null ? op.data : (JSON.parse(op.data) as JsonObject),
  }
}

/** One line as bytes. BSON writes whole numbers as int32 where they fit and as doubles where they do not. */
export function encodeLine(line: Line, format: Format): Uint8Array {
  switch (format) {
    case 'ndjson':
      return Buffer.from(`${JSON.stringify(line)}\n`)
    case 'bson':
      return serialize(line)
  }
}

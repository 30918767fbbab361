/**
 * Turns the plain values of one line, as the JSON or BSON reader gave them, into a `SyncLine`.
 *
 * Here stands what each field may be. Unknown lines and fields are ignored: they are a newer service. A known
 * field of the wrong type is a `BadField`: guessing would store wrong data. Fields are read by their known
 * names only, none of which an object inherits.
 */

import type { FieldPath } from './fields.ts'
import type {
  BucketChecksum,
  BucketReason,
  Checkpoint,
  CheckpointDiff,
  CheckpointStream,
  Op,
  OpId,
  StreamError,
  SyncLine,
} from './line.ts'

/** Well formed, but not what a line may say: where, and a sentence without row data. */
export class BadField {
  readonly path: FieldPath
  readonly sentence: string

  constructor(path: FieldPath, sentence: string) {
    this.path = path
    this.sentence = sentence
  }
}

/** Thrown when a `lossy` line has a value that may not be what was sent: read the text exactly. */
export const inexact: unique symbol = Symbol('inexact')

export type Fields = { readonly [name: string]: unknown }

/**
 * A line has one kind; should it have several, the first of those below counts.
 * `lossy`: the values come from `JSON.parse`, which rounds whole numbers beyond 2^53 and takes nested rows
 * apart. Throws `BadField`, and `inexact` where `lossy`.
 */
export function readLine(value: unknown, lossy: boolean): SyncLine {
  const line = fieldsOf(value, [])
  const reader = lossy ? lossyReader : exactReader
  if (line.data !== undefined) return reader.data(line.data)
  if (line.checkpoint !== undefined) {
    return { kind: 'checkpoint', checkpoint: reader.checkpoint(line.checkpoint) }
  }
  if (line.checkpoint_diff !== undefined) {
    return { kind: 'checkpoint_diff', diff: reader.diff(line.checkpoint_diff) }
  }
  if (line.partial_checkpoint_complete !== undefined) {
    return reader.partialComplete(line.partial_checkpoint_complete)
  }
  if (line.checkpoint_complete !== undefined) return reader.complete(line.checkpoint_complete)
  if (line.token_expires_in !== undefined) {
    return { kind: 'token_expires_in', seconds: reader.whole(line.token_expires_in, ['token_expires_in']) }
  }
  return { kind: 'unknown', name: (Object.keys(line)[0] ?? '').slice(0, longestName) }
}

const longestName = 64
const defaultPriority = 3
const maxOpId = 2n ** 63n - 1n

class LineReader {
  private readonly lossy: boolean

  constructor(lossy: boolean) {
    this.lossy = lossy
  }

  data(value: unknown): SyncLine {
    const batch = fieldsOf(value, ['data'])
    const rawOps = listOf(batch.data, ['data', 'data'])
    const ops: Op[] = []
    for (let index = 0; index < rawOps.length; index++) ops.push(this.op(rawOps[index], index))
    return {
      kind: 'data',
      bucket: textOf(batch.bucket, ['data', 'bucket']),
      ops,
      hasMore: flagOf(batch.has_more, ['data', 'has_more']),
      after: this.opIdOrNull(batch.after, ['data', 'after']),
      nextAfter: this.opIdOrNull(batch.next_after, ['data', 'next_after']),
    }
  }

  /** The hot path: no path is built unless something is wrong. */
  private op(value: unknown, index: number): Op {
    if (!isFields(value)) throw badOp(index, null, null, 'is not an object')
    const opId = this.toOpId(value.op_id)
    if (opId === null) throw badOp(index, null, 'op_id', 'has no op id from 0 to 2^63-1')
    const checksum = this.toChecksum(value.checksum)
    if (checksum === null) throw badOp(index, opId, 'checksum', 'has no checksum that is a whole number')
    const op = value.op
    switch (op) {
      case 'MOVE':
      case 'CLEAR':
        return { op, opId, checksum }
      case 'PUT':
      case 'REMOVE': {
        const rowType = value.object_type
        if (typeof rowType !== 'string') throw badOp(index, opId, 'object_type', 'names no row type')
        const rowId = value.object_id
        if (typeof rowId !== 'string') throw badOp(index, opId, 'object_id', 'names no row id')
        const subkey = value.subkey ?? ''
        if (typeof subkey !== 'string') throw badOp(index, opId, 'subkey', 'has a subkey that is not text')
        if (op === 'REMOVE') return { op, opId, rowType, rowId, subkey, checksum }
        const data = value.data
        if (typeof data !== 'string') {
          if (this.lossy && typeof data === 'object' && data !== null) throw inexact
          throw badOp(index, opId, 'data', 'is a PUT without row data')
        }
        return { op, opId, rowType, rowId, subkey, checksum, data }
      }
      default:
        throw badOp(index, opId, 'op', 'is of no known kind')
    }
  }

  checkpoint(value: unknown): Checkpoint {
    const path = ['checkpoint']
    const checkpoint = fieldsOf(value, path)
    return {
      lastOpId: this.opId(checkpoint.last_op_id, [...path, 'last_op_id']),
      writeCheckpoint: this.opIdOrNull(checkpoint.write_checkpoint, [...path, 'write_checkpoint']),
      buckets: this.buckets(checkpoint.buckets, [...path, 'buckets']),
      streams: this.streams(checkpoint.streams, [...path, 'streams']),
    }
  }

  diff(value: unknown): CheckpointDiff {
    const path = ['checkpoint_diff']
    const diff = fieldsOf(value, path)
    const removedPath = [...path, 'removed_buckets']
    return {
      lastOpId: this.opId(diff.last_op_id, [...path, 'last_op_id']),
      writeCheckpoint: this.opIdOrNull(diff.write_checkpoint, [...path, 'write_checkpoint']),
      updatedBuckets: this.buckets(diff.updated_buckets, [...path, 'updated_buckets']),
      removedBuckets: listOf(diff.removed_buckets, removedPath).map((name, index) =>
        textOf(name, [...removedPath, index]),
      ),
    }
  }

  partialComplete(value: unknown): SyncLine {
    const path = ['partial_checkpoint_complete']
    const complete = fieldsOf(value, path)
    return {
      kind: 'partial_checkpoint_complete',
      lastOpId: this.opId(complete.last_op_id, [...path, 'last_op_id']),
      priority: this.whole(complete.priority, [...path, 'priority']),
    }
  }

  complete(value: unknown): SyncLine {
    const path = ['checkpoint_complete']
    const complete = fieldsOf(value, path)
    return { kind: 'checkpoint_complete', lastOpId: this.opId(complete.last_op_id, [...path, 'last_op_id']) }
  }

  /** A whole number that a double holds exactly. */
  whole(value: unknown, path: FieldPath): number {
    const integer = this.toInteger(value)
    const number = Number(integer)
    if (integer === null || !Number.isSafeInteger(number)) throw new BadField(path, 'is not a whole number')
    return number
  }

  private buckets(value: unknown, path: FieldPath): BucketChecksum[] {
    return listOf(value, path).map((bucket, index) => this.bucket(bucket, [...path, index]))
  }

  private bucket(value: unknown, path: FieldPath): BucketChecksum {
    const fields = fieldsOf(value, path)
    const checksum = this.toChecksum(fields.checksum)
    if (checksum === null) throw new BadField([...path, 'checksum'], 'is not a whole number')
    return {
      bucket: textOf(fields.bucket, [...path, 'bucket']),
      checksum,
      count: isAbsent(fields.count) ? null : this.whole(fields.count, [...path, 'count']),
      priority: isAbsent(fields.priority)
        ? defaultPriority
        : this.whole(fields.priority, [...path, 'priority']),
      reasons: isAbsent(fields.subscriptions)
        ? []
        : this.reasons(fields.subscriptions, [...path, 'subscriptions']),
    }
  }

  /** Reasons of a newer service are ignored, like unknown fields. */
  private reasons(value: unknown, path: FieldPath): BucketReason[] {
    const reasons: BucketReason[] = []
    for (const reason of listOf(value, path)) {
      if (!isFields(reason)) continue
      const byDefault = this.toIndex(reason.default)
      const bySubscription = this.toIndex(reason.sub)
      if (byDefault !== null) reasons.push({ default: byDefault })
      else if (bySubscription !== null) reasons.push({ sub: bySubscription })
    }
    return reasons
  }

  private streams(value: unknown, path: FieldPath): CheckpointStream[] {
    if (isAbsent(value)) return []
    return listOf(value, path).map((stream, index) => {
      const streamPath = [...path, index]
      const fields = fieldsOf(stream, streamPath)
      const errors = isAbsent(fields.errors) ? [] : listOf(fields.errors, [...streamPath, 'errors'])
      return {
        name: textOf(fields.name, [...streamPath, 'name']),
        isDefault: flagOf(fields.is_default, [...streamPath, 'is_default']),
        errors: errors.map((error, at) => this.streamError(error, [...streamPath, 'errors', at])),
      }
    })
  }

  private streamError(value: unknown, path: FieldPath): StreamError {
    const fields = fieldsOf(value, path)
    const subscription = fields.subscription === 'default' ? 'default' : this.toIndex(fields.subscription)
    if (subscription === null) {
      throw new BadField([...path, 'subscription'], 'is neither an index nor "default"')
    }
    return { subscription, message: textOf(fields.message, [...path, 'message']) }
  }

  private opId(value: unknown, path: FieldPath): OpId {
    const opId = this.toOpId(value)
    if (opId === null) throw new BadField(path, 'is not an op id from 0 to 2^63-1')
    return opId
  }

  private opIdOrNull(value: unknown, path: FieldPath): OpId | null {
    return isAbsent(value) ? null : this.opId(value, path)
  }

  private toOpId(value: unknown): OpId | null {
    if (typeof value === 'string') return parseOpId(value)
    const integer = this.toInteger(value)
    if (integer === null || integer < 0 || integer > maxOpId) return null
    return BigInt(integer)
  }

  /** Modulo 2^32, unsigned: services send the same sum as int32, uint32, int64 or double. */
  private toChecksum(value: unknown): number | null {
    const integer = this.toInteger(value)
    if (integer === null) return null
    return typeof integer === 'bigint' ? Number(BigInt.asUintN(32, integer)) : integer >>> 0
  }

  private toIndex(value: unknown): number | null {
    const integer = this.toInteger(value)
    return integer === null || integer < 0 || integer > Number.MAX_SAFE_INTEGER ? null : Number(integer)
  }

  private toInteger(value: unknown): number | bigint | null {
    if (typeof value === 'bigint') return value
    if (typeof value !== 'number' || !Number.isInteger(value)) return null
    if (this.lossy && !Number.isSafeInteger(value)) throw inexact
    return value
  }
}

const lossyReader = new LineReader(true)
const exactReader = new LineReader(false)

/** As many decimal digits as a double holds exactly, whatever they are. */
const safeDigits = 15
const maxDigits = 19

/** Decimal digits to an op id; null where there is anything else, or too much. */
function parseOpId(text: string): OpId | null {
  const { length } = text
  if (length === 0 || length > maxDigits) return null
  let number = 0
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return null
    number = number * 10 + digit
  }
  if (length <= safeDigits) return BigInt(number)
  const opId = BigInt(text)
  return opId > maxOpId ? null : opId
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsOf(value: unknown, path: FieldPath): Fields {
  if (!isFields(value)) throw new BadField(path, 'is not an object')
  return value
}

function listOf(value: unknown, path: FieldPath): readonly unknown[] {
  if (!Array.isArray(value)) throw new BadField(path, 'is not a list')
  return value
}

function textOf(value: unknown, path: FieldPath): string {
  if (typeof value !== 'string') throw new BadField(path, 'is not text')
  return value
}

/** Absent is false. */
function flagOf(value: unknown, path: FieldPath): boolean {
  if (isAbsent(value)) return false
  if (typeof value !== 'boolean') throw new BadField(path, 'is neither true nor false')
  return value
}

function badOp(index: number, opId: OpId | null, field: string | null, sentence: string): BadField {
  const path = ['data', 'data', index]
  const subject = opId === null ? 'of this line' : String(opId)
  return new BadField(field === null ? path : [...path, field], `op ${subject} ${sentence}`)
}

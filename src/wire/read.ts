/**
 * Turns the plain values of one line, as the JSON or BSON reader gave them, into a `SyncLine`.
 *
 * Here stands what each field may be. Unknown lines and fields are ignored: they are a newer service. A known
 * field of the wrong type is a `BadField`: guessing would store wrong data. Fields are read by their known
 * names only, none of which an object inherits.
 */

import {
  BadField,
  fieldsOf,
  flagOf,
  isAbsent,
  isFields,
  listOf,
  listOrNone,
  textOf,
  type FieldPath,
  type Fields,
} from './fields.ts'
import type {
  BucketChecksum,
  BucketReason,
  CheckpointStream,
  Op,
  OpId,
  StreamError,
  SyncLine,
} from './line.ts'

/** Thrown when a `lossy` line has a value that may not be what was sent: read the text exactly. */
export const inexact: unique symbol = Symbol('inexact')

/**
 * A line has one kind; should it have several, the first of those below counts.
 * `lossy`: the values come from `JSON.parse`, which rounds whole numbers beyond 2^53 and takes nested rows
 * apart. Throws `BadField`, and `inexact` where `lossy`.
 */
export function readLine(value: unknown, lossy: boolean): SyncLine {
  if (!isFields(value)) throw new BadField([], 'is not an object')
  const reader = lossy ? lossyReader : exactReader
  if (value.data !== undefined) return reader.data(value)
  if (value.checkpoint !== undefined) return reader.checkpoint(value)
  if (value.checkpoint_diff !== undefined) return reader.diff(value)
  if (value.partial_checkpoint_complete !== undefined) return reader.partialComplete(value)
  if (value.checkpoint_complete !== undefined) return reader.complete(value)
  if (value.token_expires_in !== undefined) return reader.tokenExpiresIn(value)
  return { kind: 'unknown', name: (Object.keys(value)[0] ?? '').slice(0, longestName) }
}

const longestName = 64
const defaultPriority = 3
/** 2^31-1 stands for the whole checkpoint. */
const lastPriority = 2 ** 31 - 2
const maxOpId = 2n ** 63n - 1n

class LineReader {
  private readonly lossy: boolean

  constructor(lossy: boolean) {
    this.lossy = lossy
  }

  data(line: Fields): SyncLine {
    const path = ['data']
    const batch = fieldsOf(line.data, path)
    const rawOps = listOf(batch, 'data', path)
    const ops: Op[] = []
    for (let index = 0; index < rawOps.length; index++) ops.push(this.op(rawOps[index], index))
    return {
      kind: 'data',
      bucket: textOf(batch, 'bucket', path),
      ops,
      hasMore: flagOf(batch, 'has_more', path),
      after: this.opIdOrNull(batch, 'after', path),
      nextAfter: this.opIdOrNull(batch, 'next_after', path),
    }
  }

  /** The hot path, so with words of its own: they name the op. */
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

  checkpoint(line: Fields): SyncLine {
    const path = ['checkpoint']
    const checkpoint = fieldsOf(line.checkpoint, path)
    return {
      kind: 'checkpoint',
      checkpoint: {
        lastOpId: this.opId(checkpoint, 'last_op_id', path),
        writeCheckpoint: this.opIdOrNull(checkpoint, 'write_checkpoint', path),
        buckets: this.buckets(checkpoint, 'buckets', path),
        streams: this.streams(checkpoint, 'streams', path),
      },
    }
  }

  diff(line: Fields): SyncLine {
    const path = ['checkpoint_diff']
    const diff = fieldsOf(line.checkpoint_diff, path)
    return {
      kind: 'checkpoint_diff',
      diff: {
        lastOpId: this.opId(diff, 'last_op_id', path),
        writeCheckpoint: this.opIdOrNull(diff, 'write_checkpoint', path),
        updatedBuckets: this.buckets(diff, 'updated_buckets', path),
        removedBuckets: listOf(diff, 'removed_buckets', path).map((removed, index) => {
          if (typeof removed !== 'string')
            throw new BadField([...path, 'removed_buckets', index], 'is not text')
          return removed
        }),
      },
    }
  }

  partialComplete(line: Fields): SyncLine {
    const path = ['partial_checkpoint_complete']
    const complete = fieldsOf(line.partial_checkpoint_complete, path)
    return {
      kind: 'partial_checkpoint_complete',
      lastOpId: this.opId(complete, 'last_op_id', path),
      priority: this.priority(complete, path),
    }
  }

  complete(line: Fields): SyncLine {
    const path = ['checkpoint_complete']
    const complete = fieldsOf(line.checkpoint_complete, path)
    return { kind: 'checkpoint_complete', lastOpId: this.opId(complete, 'last_op_id', path) }
  }

  tokenExpiresIn(line: Fields): SyncLine {
    return { kind: 'token_expires_in', seconds: this.whole(line, 'token_expires_in', []) }
  }

  private buckets(fields: Fields, name: string, path: FieldPath): BucketChecksum[] {
    return listOf(fields, name, path).map((bucket, index) => this.bucket(bucket, [...path, name, index]))
  }

  private bucket(value: unknown, path: FieldPath): BucketChecksum {
    const fields = fieldsOf(value, path)
    const checksum = this.toChecksum(fields.checksum)
    if (checksum === null) throw new BadField([...path, 'checksum'], 'is not a whole number')
    return {
      bucket: textOf(fields, 'bucket', path),
      checksum,
      count: isAbsent(fields.count) ? null : this.whole(fields, 'count', path),
      priority: isAbsent(fields.priority) ? defaultPriority : this.priority(fields, path),
      reasons: this.reasons(fields, 'subscriptions', path),
    }
  }

  /** Reasons of a newer service are ignored, like unknown fields. */
  private reasons(fields: Fields, name: string, path: FieldPath): BucketReason[] {
    const reasons: BucketReason[] = []
    for (const reason of listOrNone(fields, name, path)) {
      if (!isFields(reason)) continue
      const byDefault = this.toIndex(reason.default)
      const bySubscription = this.toIndex(reason.sub)
      if (byDefault !== null) reasons.push({ default: byDefault })
      else if (bySubscription !== null) reasons.push({ sub: bySubscription })
    }
    return reasons
  }

  private streams(fields: Fields, name: string, path: FieldPath): CheckpointStream[] {
    return listOrNone(fields, name, path).map((stream, index) => this.stream(stream, [...path, name, index]))
  }

  private stream(value: unknown, path: FieldPath): CheckpointStream {
    const fields = fieldsOf(value, path)
    return {
      name: textOf(fields, 'name', path),
      isDefault: flagOf(fields, 'is_default', path),
      errors: listOrNone(fields, 'errors', path).map((error, index) =>
        this.streamError(error, [...path, 'errors', index]),
      ),
    }
  }

  private streamError(value: unknown, path: FieldPath): StreamError {
    const fields = fieldsOf(value, path)
    const subscription = fields.subscription === 'default' ? 'default' : this.toIndex(fields.subscription)
    if (subscription === null) {
      throw new BadField([...path, 'subscription'], 'is neither an index nor "default"')
    }
    return { subscription, message: textOf(fields, 'message', path) }
  }

  private opId(fields: Fields, name: string, path: FieldPath): OpId {
    const opId = this.toOpId(fields[name])
    if (opId === null) throw new BadField([...path, name], 'is not an op id from 0 to 2^63-1')
    return opId
  }

  private opIdOrNull(fields: Fields, name: string, path: FieldPath): OpId | null {
    return isAbsent(fields[name]) ? null : this.opId(fields, name, path)
  }

  /** A whole number that a double holds exactly. */
  private whole(fields: Fields, name: string, path: FieldPath): number {
    const integer = this.toInteger(fields[name])
    const number = Number(integer)
    if (integer === null || !Number.isSafeInteger(number)) {
      throw new BadField([...path, name], 'is not a whole number')
    }
    return number
  }

  private priority(fields: Fields, path: FieldPath): number {
    const priority = this.whole(fields, 'priority', path)
    if (priority > lastPriority) throw new BadField([...path, 'priority'], `is above ${lastPriority}`)
    return priority
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

function badOp(index: number, opId: OpId | null, field: string | null, sentence: string): BadField {
  const path = ['data', 'data', index]
  const subject = opId === null ? 'of this line' : String(opId)
  return new BadField(field === null ? path : [...path, field], `op ${subject} ${sentence}`)
}

/**
 * One bucket: its ops in order, and what they add up to.
 *
 * Invariant: `checksum` is the sum of the checksums of all ops ever appended, as a signed 32-bit number, and
 * `count` is how many there were. Compaction shortens `ops` and changes neither.
 */
import { crc32 } from 'node:zlib'
import { hash } from 'node:crypto'

import type { AnyRow, TableName } from './tables.ts'

export type BucketOp =
  | {
      readonly op: 'PUT' | 'REMOVE'
      readonly opId: number
      readonly table: TableName
      readonly id: string
      readonly subkey: string
      /** Unsigned 32 bit. */
      readonly checksum: number
      /** The row as JSON text; null for a REMOVE. */
      readonly data: string | null
    }
  | { readonly op: 'MOVE' | 'CLEAR'; readonly opId: number; readonly checksum: number }

/** The ops that follow a position, up to the limits of one line. */
export interface Batch {
  readonly ops: readonly BucketOp[]
  /** A limit ended the batch. As with the real service, nothing need follow. */
  readonly hasMore: boolean
}

const opsInBatch = 1000
const charactersInBatch = 1024 * 1024

export class Bucket {
  #ops: BucketOp[] = []
  #checksum = 0
  #count = 0

  get checksum(): number {
    return this.#checksum
  }

  get count(): number {
    return this.#count
  }

  /** The position that has everything; 0 when there is nothing. */
  get end(): number {
    return this.#ops.at(-1)?.opId ?? 0
  }

  append(op: BucketOp): void {
    this.#ops.push(op)
    this.#checksum = (this.#checksum + op.checksum) | 0
    this.#count += 1
  }

  /** What comes after a position; nothing when the position is at or beyond the end. */
  after(position: number): Batch {
    const first = this.#firstAfter(position)
    let size = 0
    let next = first
    for (; next < this.#ops.length; next += 1) {
      const op = this.#ops[next]!
      const length = 'data' in op ? (op.data?.length ?? 0) : 0
      if (next - first === opsInBatch || (next > first && size + length > charactersInBatch)) break
      size += length
    }
    const full = next - first === opsInBatch || next < this.#ops.length
    return { ops: this.#ops.slice(first, next), hasMore: full }
  }

  /**
   * Forgets what later ops made void: a superseded op becomes a MOVE without data, and everything at the front
   * that leaves no row becomes a single CLEAR.
   */
  compact(): void {
    const last = new Map<string, number>()
    for (const op of this.#ops) if ('table' in op) last.set(`${op.table}/${op.id}`, op.opId)
    const moved = this.#ops.map((op): BucketOp => {
      if (!('table' in op) || last.get(`${op.table}/${op.id}`) === op.opId) return op
      return { op: 'MOVE', opId: op.opId, checksum: op.checksum }
    })
    const live = moved.findIndex((op) => op.op === 'PUT')
    const front = live === -1 ? moved.length : live
    if (front < 2) {
      this.#ops = moved
      return
    }
    const checksum = moved.slice(0, front).reduce((sum, op) => (sum + op.checksum) | 0, 0)
    this.#ops = [{ op: 'CLEAR', opId: moved[front - 1]!.opId, checksum }, ...moved.slice(front)]
  }

  #firstAfter(position: number): number {
    let low = 0
    let high = this.#ops.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ops[middle]!.opId > position) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** What a row looks like in every bucket that holds it, worked out once. */
export interface RowImage {
  readonly subkey: string
  readonly data: string
  readonly checksum: number
}

export function imageOf(table: TableName, row: AnyRow): RowImage {
  const data = JSON.stringify(row)
  return { subkey: subkeyOf(table, row.id), data, checksum: crc32(`${table}/${row.id}/${data}`) }
}

export function putOp(opId: number, table: TableName, id: string, image: RowImage): BucketOp {
  return { op: 'PUT', opId, table, id, ...image }
}

export function removeOp(opId: number, table: TableName, id: string): BucketOp {
  const subkey = subkeyOf(table, id)
  return { op: 'REMOVE', opId, table, id, subkey, checksum: crc32(`${table}/${id}`), data: null }
}

/** Two ids in the form of UUIDs, one for the source table and one for the row, as a real service sends. */
function subkeyOf(table: TableName, id: string): string {
  return `${uuidOf(table)}/${uuidOf(`${table}/${id}`)}`
}

function uuidOf(text: string): string {
  const hex = hash('sha1', text, 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

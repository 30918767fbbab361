/**
 * A made-up sync service: what it would send for a first sync, on resuming, for changes and for buckets that go.
 * The same calls give the same bytes. Names, ids and subkeys are as long as those of a real service.
 */
import type { Schema } from '../../src/schema/schema.ts'

export interface ServiceOptions {
  /** Buckets in the checkpoint. */
  readonly buckets: number
  /** How many of them hold rows, the first ones. Default: as many as there are lines for. */
  readonly filled?: number
  readonly opsPerLine: number
  /** Default: short rows of 150 bytes. */
  readonly row?: RowMaker
  /** Whether each bucket belongs to a subscription of its own. Default: all to one default stream. */
  readonly subscribed?: boolean
}

/** The row that op `n` brings; `version` 0 is the first. Its id depends on `n` alone. */
export type RowMaker = (n: number, version: number) => { readonly type: string; readonly data: JsonRow }

type JsonRow = { readonly [column: string]: string | number }

export const STREAM = 'rows'

/** The table that `shortRows` fills. */
export const rowsSchema: Schema = {
  tables: { rows: { columns: { owner: 'text', done: 'integer', text: 'text' } } },
}

/** Rows of `rowsSchema` whose JSON text has about this many bytes. */
export function shortRows(bytes: number): RowMaker {
  const filler = 'x'.repeat(Math.max(0, bytes - 110))
  return (n, version) => ({
    type: 'rows',
    data: { owner: `user-${n % 97}`, done: n % 2, text: `row ${n}.${version} ${filler}` },
  })
}

export class MadeUpService {
  readonly #options: ServiceOptions
  readonly #row: RowMaker
  #sums: Sum[]
  /** Ops of the first sync. */
  #rows = 0
  #filled = 0
  #ops = 0
  #version = 0

  constructor(options: ServiceOptions) {
    this.#options = options
    this.#row = options.row ?? shortRows(150)
    this.#sums = Array.from({ length: options.buckets }, () => ({ checksum: 0, count: 0 }))
  }

  /** A service that has come as far, and goes its own way from here. */
  copy(): MadeUpService {
    const copy = new MadeUpService(this.#options)
    copy.#sums = this.#sums.map((sum) => ({ ...sum }))
    copy.#rows = this.#rows
    copy.#filled = this.#filled
    copy.#ops = this.#ops
    copy.#version = this.#version
    return copy
  }

  /** A checkpoint with this many ops, each a new row; a line belongs to one bucket, lines go round the buckets. */
  *firstSync(ops: number): Generator<string> {
    const { opsPerLine, buckets } = this.#options
    const lines = Math.ceil(ops / opsPerLine)
    this.#filled = Math.min(this.#options.filled ?? buckets, buckets, lines)
    this.#rows = ops
    for (let op = 1; op <= ops; op++) this.#count(this.#bucketOf(op), op)
    this.#ops = ops
    yield this.#checkpoint()
    for (let from = 1; from <= ops; from += opsPerLine) {
      const data = []
      for (let op = from; op < from + opsPerLine && op <= ops; op++) data.push(this.#put(op, op))
      yield dataLine(this.#bucketOf(from), data)
    }
    yield this.#complete()
  }

  /** What a client that is up to date is told when it connects. */
  *resume(): Generator<string> {
    yield this.#checkpoint()
    yield this.#complete()
  }

  /** Changes, ten ops in a line's bucket or a thousand: of ten, seven change a row, two add one, one removes one. */
  *diff(ops: number): Generator<string> {
    const version = ++this.#version
    const lines: { readonly bucket: number; readonly data: object[] }[] = []
    const perBucket = Math.min(ops, 1000)
    for (let line = 0; line < ops / perBucket; line++) {
      const bucket = (version * 31 + line) % this.#filled
      const data = []
      for (let index = 0; index < perBucket; index++) {
        const op = ++this.#ops
        this.#count(bucket, op)
        data.push(this.#change(op, bucket, index, line))
      }
      lines.push({ bucket, data })
    }
    const changed = [...new Set(lines.map(({ bucket }) => bucket))]
    yield JSON.stringify({
      checkpoint_diff: {
        last_op_id: String(this.#ops),
        updated_buckets: changed.map((bucket) => this.#describe(bucket)),
        removed_buckets: [],
      },
    })
    for (const { bucket, data } of lines) yield dataLine(bucket, data)
    yield this.#complete()
  }

  /** The first `count` buckets go. */
  *drop(count: number): Generator<string> {
    const removed_buckets = Array.from({ length: count }, (_, bucket) => bucketName(bucket))
    const last_op_id = String(++this.#ops)
    yield JSON.stringify({ checkpoint_diff: { last_op_id, updated_buckets: [], removed_buckets } })
    yield this.#complete()
  }

  #checkpoint(): string {
    const subscribed = this.#options.subscribed === true
    return JSON.stringify({
      checkpoint: {
        last_op_id: String(this.#ops),
        buckets: this.#sums.map((_, bucket) => this.#describe(bucket)),
        streams: [{ name: STREAM, is_default: !subscribed, errors: [] }],
      },
    })
  }

  #complete(): string {
    return JSON.stringify({ checkpoint_complete: { last_op_id: String(this.#ops) } })
  }

  #describe(bucket: number): object {
    const { checksum, count } = this.#sums[bucket]!
    const reason = this.#options.subscribed === true ? { sub: bucket } : { default: 0 }
    return {
      bucket: bucketName(bucket),
      checksum: checksum | 0,
      count,
      priority: 3,
      subscriptions: [reason],
    }
  }

  #change(op: number, bucket: number, index: number, line: number): object {
    const turn = index % 10
    if (turn === 7 || turn === 8) return this.#put(op, op)
    const place = this.#version * 7 + line * 7 + index
    // Rows of the first half are changed, each of the second is removed once.
    const half = Math.max(1, Math.floor(this.#rowsOf(bucket) / 2))
    if (turn !== 9) return this.#put(op, this.#rowAt(bucket, place % half))
    const removed = half + ((this.#version * 1000 + index) % half)
    return this.#operation(op, 'REMOVE', this.#rowAt(bucket, removed))
  }

  #put(op: number, n: number): object {
    const { type, data } = this.#row(n, n === op ? 0 : this.#version)
    const text = JSON.stringify({ id: uuid(n), ...data })
    return { ...this.#operation(op, 'PUT', n, type), data: text }
  }

  #operation(op: number, kind: 'PUT' | 'REMOVE', n: number, type = this.#row(n, 0).type): object {
    return {
      op_id: String(op),
      op: kind,
      object_type: type,
      object_id: uuid(n),
      checksum: checksum(op),
      subkey: `${SOURCE}/${uuid(n)}`,
    }
  }

  #count(bucket: number, op: number): void {
    const sum = this.#sums[bucket]!
    sum.checksum = (sum.checksum + checksum(op)) >>> 0
    sum.count++
  }

  #bucketOf(op: number): number {
    return Math.floor((op - 1) / this.#options.opsPerLine) % this.#filled
  }

  #rowsOf(bucket: number): number {
    const { opsPerLine } = this.#options
    const lines = Math.floor(this.#rows / opsPerLine)
    return opsPerLine * (Math.floor(lines / this.#filled) + (bucket < lines % this.#filled ? 1 : 0))
  }

  /** The op that brought the bucket's row at this place. */
  #rowAt(bucket: number, place: number): number {
    const { opsPerLine } = this.#options
    const line = bucket + Math.floor(place / opsPerLine) * this.#filled
    return line * opsPerLine + (place % opsPerLine) + 1
  }
}

interface Sum {
  checksum: number
  count: number
}

const SOURCE = 'e6f545f2-7969-405b-ad2f-68d0ec785fb5'

function dataLine(bucket: number, data: readonly object[]): string {
  const ids = data as readonly { readonly op_id: string }[]
  return JSON.stringify({
    data: {
      bucket: bucketName(bucket),
      after: String(Number(ids[0]!.op_id) - 1),
      has_more: false,
      data,
      next_after: ids.at(-1)!.op_id,
    },
  })
}

const bucketName = (bucket: number) => `1#${STREAM}|0["${bucket}"]`
const checksum = (op: number) => Math.imul(op, 0x9e3779b1) >>> 0

/** Ids that come in no order, as those of real rows do; no two are equal. */
function uuid(n: number): string {
  const first = hex(Math.imul(n, 0x9e3779b1))
  const second = hex(Math.imul(n ^ 0x5bd1e995, 0x85ebca6b))
  const third = hex(Math.imul(n ^ 0x27d4eb2f, 0xc2b2ae35))
  return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-8${third.slice(1, 4)}-${third.slice(4)}${first}`
}

const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0')

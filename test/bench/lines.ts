/** Lines of a first sync, made up: the same arguments give the same bytes. */

export interface FirstSync {
  readonly ops: number
  readonly opsPerLine: number
  readonly buckets: number
  /** Bytes of a row's JSON text, about. */
  readonly rowBytes: number
}

/** The lines of a checkpoint with all its data, as NDJSON texts without their newlines. */
export function* firstSync({ ops, opsPerLine, buckets, rowBytes }: FirstSync): Generator<string> {
  const sums = Array.from({ length: buckets }, () => ({ checksum: 0, count: 0 }))
  for (let op = 1; op <= ops; op++) {
    const sum = sums[bucketOf(op)]!
    sum.checksum = (sum.checksum + checksum(op)) >>> 0
    sum.count++
  }
  yield JSON.stringify({
    checkpoint: {
      last_op_id: String(ops),
      buckets: sums.map((sum, index) => ({
        bucket: name(index),
        checksum: sum.checksum | 0,
        count: sum.count,
        priority: 3,
        subscriptions: [{ default: 0 }],
      })),
      streams: [{ name: 'rows', is_default: true, errors: [] }],
    },
  })
  const filler = 'x'.repeat(Math.max(0, rowBytes - 90))
  for (let from = 1; from <= ops; from += opsPerLine) {
    const last = Math.min(ops, from + opsPerLine - 1)
    const data = []
    for (let op = from; op <= last; op++) {
      const row = { id: rowId(op), owner: `user-${op % 97}`, done: op % 2, text: `row ${op} ${filler}` }
      data.push({
        op_id: String(op),
        op: 'PUT',
        object_type: 'rows',
        object_id: rowId(op),
        checksum: checksum(op),
        subkey: `s/${rowId(op)}`,
        data: JSON.stringify(row),
      })
    }
    yield JSON.stringify({
      data: {
        bucket: name(bucketOf(from)),
        after: String(from - 1),
        has_more: last < ops,
        data,
        next_after: String(last),
      },
    })
  }
  yield JSON.stringify({ checkpoint_complete: { last_op_id: String(ops) } })

  /** A line belongs to one bucket. */
  function bucketOf(op: number): number {
    return Math.floor((op - 1) / opsPerLine) % buckets
  }
}

const name = (bucket: number) => `1#rows|0["${bucket}"]`
const checksum = (op: number) => Math.imul(op, 2654435761) >>> 0

/** Ids that come in no order, as the uuids of real rows do. */
const rowId = (op: number) => `${(Math.imul(op, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-${op.toString(16)}`

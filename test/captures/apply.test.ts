/**
 * Every recorded stream, through the machine into a database. What must come out is worked out here by an
 * independent fold of the ops: it shares no code with the decoder, the machine or the storage.
 */
import { deserialize } from 'bson'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { createFramer } from '../../src/wire/framing.ts'
import type { Payload } from '../../src/wire/line.ts'
import { Session } from '../engine/session.ts'
import { loadCaptures } from './load.ts'
import type { Capture } from './load.ts'

const streams = loadCaptures().filter(({ format }) => format !== null)
const positions = (capture: Capture) => (capture.requestBody as { buckets?: unknown[] }).buckets ?? []
/** The engine reads a last line without its newline only where the stream ended normally. */
const payloadsOf = (capture: Capture): Payload[] => {
  const framer = createFramer(capture.format!)
  const payloads = framer.push(capture.stream())
  return capture.ended.startsWith('error') ? payloads : [...payloads, ...framer.end()]
}
const loose = (payload: Payload): Loose =>
  typeof payload === 'string'
    ? (JSON.parse(payload) as Loose)
    : (deserialize(payload, { useBigInt64: true }) as unknown as Loose)

/** Rows as nested objects, with bare NaN in them: no generic parser reads those. It has a test of its own. */
const isLegacy = ({ name }: Capture) => name.startsWith('18-')
const fresh = streams.filter(
  (capture) => !isLegacy(capture) && positions(capture).length === 0 && !isCutOff(capture),
)
const resumed = streams.filter((capture) => positions(capture).length > 0)

test('the set holds streams of every kind', () => {
  expect(fresh.length).toBeGreaterThan(60)
  expect(resumed.map(({ name }) => name.slice(0, 2)).sort()).toEqual([
    '35',
    '40',
    '41',
    '42',
    '43',
    '44',
    '90',
  ])
})

describe('a stream without positions that completes a checkpoint', () => {
  test.each(fresh.map((capture) => [capture.name, capture] as const))('%s', (_name, capture) => {
    const payloads = payloadsOf(capture)
    const expected = foldOps(payloads.map(loose))
    using session = new Session()
    session.connect(subscriptionsOf(capture))
    for (const payload of payloads) session.line(payload)

    expect(session.did('fail')).toEqual([])
    expect(
      session.did('log').filter(({ severity, text }) => severity === 'warning' && /hecksum/.test(text)),
    ).toEqual([])
    expect(expected.completed).toBeGreaterThan(0)
    expect(untypedRows(session)).toEqual(expected.rows)
    expect(session.status.priorities.some(({ priority }) => priority === 2147483647)).toBe(true)
  })

  test.each(
    fresh
      .filter(({ name }) => /^(?:01|17|21|30|95)-/.test(name))
      .map((capture) => [capture.name, capture] as const),
  )('%s reads the same through the columns of a view as from its JSON', (_name, capture) => {
    const payloads = payloadsOf(capture)
    const { rows } = foldOps(payloads.map(loose))
    const types = [...new Set(rows.map(([type]) => type))]
    using db = openMemory()
    for (const type of types) {
      const columns = db.columnsOf(rows.filter((row) => row[0] === type).map((row) => row[2]))
      using session = new Session({
        tables: { [type]: { columns: Object.fromEntries(columns.map((column) => [column, 'text'])) } },
      })
      session.connect()
      for (const payload of payloads) session.line(payload)
      const select = columns.map((column) => `"${column}"`).join(', ')
      const seen = session
        .query(`SELECT id, ${select} FROM "${type}" ORDER BY id`)
        .map((row) => Object.values(row))
      const wanted = rows
        .filter((row) => row[0] === type)
        .map(([, id, data]) => [id, ...db.read(data, columns)])
      expect(seen).toEqual(wanted)
    }
  })
})

describe('a resumed stream on an empty database', () => {
  test.each(resumed.map((capture) => [capture.name, capture] as const))(
    '%s gives the checksum mismatch that it must give',
    (_name, capture) => {
      using session = new Session()
      session.connect(subscriptionsOf(capture))
      for (const payload of payloadsOf(capture)) session.line(payload)
      const warnings = session.did('log').filter(({ severity }) => severity === 'warning')
      expect(warnings.map(({ text }) => text).join('\n')).toMatch(/hecksums/)
      expect(untypedRows(session)).toEqual([])
      expect(session.did('close').at(-1)).toMatchObject({ hideDisconnect: false })
    },
  )
})

describe('an interrupted stream', () => {
  const interrupted = streams.filter((capture) => !isLegacy(capture) && isCutOff(capture))
  test.each(interrupted.map((capture) => [capture.name, capture] as const))(
    '%s leaves nothing applied and keeps its progress',
    (_name, capture) => {
      using session = new Session()
      session.connect(subscriptionsOf(capture))
      let ops = 0
      for (const payload of payloadsOf(capture)) {
        session.line(payload)
        ops += loose(payload).data?.data.length ?? 0
      }
      expect(untypedRows(session)).toEqual([])
      expect(session.query('SELECT coalesce(sum(count_since_last), 0) AS n FROM ps_buckets')).toEqual([
        { n: ops },
      ])
    },
  )
})

test('18-values-legacy keeps rows with bare NaN and Infinity exactly as text', () => {
  const capture = streams.find(isLegacy)!
  const text = new TextDecoder().decode(capture.stream())
  using session = new Session()
  session.connect(subscriptionsOf(capture))
  for (const payload of payloadsOf(capture)) session.line(payload)
  const rows = untypedRows(session)
  expect(rows.length).toBeGreaterThan(20)
  for (const [, id, data] of rows) {
    expect(text).toContain(`"object_id":${JSON.stringify(id)}`)
    expect(text).toContain(`"data":${data}`)
  }
  expect(rows.some(([, , data]) => /:NaN\b/.test(data))).toBe(true)
  expect(rows.some(([, , data]) => /:-Infinity\b/.test(data))).toBe(true)
})

/** Without a schema, rows wait as they came, with their types and exact texts. */
function untypedRows(session: Session): [string, string, string][] {
  return session
    .query('SELECT t.name, u.id, u.data FROM ps_untyped u JOIN ps_row_types t ON t.id = u.row_type')
    .map((row) => Object.values(row) as [string, string, string])
    .sort(byTypeAndId)
}

/** No checkpoint of it completes. */
function isCutOff(capture: Capture): boolean {
  return (
    positions(capture).length === 0 &&
    !payloadsOf(capture).some((payload) => 'checkpoint_complete' in loose(payload))
  )
}

/** The recorded request's subscriptions cannot be made here; reasons that name them count for nobody. */
function subscriptionsOf(capture: Capture): { readonly includeDefaults: boolean } {
  const body = capture.requestBody as { streams?: { include_defaults?: boolean } }
  return { includeDefaults: body.streams?.include_defaults ?? true }
}

// The independent fold.

interface Loose {
  readonly checkpoint?: { readonly buckets: readonly LooseBucket[] }
  readonly checkpoint_diff?: {
    readonly updated_buckets: readonly LooseBucket[]
    readonly removed_buckets: readonly string[]
  }
  readonly data?: { readonly bucket: string; readonly data: readonly LooseOp[] }
  readonly partial_checkpoint_complete?: { readonly priority: number }
  readonly checkpoint_complete?: unknown
}
interface LooseBucket {
  readonly bucket: string
  readonly checksum: number | bigint
  readonly priority: number
}
interface LooseOp {
  readonly op_id: string
  readonly op: string
  readonly object_type: string
  readonly object_id: string
  readonly subkey: string
  readonly checksum: number | bigint
  /** Text, or the row itself where the request did not ask for raw data. */
  readonly data: string | object
}
type Entry = { readonly opId: bigint; readonly type: string; readonly id: string; readonly data: string }

/** Rows after the last completed checkpoint, every bucket's checksum checked on the way. */
function foldOps(lines: readonly Loose[]): {
  readonly rows: [string, string, string][]
  readonly completed: number
} {
  const target = new Map<string, LooseBucket>()
  const received = new Map<string, LooseOp[]>()
  let published: Entry[] = []
  let completed = 0
  for (const line of lines) {
    if (line.checkpoint !== undefined) {
      target.clear()
      for (const bucket of line.checkpoint.buckets) target.set(bucket.bucket, bucket)
    }
    for (const bucket of line.checkpoint_diff?.updated_buckets ?? []) target.set(bucket.bucket, bucket)
    for (const name of line.checkpoint_diff?.removed_buckets ?? []) {
      target.delete(name)
      received.delete(name)
    }
    if (line.data !== undefined) {
      received.set(line.data.bucket, [...(received.get(line.data.bucket) ?? []), ...line.data.data])
    }
    if ('checkpoint_complete' in line) {
      completed++
      published = [...target.values()].flatMap((bucket) =>
        liveEntries(bucket, received.get(bucket.bucket) ?? []),
      )
    }
  }
  const winners = new Map<string, Entry>()
  for (const entry of published) {
    const key = JSON.stringify([entry.type, entry.id])
    if ((winners.get(key)?.opId ?? -1n) < entry.opId) winners.set(key, entry)
  }
  const rows = [...winners.values()].map(({ type, id, data }): [string, string, string] => [type, id, data])
  return { rows: rows.sort(byTypeAndId), completed }
}

function liveEntries(bucket: LooseBucket, ops: readonly LooseOp[]): Entry[] {
  const entries = new Map<string, Entry>()
  let sum = 0n
  for (const op of ops) {
    const key = JSON.stringify([op.object_type, op.object_id, op.subkey])
    if (op.op === 'CLEAR') {
      entries.clear()
      sum = 0n
    }
    sum += BigInt(op.checksum)
    if (op.op === 'REMOVE') entries.delete(key)
    if (op.op === 'PUT') {
      const data = typeof op.data === 'string' ? op.data : JSON.stringify(op.data)
      entries.set(key, { opId: BigInt(op.op_id), type: op.object_type, id: op.object_id, data })
    }
  }
  expect(BigInt.asUintN(32, sum), `checksum of ${bucket.bucket}`).toBe(
    BigInt.asUintN(32, BigInt(bucket.checksum)),
  )
  return [...entries.values()]
}

function byTypeAndId(a: readonly string[], b: readonly string[]): number {
  const key = (row: readonly string[]) => Buffer.from(`${row[0]}\0${row[1]}`)
  return Buffer.compare(key(a), key(b))
}

/** SQLite's own reading of JSON, in a database that Headwater has never seen. */
function openMemory() {
  const db = new Database(':memory:')
  db.defaultSafeIntegers()
  return {
    columnsOf(rows: readonly string[]): string[] {
      const keys = db.prepare('SELECT DISTINCT key FROM json_each(?) WHERE key <> ?').pluck()
      return [...new Set(rows.flatMap((row) => keys.all(row, 'id') as string[]))]
    },
    read(row: string, columns: readonly string[]): unknown[] {
      const extract = db.prepare(`SELECT CAST(json_extract(?, ?) AS text)`).pluck()
      return columns.map((column) => extract.get(row, `$."${column}"`))
    },
    [Symbol.dispose]: () => void db.close(),
  }
}

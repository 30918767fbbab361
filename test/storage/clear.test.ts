import { expect, test } from 'vitest'
import type { Schema } from '../../src/schema/schema.ts'
import type { SubscriptionRow } from '../../src/sync/event.ts'
import { bucket, Fixture, put, type Row } from './fixture.ts'

const schema: Schema = {
  tables: { todos: { columns: { text: 'text' } }, drafts: { columns: { text: 'text' }, localOnly: true } },
}

const subscription: SubscriptionRow = {
  id: 1,
  name: 's',
  params: null,
  active: true,
  isDefault: false,
  priority: null,
  ttl: 1000,
  expiresAt: 5,
  lastSyncedAt: null,
}

/** Synced rows of a named and an unnamed type, shadowed ones, a local change, a local row, a draft. */
function filled(): Fixture {
  const db = new Fixture(schema)
  db.sync({
    a: [put(1, 'r1', { text: 'a' }), put(2, 'n1', { text: 'n' }, { rowType: 'notes' })],
    b: [put(3, 'r1', { text: 'b' }), put(4, 'r2', { text: 'b' })],
  })
  db.do({ do: 'put_subscription', row: subscription })
  db.writeLocally('r2', 'local')
  db.writeLocally('mine', 'local')
  db.local(`INSERT INTO drafts(id, text) VALUES ('d1', 'draft')`)
  return db
}

function clear(db: Fixture, options: { clearLocal: boolean; soft: boolean }): readonly string[] {
  db.do({ do: 'clear', ...options })
  return db.committed.tables
}

function visible(db: Fixture): Row[] {
  return db.query(`SELECT id, text FROM todos UNION ALL SELECT id, data FROM ps_untyped ORDER BY id`)
}

const TABLES = [
  'ps_stream_subscriptions',
  'ps_sync_state',
  'ps_buckets',
  'ps_applied',
  'ps_dropped',
  'ps_oplog',
  'ps_staged',
  'ps_untyped',
  'ps_crud',
  'ps_updated_rows',
]

function counts(db: Fixture): Record<string, number> {
  return Object.fromEntries(
    TABLES.map((table) => [table, Number(db.query(`SELECT count(*) AS n FROM ${table}`)[0]!['n'])]),
  )
}

test('B2.32 clear empties everything synced; client id, schema and counters stay', () => {
  using db = filled()
  const { clientId } = db.storage.load()
  expect(clear(db, { clearLocal: false, soft: false })).toEqual(['todos'])
  expect(visible(db)).toEqual([])
  expect(counts(db)).toEqual(Object.fromEntries(TABLES.map((table) => [table, 0])))
  expect(db.texts('text', 'drafts')).toEqual({ d1: 'draft' })
  expect(db.storage.load()).toEqual({ clientId, subscriptions: [], priorities: [] })
  expect([db.kv('write_target'), db.kv('write_seen'), db.kv('next_transaction')]).toEqual([null, null, 3n])
  db.writeLocally('again', 'x')
  expect(db.storage.readQueue({ limit: 9, wholeTransactions: true })).toMatchObject([
    { id: 3, transactionId: 3 },
  ])
})

test('with clearLocal the rows of local-only tables go as well', () => {
  using db = filled()
  expect(clear(db, { clearLocal: true, soft: false })).toEqual(['drafts', 'todos'])
  expect(db.texts('text', 'drafts')).toEqual({})
})

test('after a clear a sync starts from nothing', () => {
  using db = filled()
  clear(db, { clearLocal: true, soft: false })
  expect(db.positions()).toEqual({})
  db.sync({ b: [put(9, 'r9', { text: 'new' })] })
  expect(db.texts()).toEqual({ r9: 'new' })
})

test('B2.33 a soft clear hides every row and keeps the positions; the next full checkpoint brings all back', () => {
  using db = filled()
  expect(clear(db, { clearLocal: true, soft: true })).toEqual(['drafts', 'todos'])
  expect(visible(db)).toEqual([])
  expect(db.storage.queueSize().entries).toBe(0)
  expect(db.storage.load()).toMatchObject({ subscriptions: [], priorities: [] })
  expect(db.positions()).toEqual({ a: 1_000_000n, b: 1_000_000n })
  db.track(bucket('a', { checksum: 2 }), bucket('b', { checksum: 2 }))
  expect(db.apply(1_000_001n)).toMatchObject({ kind: 'applied' })
  expect(visible(db).map((row) => row['id'])).toEqual(['n1', 'r1', 'r2'])
  expect(db.texts()).toEqual({ r1: 'b', r2: 'b' })
  expect(db.query('SELECT * FROM ps_updated_rows')).toEqual([])
})

test('after a soft clear another account gets only what its checkpoint lists', () => {
  using db = filled()
  clear(db, { clearLocal: true, soft: true })
  db.track(bucket('a', { checksum: 2 }))
  db.apply(1_000_001n)
  expect(db.texts()).toEqual({ r1: 'a' })
})

test('B2.35 a resync loses positions and staged ops; rows stay until the download is complete', () => {
  using db = filled()
  db.acknowledge()
  db.diff([bucket('a', { checksum: 3 })])
  db.save('a', put(5, 'r5', { text: 'staged' }))
  const before = visible(db)
  db.do({ do: 'resync' })
  expect(db.positions()).toEqual({})
  expect(visible(db)).toEqual(before)
  expect(counts(db)).toMatchObject({ ps_buckets: 0, ps_staged: 0, ps_dropped: 2, ps_sync_state: 1 })
  db.track(bucket('a', { checksum: 1 }), bucket('b', { checksum: 1 }))
  db.save('a', put(1, 'r1', { text: 'a again' }))
  db.save('b', put(4, 'r2', { text: 'b again' }))
  expect(visible(db)).toEqual(before)
  db.apply(9n)
  expect(db.texts()).toEqual({ r1: 'a again', r2: 'b again' })
  expect(db.entries()).toHaveLength(2)
})

test('B2.35 what was deleted locally without being recorded comes back with a resync', () => {
  using db = filled()
  db.acknowledge()
  db.apply(5n)
  db.write(`DELETE FROM ps_data__todos`)
  db.do({ do: 'resync' })
  db.track(bucket('a', { checksum: 1 }), bucket('b'))
  db.save('a', put(1, 'r1', { text: 'a again' }))
  db.apply(9n)
  expect(db.texts()).toEqual({ r1: 'a again' })
})

test('a clear that is rolled back leaves everything as it was', () => {
  using db = filled()
  const before = [visible(db), counts(db), db.positions()]
  for (const command of [
    { do: 'clear', clearLocal: true, soft: false },
    { do: 'clear', clearLocal: true, soft: true },
    { do: 'resync' },
  ] as const) {
    expect(() =>
      db.storage.turn(() => {
        db.storage.execute(command)
        throw new Error('on purpose')
      }),
    ).toThrow('on purpose')
    expect([visible(db), counts(db), db.positions()]).toEqual(before)
  }
  db.acknowledge()
  db.sync({ a: [put(9, 'r9', { text: 'x' })] })
  expect(db.texts()).toEqual({ r1: 'b', r2: 'b', r9: 'x' })
})

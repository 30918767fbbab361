import { expect, test } from 'vitest'
import { FULL_SYNC } from '../../src/status/status.ts'
import { NEVER, type StorageOutcome, type SubscriptionRow } from '../../src/sync/event.ts'
import { bare, bucket, Fixture, put, saveCommand } from './fixture.ts'

function sums(outcome: StorageOutcome | null) {
  if (outcome?.kind !== 'tracked') throw new Error('not tracked')
  return { reset: outcome.reset, sums: outcome.changes.map(({ total, downloaded }) => [total, downloaded]) }
}

test('positions: none before the first data line, then its last op, then the completed checkpoint', () => {
  using db = new Fixture()
  db.track(bucket('b', { checksum: 2 }), bucket('a', { checksum: 1 }), bucket('empty'))
  expect(db.positions()).toEqual({})
  db.save('a', put(3, 'r1', {}))
  db.save('b', put(4, 'r2', {}), put(7, 'r3', {}))
  expect(db.positions()).toEqual({ a: 3n, b: 7n })
  db.apply(20n)
  expect(db.positions()).toEqual({ a: 20n, b: 20n })
  expect(Object.keys(db.positions())).toEqual(['a', 'b'])
})

test('positions: a bucket that did not take part in an applied checkpoint keeps its own', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 1 }))
  db.save('a', put(1, 'r1', {}))
  db.apply(50n)
  db.diff([bucket('new', { checksum: 2 }), bucket('a', { checksum: 2 })])
  db.save('new', put(10, 'r2', {}))
  db.save('a', put(60, 'r1', {}))
  expect(db.positions()).toEqual({ a: 60n, new: 10n })
})

test('positions: a bucket that got data before a checkpoint listed it keeps its own', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 1 }))
  db.save('a', put(1, 'r1', { text: 'x' }))
  db.save('early', put(5, 'r5', { text: 'x' }))
  db.apply(10n)
  expect(db.positions()).toEqual({ a: 10n, early: 5n })
  db.diff([bucket('early', { checksum: 2 })])
  expect(db.positions()).toEqual({ a: 10n, early: 5n })
  db.save('early', put(11, 'r6', { text: 'x' }))
  db.apply(12n)
  expect(db.positions()).toEqual({ a: 12n, early: 12n })
})

test('positions: a partial completion moves the priorities it includes; a new priority keeps the position', () => {
  using db = new Fixture()
  db.track(bucket('high', { checksum: 1, priority: 1 }), bucket('low', { checksum: 2 }))
  db.save('high', put(1, 'r1', {}))
  db.save('low', put(2, 'r2', {}))
  db.apply(10n, 1)
  expect(db.positions()).toEqual({ high: 10n, low: 2n })
  db.diff([bucket('high', { checksum: 1, priority: 3 }), bucket('low', { checksum: 2, priority: 1 })])
  expect(db.positions()).toEqual({ high: 10n, low: 2n })
})

test('positions: an empty data line makes a bucket known; op ids are exact to 2^63-1', () => {
  using db = new Fixture()
  const last = 2n ** 63n - 1n
  db.track(bucket('a', { checksum: 1 }), bucket('b'))
  db.save('b')
  db.save('a', put(last, 'r1', { text: 'x' }))
  expect(db.positions()).toEqual({ b: 0n, a: last })
  db.apply(last)
  expect(db.positions()).toEqual({ b: last, a: last })
  db.track(bucket('a', { checksum: 1 }), bucket('b'), bucket('c'))
  db.apply(last)
  db.save('c')
  expect(db.positions()).toMatchObject({ c: 0n })
  expect(db.entries()).toMatchObject([{ op_id: last }])
})

test('positions and what is staged survive a restart', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 2 }))
  db.save('a', put(1, 'r1', { text: 'x' }))
  db.reopen()
  expect(db.positions()).toEqual({ a: 1n })
  db.track(bucket('a', { checksum: 2 }))
  db.save('a', put(2, 'r2', { text: 'y' }))
  expect(db.apply(2n)).toMatchObject({ kind: 'applied' })
  expect(db.texts()).toEqual({ r1: 'x', r2: 'y' })
})

test('B2.40 progress starts at 0 of 10, and a diff after completion at 0 of 2', () => {
  using db = new Fixture()
  const ops = Array.from({ length: 10 }, (_, index) => put(index + 1, `r${index}`, {}))
  expect(sums(db.track(bucket('a', { checksum: 10, count: 10 })))).toEqual({ reset: true, sums: [[10, 0]] })
  expect(db.save('a', ...ops)).toMatchObject({ kind: 'saved', priority: 3, ops: 10 })
  db.apply(10n)
  expect(sums(db.diff([bucket('a', { checksum: 12, count: 12 })]))).toEqual({ reset: false, sums: [[2, 0]] })
})

test('B2.41, B2.42 an interrupted download goes on at 5 of 10, or 5 of 12', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 10, count: 10 }))
  db.save('a', ...Array.from({ length: 5 }, (_, index) => put(index + 1, `r${index}`, {})))
  db.reopen()
  expect(sums(db.track(bucket('a', { checksum: 10, count: 10 })))).toEqual({ reset: true, sums: [[10, 5]] })
  expect(sums(db.track(bucket('a', { checksum: 12, count: 12 })))).toEqual({ reset: true, sums: [[12, 5]] })
})

test('B2.43 a bucket that shrank resets all counters, stored ones too', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 2, count: 2 }), bucket('b', { checksum: 1, count: 1 }))
  db.save('a', put(1, 'r1', {}), put(2, 'r2', {}))
  db.save('b', put(3, 'r3', {}))
  db.apply(3n)
  expect(sums(db.diff([bucket('a', { checksum: 9, count: 1 })]))).toEqual({ reset: true, sums: [[2, 0]] })
  expect(db.query('SELECT count_at_last AS a, count_since_last AS s FROM ps_buckets')).toEqual([
    { a: 0n, s: 0n },
    { a: 0n, s: 0n },
  ])
})

test('progress comes in groups of priority and subscriptions; a diff names only the groups that changed', () => {
  using db = new Fixture()
  const one = { count: 1, subscriptions: [1] }
  const outcome = db.track(
    bucket('a', one),
    bucket('b', one),
    bucket('c', { ...one, priority: 1 }),
    bucket('d', { count: 4, subscriptions: [1, 2] }),
  )
  expect(outcome).toMatchObject({
    changes: [
      { priority: 3, subscriptions: [1], buckets: 2, total: 2, downloaded: 0 },
      { priority: 1, subscriptions: [1], buckets: 1, total: 1, downloaded: 0 },
      { priority: 3, subscriptions: [1, 2], buckets: 1, total: 4, downloaded: 0 },
    ],
  })
  expect(db.diff([bucket('d', { count: 4, subscriptions: [2] })], ['a', 'unknown'])).toEqual({
    kind: 'tracked',
    reset: false,
    changes: [
      { priority: 3, subscriptions: [1], buckets: -1, total: -1, downloaded: 0 },
      { priority: 3, subscriptions: [1, 2], buckets: -1, total: -4, downloaded: 0 },
      { priority: 3, subscriptions: [2], buckets: 1, total: 4, downloaded: 0 },
    ],
  })
})

test('a full completion zeroes all sums, also of buckets without a count', () => {
  using db = new Fixture()
  db.track(bucket('counted', { checksum: 1, count: 1 }), bucket('uncounted', { checksum: 1 }))
  db.save('counted', put(1, 'r1', {}))
  db.save('uncounted', put(2, 'r2', {}))
  db.apply(2n)
  expect(db.diff([], ['counted', 'uncounted'])).toMatchObject({
    changes: [{ buckets: -2, total: 0, downloaded: 0 }],
  })
})

test('B2.10 what is published: a priority implies the lower numbers, a full sync all of them', () => {
  using db = new Fixture()
  db.track(bucket('a'))
  const applied = (priority: number | null) => {
    const outcome = db.apply(1n, priority)
    return outcome?.kind === 'applied' ? outcome.priorities.map((status) => status.priority) : outcome
  }
  expect(applied(1)).toEqual([1])
  expect(applied(2)).toEqual([2])
  expect(applied(1)).toEqual([1, 2])
  expect(applied(null)).toEqual([FULL_SYNC])
  expect(applied(2)).toEqual([2, FULL_SYNC])
  db.reopen()
  expect(db.storage.load().priorities).toEqual([
    { priority: 2, lastSyncedAt: 1000 },
    { priority: FULL_SYNC, lastSyncedAt: 1000 },
  ])
})

test('a failed turn leaves positions, counters, types and ids as they were', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 4 }))
  db.save('a', put(1, 'r1', { text: 'x' }))
  const everything = () => [
    db.query('SELECT * FROM ps_buckets'),
    db.query('SELECT * FROM ps_staged'),
    db.query('SELECT * FROM ps_row_types'),
  ]
  const before = everything()
  const failure = new Error('on purpose')
  expect(() =>
    db.storage.turn(() => {
      db.storage.execute(saveCommand('a', [bare('CLEAR', 2), put(3, 'r2', {}, { rowType: 'new' })]))
      db.storage.execute({ do: 'track_diff', updated: [bucket('c', { checksum: 5 })], removed: [] })
      throw failure
    }),
  ).toThrow(failure)
  expect(everything()).toEqual(before)
  db.save('a', put(2, 'r2', { text: 'y' }), put(3, 'n1', {}, { rowType: 'new' }), put(4, 'r1', { text: 'z' }))
  expect(db.apply(4n)).toMatchObject({ kind: 'applied' })
  expect(db.texts()).toEqual({ r1: 'z', r2: 'y' })
  expect(db.query('SELECT t.name, u.id FROM ps_untyped u JOIN ps_row_types t ON t.id = u.row_type')).toEqual([
    { name: 'new', id: 'n1' },
  ])
})

test('subscriptions are kept as they are, a TTL of never and no parameters included', () => {
  using db = new Fixture()
  const row: SubscriptionRow = {
    id: 1,
    name: 's',
    params: null,
    active: false,
    isDefault: true,
    priority: null,
    ttl: null,
    expiresAt: null,
    lastSyncedAt: null,
  }
  const second = { ...row, id: 2, params: '{"a":1}', ttl: NEVER, priority: 0, active: true, isDefault: false }
  db.do({ do: 'put_subscription', row })
  db.do({ do: 'put_subscription', row: second })
  db.do({ do: 'put_subscription', row: { ...row, ttl: 60_000, expiresAt: 1_772_000_000_000 } })
  db.do({ do: 'mark_synced', ids: [2], at: 1_772_000_000_001 })
  db.reopen()
  expect(db.storage.load().subscriptions).toEqual([
    { ...row, ttl: 60_000, expiresAt: 1_772_000_000_000 },
    { ...second, lastSyncedAt: 1_772_000_000_001 },
  ])
  db.do({ do: 'delete_subscription', id: 1 })
  expect(db.storage.load().subscriptions).toHaveLength(1)
  expect(db.query(`SELECT ttl FROM ps_stream_subscriptions`)).toEqual([{ ttl: 2n ** 63n - 1n }])
})

test('what synced is written for exactly the subscriptions that are named, with gaps or without', () => {
  using db = new Fixture()
  const row = {
    active: true,
    isDefault: false,
    priority: null,
    ttl: null,
    expiresAt: null,
    lastSyncedAt: null,
  }
  for (let id = 1; id <= 9; id++) {
    db.do({ do: 'put_subscription', row: { ...row, id, name: `s${id}`, params: null } })
  }
  const marked = (ids: readonly number[], at: number) => {
    db.do({ do: 'mark_synced', ids, at })
    return db.storage
      .load()
      .subscriptions.filter(({ lastSyncedAt }) => lastSyncedAt === at)
      .map(({ id }) => id)
  }
  expect(marked([2, 3, 4, 6, 9], 1)).toEqual([2, 3, 4, 6, 9])
  expect(marked([7], 2)).toEqual([7])
  expect(marked([], 3)).toEqual([])
})

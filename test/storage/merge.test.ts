import { expect, test } from 'vitest'
import { bare, bucket, Fixture, put, remove } from './fixture.ts'

test('nothing is published before the checkpoint completes', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 1 }))
  db.save('a', put(1, 'r1', { text: 'x' }))
  expect(db.texts()).toEqual({})
  expect(db.apply(1n)).toMatchObject({ kind: 'applied' })
  expect(db.texts()).toEqual({ r1: 'x' })
  expect(db.committed.tables).toEqual(['todos'])
})

test('a row with one entry: its data is in the table only', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'x' })] })
  db.sync({ a: [put(2, 'r1', { text: 'y' })] })
  expect(db.entries()).toEqual([{ row_id: 'r1', bucket: 'a', op_id: 2n, data: null }])
  expect(db.texts()).toEqual({ r1: 'y' })
})

test('a later PUT in another bucket wins: the old winner takes its data back', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'old', n: 7, more: [1, 'z'] })] })
  db.sync({ b: [put(2, 'r1', { text: 'new' })] })
  expect(db.texts()).toEqual({ r1: 'new' })
  const [shadowed, winner] = db.entries()
  expect(shadowed).toMatchObject({ bucket: 'a', op_id: 1n })
  expect(JSON.parse(String(shadowed!['data']))).toEqual({ text: 'old', n: 7, more: [1, 'z'] })
  expect(winner).toMatchObject({ bucket: 'b', op_id: 2n, data: null })
})

test('a PUT with a lower op id does not win and keeps its own data', () => {
  using db = new Fixture()
  db.sync({ a: [put(5, 'r1', { text: 'new' })] })
  db.sync({ b: [put(2, 'r1', { text: 'old' })] })
  expect(db.texts()).toEqual({ r1: 'new' })
  const [shadowed, winner] = db.entries()
  expect(JSON.parse(String(shadowed!['data']))).toEqual({ id: 'r1', text: 'old' })
  expect(winner).toMatchObject({ bucket: 'a', data: null })
})

test('two subkeys of one bucket are two entries', () => {
  using db = new Fixture()
  db.sync({
    a: [put(1, 'r1', { text: 'one' }, { subkey: 's1' }), put(2, 'r1', { text: 'two' }, { subkey: 's2' })],
  })
  expect(db.texts()).toEqual({ r1: 'two' })
  db.sync({ a: [remove(3, 'r1', { subkey: 's2' })] })
  expect(db.texts()).toEqual({ r1: 'one' })
})

test('REMOVE of the winner: the next entry gives its data to the table; of the last one: the row goes', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'a' })], b: [put(2, 'r1', { text: 'b' })] })
  db.sync({ b: [remove(3, 'r1')] })
  expect(db.texts()).toEqual({ r1: 'a' })
  expect(db.entries()).toEqual([{ row_id: 'r1', bucket: 'a', op_id: 1n, data: null }])
  db.sync({ a: [remove(4, 'r1')] })
  expect(db.texts()).toEqual({})
  expect(db.entries()).toEqual([])
})

test('REMOVE of a shadowed entry changes no row, and no table is said to have changed', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'a' })], b: [put(2, 'r1', { text: 'b' })] })
  db.sync({ a: [remove(3, 'r1')] })
  expect(db.committed.tables).toEqual([])
  expect(db.texts()).toEqual({ r1: 'b' })
  expect(db.entries()).toEqual([{ row_id: 'r1', bucket: 'b', op_id: 2n, data: null }])
})

test('a bucket that goes with nothing but shadowed entries changes no row', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'a' })], b: [put(2, 'r1', { text: 'b' })] })
  db.diff([], ['a'])
  db.apply(3n)
  expect(db.committed.tables).toEqual([])
  expect(db.texts()).toEqual({ r1: 'b' })
  expect(db.entries()).toEqual([{ row_id: 'r1', bucket: 'b', op_id: 2n, data: null }])
})

test('PUT, REMOVE and PUT of one row in one checkpoint: the last one counts', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'x' }), remove(2, 'r1'), put(3, 'r2', { text: 'y' }), remove(4, 'r2')] })
  expect(db.texts()).toEqual({})
  db.sync({ a: [remove(5, 'r1'), put(6, 'r1', { text: 'z' })] })
  expect(db.texts()).toEqual({ r1: 'z' })
})

test('MOVE counts in the checksum and leaves no entry', () => {
  using db = new Fixture()
  db.sync({ a: [bare('MOVE', 1, 5), put(2, 'r1', { text: 'x' })] })
  expect(db.query('SELECT checksum FROM ps_buckets')).toEqual([{ checksum: 6n }])
  expect(db.entries()).toHaveLength(1)
})

test('CLEAR drops what the bucket held, in the table and in staging, when its checkpoint completes', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'old' }), put(2, 'r2', { text: 'old' })] })
  db.diff([bucket('a', { checksum: 8 })])
  db.save('a', put(3, 'r3', { text: 'staged' }), bare('CLEAR', 4, 7), put(5, 'r2', { text: 'new' }))
  expect(db.texts()).toEqual({ r1: 'old', r2: 'old' })
  expect(db.apply(5n)).toMatchObject({ kind: 'applied' })
  expect(db.texts()).toEqual({ r2: 'new' })
  expect(db.entries()).toHaveLength(1)
  expect(db.query('SELECT * FROM ps_dropped')).toEqual([])
})

test('CLEAR keeps position and counters', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 9, count: 3 }))
  expect(db.save('a', put(1, 'r1', {}), bare('CLEAR', 2, 8))).toMatchObject({ ops: 2 })
  expect(db.positions()).toEqual({ a: 2n })
  db.save('a', put(3, 'r1', {}))
  expect(db.apply(3n)).toMatchObject({ kind: 'applied' })
  expect(db.positions()).toEqual({ a: 3n })
})

test.each([
  ['absent from a checkpoint', (db: Fixture) => db.track(bucket('b', { checksum: 1 }))],
  ['removed by a diff', (db: Fixture) => db.diff([], ['a'])],
  ['dropped', (db: Fixture) => db.do({ do: 'drop_buckets', buckets: ['a'] })],
])('a bucket %s: position goes at once, rows with the next merge, shadowed versions return', (_, drop) => {
  using db = new Fixture()
  db.sync({ b: [put(1, 'r1', { text: 'b' })], a: [put(2, 'r1', { text: 'a' }), put(3, 'r2', { text: 'a' })] })
  db.diff([bucket('a', { checksum: 3 })])
  db.save('a', put(4, 'r3', { text: 'staged' }))
  drop(db)
  expect(db.positions()).toEqual({ b: 1_000_000n })
  expect(db.texts()).toEqual({ r1: 'a', r2: 'a' })
  db.apply(2_000_000n)
  expect(db.texts()).toEqual({ r1: 'b' })
  expect(db.query('SELECT id FROM ps_dropped UNION ALL SELECT rowid FROM ps_staged')).toEqual([])
})

test('a dropped bucket that returns starts from nothing, and its old and new rows change in one merge', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'old' }), put(2, 'r2', { text: 'old' })] })
  db.diff([], ['a'])
  db.diff([bucket('a', { checksum: 1 })])
  expect(db.positions()).toEqual({})
  db.save('a', put(2, 'r2', { text: 'again' }))
  expect(db.texts()).toEqual({ r1: 'old', r2: 'old' })
  db.apply(5n)
  expect(db.texts()).toEqual({ r2: 'again' })
})

test('old entries of a bucket that returned with another priority go together with its new ops', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 1, priority: 3 }), bucket('z', { priority: 3 }))
  db.save('a', put(1, 'r1', { text: 'old' }))
  db.apply(1n)
  db.diff([], ['a'])
  db.diff([bucket('a', { checksum: 1, priority: 1 })])
  db.save('a', put(2, 'r2', { text: 'new' }))
  db.apply(2n, 1)
  expect(db.texts()).toEqual({ r2: 'new' })
})

test('a partial completion merges the priorities it includes, removals too, and leaves the others staged', () => {
  using db = new Fixture()
  const high = { priority: 1 }
  db.track(bucket('high', { checksum: 2, ...high }), bucket('low', { checksum: 1 }))
  db.save('high', put(1, 'h1', { text: 'x' }), put(2, 'h2', { text: 'x' }))
  db.save('low', put(3, 'l1', { text: 'x' }))
  db.apply(3n)
  db.diff([bucket('high', { checksum: 4, ...high }), bucket('low', { checksum: 3 })])
  db.save('low', put(4, 'l2', { text: 'y' }), remove(5, 'l1'))
  db.save('high', remove(6, 'h1'), put(7, 'h2', { text: 'y' }))
  expect(db.apply(7n, 1)).toMatchObject({ kind: 'applied' })
  expect(db.texts()).toEqual({ h2: 'y', l1: 'x' })
  db.apply(7n)
  expect(db.texts()).toEqual({ h2: 'y', l2: 'y' })
})

test('a partial completion never lets a row fall back to an older op', () => {
  using db = new Fixture()
  db.track(bucket('high', { priority: 1 }), bucket('low', { checksum: 1 }))
  db.save('low', put(9, 'r1', { text: 'new' }))
  db.apply(9n)
  db.diff([bucket('high', { checksum: 1, priority: 1 })])
  db.save('high', put(4, 'r1', { text: 'old' }))
  db.apply(10n, 1)
  expect(db.texts()).toEqual({ r1: 'new' })
})

test('rows of types that no table names wait in ps_untyped under the same rules', () => {
  using db = new Fixture()
  const type = { rowType: 'notes' }
  db.sync({ a: [put(1, 'n1', { text: 'a' }, type)], b: [put(2, 'n1', { text: 'b' }, type)] })
  const data = () => db.query('SELECT id, data FROM ps_untyped')
  expect(data()).toEqual([{ id: 'n1', data: '{"id":"n1","text":"b"}' }])
  expect(db.committed.tables).toEqual([])
  db.sync({ b: [remove(3, 'n1', type)] })
  expect(data()).toEqual([{ id: 'n1', data: '{"id":"n1","text":"a"}' }])
  expect(db.entries()).toMatchObject([{ bucket: 'a', data: null }])
  db.diff([], ['a'])
  db.apply(9n)
  expect(data()).toEqual([])
})

test('a turn names only the views whose rows changed', () => {
  using db = new Fixture({
    tables: { a: { columns: {} }, b: { columns: {}, viewName: 'bees' }, c: { columns: {} } },
  })
  db.sync({ x: [put(1, 'r', {}, { rowType: 'a' }), put(2, 'r', {}, { rowType: 'b' })] })
  expect(db.committed.tables).toEqual(['a', 'bees'])
  db.sync({ x: [remove(3, 'unknown', { rowType: 'c' }), put(4, 'r', {}, { rowType: 'b' })] })
  expect(db.committed.tables).toEqual(['bees'])
})

test('a checkpoint whose ops do not add up changes nothing', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 4_000_000_000 }), bucket('b', { checksum: 1 }))
  db.save('a', put(1, 'r1', { text: 'x' }))
  db.save('b', put(2, 'r2', { text: 'x' }))
  expect(db.apply(2n)).toEqual({
    kind: 'mismatched',
    mismatches: [{ bucket: 'a', expected: 4_000_000_000, actual: 1 }],
  })
  expect(db.texts()).toEqual({})
  expect(db.storage.load().priorities).toEqual([])
})

test('checksums add up modulo 2^32', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 1 }))
  db.save('a', put(1, 'r1', {}, { checksum: 4_294_967_295 }), put(2, 'r2', {}, { checksum: 2 }))
  expect(db.apply(2n)).toMatchObject({ kind: 'applied' })
})

test('a bucket that the checkpoint does not list is published with the full checkpoint only', () => {
  using db = new Fixture()
  db.track(bucket('a'))
  expect(db.save('stray', put(1, 'r1', { text: 'x' }))).toBeNull()
  db.apply(5n, 2)
  expect(db.texts()).toEqual({})
  db.apply(5n)
  expect(db.texts()).toEqual({ r1: 'x' })
  expect(db.positions()).toEqual({ stray: 1n })
})

test('a bucket that was cleared, got another priority and went: all its entries go with one merge', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 1, priority: 3 }), bucket('z', { priority: 3 }))
  db.save('a', put(1, 'r1', { text: 'x' }))
  db.apply(1n)
  db.save('a', bare('CLEAR', 2))
  db.diff([bucket('a', { checksum: 1, priority: 1 })])
  db.diff([], ['a'])
  db.apply(3n, 1)
  expect(db.texts()).toEqual({})
})

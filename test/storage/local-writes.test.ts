import { expect, test } from 'vitest'
import { bucket, Fixture, put, remove } from './fixture.ts'

const ungated = { priority: 0 }

test('B2.9 a valid checkpoint is blocked while local writes wait, and published once they are acknowledged', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'server' })] })
  db.writeLocally('r1', 'local')
  db.diff([bucket('a', { checksum: 2 })])
  db.save('a', put(2, 'r2', { text: 'server' }))
  expect(db.apply(2_000_000n)).toEqual({ kind: 'blocked' })
  expect(db.texts()).toEqual({ r1: 'local' })
  db.acknowledge()
  expect(db.apply(2_000_000n)).toMatchObject({ kind: 'applied' })
  expect(db.texts()).toEqual({ r1: 'server', r2: 'server' })
  expect(db.query('SELECT * FROM ps_updated_rows')).toEqual([])
  expect(db.entries()).toMatchObject([{ data: null }, { data: null }])
})

test('a blocked checkpoint has been downloaded: positions stand at it', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', {})] })
  db.writeLocally('r1', 'local')
  db.apply(2_000_000n)
  expect(db.positions()).toEqual({ a: 2_000_000n })
})

test('the gate stays closed until a checkpoint carries the write checkpoint', () => {
  using db = new Fixture()
  db.track(bucket('a'))
  db.write(`INSERT INTO ps_kv(key, value) VALUES ('write_target', 7)`)
  const apply = (writeCheckpoint: bigint | null) =>
    db.do({ do: 'apply', priority: null, lastOpId: 9n, writeCheckpoint, now: 5 })
  expect(apply(null)).toEqual({ kind: 'blocked' })
  expect(apply(6n)).toEqual({ kind: 'blocked' })
  expect(apply(7n)).toMatchObject({ kind: 'applied' })
  expect(apply(null)).toMatchObject({ kind: 'applied' })
})

test('a row written only locally goes when the gate opens and the service does not have it', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'x' })] })
  db.writeLocally('mine', 'local')
  db.acknowledge()
  db.apply(2_000_000n)
  expect(db.texts()).toEqual({ r1: 'x' })
})

test('B2.8 priority 0 is published over local writes that wait, and the row is no longer noted', () => {
  using db = new Fixture()
  db.track(bucket('now', { checksum: 1, ...ungated }))
  db.save('now', put(1, 'r1', { text: 'server' }))
  db.apply(1n)
  db.writeLocally('r1', 'local')
  db.writeLocally('mine', 'local')
  db.diff([bucket('now', { checksum: 2, ...ungated })])
  db.save('now', put(2, 'r1', { text: 'newer' }))
  expect(db.apply(2n, 0)).toMatchObject({ kind: 'applied' })
  expect(db.texts()).toEqual({ mine: 'local', r1: 'newer' })
  expect(db.query('SELECT row_id FROM ps_updated_rows')).toEqual([{ row_id: 'mine' }])
  expect(db.entries()).toMatchObject([{ op_id: 2n, data: null }])
})

test('a priority 0 PUT that does not win leaves the local row and its note', () => {
  using db = new Fixture()
  db.track(bucket('now', ungated), bucket('later', { checksum: 1 }))
  db.save('later', put(5, 'r1', { text: 'server' }))
  db.apply(5n)
  db.writeLocally('r1', 'local')
  db.diff([bucket('now', { checksum: 1, ...ungated })])
  db.save('now', put(2, 'r1', { text: 'older' }))
  db.apply(6n, 0)
  expect(db.texts()).toEqual({ r1: 'local' })
  expect(db.query('SELECT row_id FROM ps_updated_rows')).toHaveLength(1)
  expect(db.entries().map((entry) => JSON.parse(String(entry['data'])).text)).toEqual(['older', 'server'])
})

test('a priority 0 REMOVE of an entry that is not there leaves a local row', () => {
  using db = new Fixture()
  db.track(bucket('now', { checksum: 1, ...ungated }))
  db.writeLocally('mine', 'local')
  db.save('now', remove(1, 'mine'))
  db.apply(1n, 0)
  expect(db.texts()).toEqual({ mine: 'local' })
})

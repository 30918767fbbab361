/** When the transactions of the upload queue were recorded. */
import { expect, test } from 'vitest'
import { Fixture } from './fixture.ts'

const insert = (db: Fixture, ...ids: readonly string[]) =>
  db.locally((execute) => ids.forEach((id) => execute('INSERT INTO todos(id) VALUES (?)', id)))

const times = (db: Fixture) =>
  db.storage.readQueue({ limit: 100, wholeTransactions: false }).map(({ queuedAt }) => queuedAt)

const kept = (db: Fixture) => db.query('SELECT tx_id FROM ps_queued').map(({ tx_id }) => Number(tx_id))

test('each entry has the time of its transaction; a transaction that recorded nothing has none', () => {
  using db = new Fixture()
  const from = Date.now()
  insert(db, 'a', 'b')
  db.locally((execute) => execute('UPDATE todos SET n = 1 WHERE id = ?', 'not there'))
  insert(db, 'c')
  const [a, b, c] = times(db) as [number, number, number]
  expect(b).toBe(a)
  expect(a).toBeGreaterThanOrEqual(from)
  expect(c).toBeGreaterThanOrEqual(a)
  expect(c).toBeLessThanOrEqual(Date.now())
  expect(kept(db)).toHaveLength(2)
})

test('times go with their transactions: a part that is uploaded keeps it, the rest takes it along', () => {
  using db = new Fixture()
  insert(db, 'a', 'b')
  insert(db, 'c')
  const [, b, c] = times(db)
  db.do({ do: 'complete_upload', through: 1, writeCheckpoint: null })
  expect(times(db)).toEqual([b, c])
  expect(kept(db)).toHaveLength(2)
  db.do({ do: 'complete_upload', through: 2, writeCheckpoint: null })
  expect(times(db)).toEqual([c])
  expect(kept(db)).toHaveLength(1)
  db.do({ do: 'complete_upload', through: 3, writeCheckpoint: null })
  expect(kept(db)).toEqual([])
})

test('what an older version recorded has no time', () => {
  using db = new Fixture()
  insert(db, 'a')
  db.locally((execute) => execute('DELETE FROM ps_queued'))
  expect(times(db)).toEqual([null])
})

test('clearing the queue clears its times', () => {
  using db = new Fixture()
  insert(db, 'a')
  db.do({ do: 'clear', clearLocal: true, soft: false })
  expect(kept(db)).toEqual([])
  insert(db, 'a')
  expect(times(db)).toEqual([expect.any(Number)])
})

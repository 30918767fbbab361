/** The upload queue, and the write gate behind it. */
import { expect, test } from 'vitest'
import type { StorageOutcome } from '../../src/sync/event.ts'
import { bucket, Fixture } from './fixture.ts'

const MAX = 2n ** 63n - 1n

function written(...transactions: readonly (readonly string[])[]): Fixture {
  const db = new Fixture()
  for (const ids of transactions) {
    db.locally((execute) => ids.forEach((id) => execute('INSERT INTO todos(id) VALUES (?)', id)))
  }
  return db
}

function read(db: Fixture, limit: number, after = 0, wholeTransactions = true): string {
  return db.storage
    .readQueue({ limit, after, wholeTransactions })
    .map(({ rowId }) => rowId)
    .join('')
}

function complete(db: Fixture, through: number | null, writeCheckpoint: bigint | null): void {
  db.do({ do: 'complete_upload', through, writeCheckpoint })
}

function apply(
  db: Fixture,
  writeCheckpoint: bigint | null,
  priority: number | null = null,
): StorageOutcome | null {
  return db.do({ do: 'apply', priority, lastOpId: 9n, writeCheckpoint, now: 5 })
}

test('whole transactions: the limit cuts none, but the first comes whole', () => {
  using db = written(['a', 'b', 'c'], ['d'], ['e', 'f'])
  expect([1, 3, 4, 5, 6].map((limit) => read(db, limit))).toEqual(['abc', 'abc', 'abcd', 'abcd', 'abcdef'])
  expect(read(db, 1, 3)).toBe('d')
  expect(read(db, 9, 6)).toBe('')
  expect(read(db, 2, 0, false)).toBe('ab')
})

test('the size of the queue: entries, transactions and bytes', () => {
  using db = written(['a', 'b'], ['c'])
  expect(db.storage.queueSize()).toEqual({ entries: 3, transactions: 2, bytes: 6 })
  complete(db, 2, null)
  expect(db.storage.queueSize()).toEqual({ entries: 1, transactions: 1, bytes: 2 })
})

test('an upload of a part: the rest waits, and the gate stays closed whatever id was given', () => {
  using db = written(['a', 'b'], ['c'])
  db.track(bucket('x'))
  complete(db, 2, 7n)
  expect(read(db, 9)).toBe('c')
  expect(db.kv('write_target')).toBe(MAX)
  expect(apply(db, 7n)).toEqual({ kind: 'blocked' })
})

test('B2.45 the write checkpoint arrives before the upload completes: kept, and good enough afterwards', () => {
  using db = written(['a'])
  db.track(bucket('x'))
  expect(apply(db, 7n)).toEqual({ kind: 'blocked' })
  complete(db, null, 7n)
  expect(apply(db, 7n)).toMatchObject({ kind: 'applied' })
})

test('B2.46, B2.47 data first: it waits for the checkpoint that carries the write checkpoint', () => {
  using db = written(['a'])
  complete(db, null, 7n)
  db.track(bucket('x'))
  expect(apply(db, 6n)).toEqual({ kind: 'blocked' })
  expect(apply(db, null)).toEqual({ kind: 'blocked' })
  expect(db.texts()).toEqual({ a: null })
  expect(apply(db, 8n)).toMatchObject({ kind: 'applied' })
  expect(db.texts()).toEqual({})
  expect(apply(db, null)).toMatchObject({ kind: 'applied' })
})

test('B2.48 a second write during the upload: the pending checkpoint stays blocked', () => {
  using db = written(['a'])
  db.track(bucket('x'))
  apply(db, 7n)
  db.local(`INSERT INTO todos(id) VALUES ('b')`)
  complete(db, 1, 7n)
  expect(apply(db, 7n)).toEqual({ kind: 'blocked' })
  expect(Object.keys(db.texts())).toEqual(['a', 'b'])
})

test('B2.28 a partial completion does not count as having seen a write checkpoint', () => {
  using db = written(['a'])
  complete(db, null, 7n)
  db.track(bucket('x', { priority: 1 }))
  apply(db, 7n, 1)
  expect(db.kv('write_seen')).toBe(null)
})

test('B2.22, B2.24, B2.26 the target: given by an upload, kept at the sentinel without an id, 0 takes it away, no id below', () => {
  using db = new Fixture()
  complete(db, null, 5n)
  expect(db.kv('write_target')).toBe(5n)
  complete(db, null, null)
  expect(db.kv('write_target')).toBe(MAX)
  complete(db, null, 0n)
  expect(db.kv('write_target')).toBe(null)
  expect(() => complete(db, null, -1n)).toThrow(/-1/)
  expect(db.storage.lastRequest()).toBe(null)
})

test('a write checkpoint is needed when all is uploaded and no target is known', () => {
  using db = written(['a'])
  expect(db.storage.needsWriteCheckpoint()).toBe(false)
  complete(db, null, null)
  expect(db.storage.needsWriteCheckpoint()).toBe(true)
  db.do({ do: 'set_target', id: 4n })
  expect(db.storage.needsWriteCheckpoint()).toBe(false)
  expect(db.kv('write_target')).toBe(4n)
  db.reopen()
  expect(db.kv('write_target')).toBe(4n)
})

test('an answer of the service that is older than the last write is void, uploaded or not', () => {
  using db = written(['a'])
  complete(db, null, null)
  expect(db.storage.needsWriteCheckpoint()).toBe(true)
  db.local(`INSERT INTO todos(id) VALUES ('b')`)
  db.do({ do: 'set_target', id: 4n })
  expect(db.kv('write_target')).toBe(MAX)
  complete(db, null, null)
  db.do({ do: 'set_target', id: 4n })
  expect(db.kv('write_target')).toBe(MAX)
  expect(db.storage.needsWriteCheckpoint()).toBe(true)
  db.do({ do: 'set_target', id: 5n })
  expect(db.kv('write_target')).toBe(5n)
})

test('entries of an insert-only table close the gate only until they are uploaded', () => {
  using db = new Fixture({ tables: { logs: { columns: {}, insertOnly: true } } })
  db.local(`INSERT INTO logs(id) VALUES ('a')`)
  db.track(bucket('x'))
  expect(apply(db, null)).toEqual({ kind: 'blocked' })
  complete(db, null, 3n)
  expect(apply(db, 3n)).toMatchObject({ kind: 'applied' })
})

function allocate(db: Fixture): bigint {
  const outcome = db.do({ do: 'allocate_request' })
  if (outcome?.kind !== 'request_allocated') throw new Error('no id')
  return outcome.id
}

test('B2.13, B2.14 requests go on from the seed; the last one is read without using one', () => {
  using db = new Fixture()
  db.do({ do: 'seed_requests', id: 1n })
  expect([allocate(db), allocate(db)]).toEqual([2n, 3n])
  db.local(`INSERT INTO todos(id) VALUES ('a')`)
  complete(db, null, 50n)
  db.track(bucket('x'))
  apply(db, 50n)
  expect([db.storage.lastRequest(), db.storage.lastRequest()]).toEqual([3n, 3n])
  expect(allocate(db)).toBe(4n)
})

test('B2.15, B2.16 the last id is kept over a restart and a clear; a seed counts as it is, also downward', () => {
  using db = new Fixture()
  db.do({ do: 'seed_requests', id: 9n })
  allocate(db)
  db.reopen()
  expect(db.storage.lastRequest()).toBe(10n)
  db.do({ do: 'clear', clearLocal: true, soft: false })
  expect(db.storage.lastRequest()).toBe(10n)
  db.do({ do: 'seed_requests', id: 4n })
  expect(allocate(db)).toBe(5n)
})

test.each([0n, -1n, MAX])('B2.18 %d is no seed', (id) => {
  using db = new Fixture()
  expect(() => db.do({ do: 'seed_requests', id })).toThrow(String(id))
  expect(db.storage.lastRequest()).toBe(null)
})

test('an allocation that is rolled back is used again', () => {
  using db = new Fixture()
  expect(() =>
    db.storage.turn(() => {
      db.storage.execute({ do: 'allocate_request' })
      throw new Error('on purpose')
    }),
  ).toThrow('on purpose')
  expect(allocate(db)).toBe(1n)
})

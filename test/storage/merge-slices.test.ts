/** Merges of many slices: whatever the ids and however the ops came, the rows are those of one slice. */
import { expect, test } from 'vitest'
import type { Op } from '../../src/wire/line.ts'
import { bucket, Fixture, put, remove, saveCommand } from './fixture.ts'

const KINDS_OF_IDS: Readonly<Record<string, (n: number) => string>> = {
  'in no order': (n) => (Math.imul(n, 0x9e3779b1) >>> 0).toString(16),
  'ascending, with a long common beginning': (n) => `018f3c00-0000-7000-8000-${String(n).padStart(12, '0')}`,
  'one for all rows': () => 'the one',
}

test.each(Object.entries(KINDS_OF_IDS))('ids %s', (_, idOf) => {
  using sliced = new Fixture(undefined, { sliceOps: 40 })
  using whole = new Fixture()
  for (const db of [sliced, whole]) {
    db.track(bucket('a', { checksum: 300 }), bucket('b', { checksum: 300 }))
    for (let line = 0; line < 10; line++) {
      const first = 1 + line * 60
      db.save(line % 2 === 0 ? 'a' : 'b', ...Array.from({ length: 60 }, (__, n) => opOf(first + n, idOf)))
    }
    expect(db.apply(600n)).toMatchObject({ kind: 'applied' })
  }
  expect(sliced.texts()).toEqual(whole.texts())
  expect(sliced.entries()).toEqual(whole.entries())
})

test('what one line brings is sorted as SQLite sorts, by UTF-8 and not by UTF-16', () => {
  using db = new Fixture(undefined, { sliceOps: 40 })
  const early = Array.from({ length: 60 }, (_, n) => `\uff5e${n}`)
  const late = Array.from({ length: 20 }, (_, n) => `\u{1f600}${n}`)
  db.track(bucket('a', { checksum: 140 }))
  db.save('a', ...[...early, ...late].map((id, n) => put(n + 1, id, { text: 'old' })))
  db.save('a', ...early.map((id, n) => put(n + 81, id, { text: 'new' })))
  db.apply(140n)
  expect(db.texts()).toEqual(
    Object.fromEntries([...early.map((id) => [id, 'new']), ...late.map((id) => [id, 'old'])]),
  )
})

test('many turns of one op are joined before they are merged in slices, in the order in which they came', () => {
  using db = new Fixture(undefined, { sliceOps: 80 })
  db.track(bucket('a', { checksum: 300 }))
  for (let op = 1; op <= 300; op++) db.save('a', put(op, `r${op % 100}`, { text: `op ${op}` }))
  db.apply(300n)
  expect(db.texts()).toEqual(
    Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`r${n}`, `op ${n === 0 ? 300 : 200 + n}`])),
  )
  expect(db.query('SELECT count(*) AS n FROM ps_staged')).toEqual([{ n: 0n }])
})

test('a bucket goes in slices, and rows that others hold stay', () => {
  using db = new Fixture(undefined, { sliceOps: 10 })
  const ids = Array.from({ length: 100 }, (_, n) => `r${n}`)
  db.sync({
    a: ids.map((id, n) => put(n + 1, id, { text: 'a' })),
    b: ids.slice(0, 50).map((id, n) => put(n + 101, id, { text: 'b' })),
  })
  db.diff([], ['b'])
  db.apply(151n)
  expect(db.texts()).toEqual(Object.fromEntries(ids.map((id) => [id, 'a'])))
  db.diff([], ['a'])
  db.apply(152n)
  expect(db.texts()).toEqual({})
  expect(db.entries()).toEqual([])
})

test('a turn whose merge fails in a later slice leaves nothing of the earlier ones', () => {
  using db = new Fixture(undefined, { sliceOps: 10 })
  db.sync({ a: [put(1, 'r1', { text: 'before' })] })
  const ops = Array.from({ length: 100 }, (_, n) => put(n + 2, `r${n}`, { text: 'after' }))
  db.diff([bucket('a', { checksum: 101 })])
  db.do(saveCommand('a', ops))
  const apply = { do: 'apply', priority: null, lastOpId: 101n, writeCheckpoint: null, now: 1000 } as const
  expect(() =>
    db.storage.turn(() => {
      db.storage.execute(apply)
      throw new Error('on purpose')
    }),
  ).toThrow('on purpose')
  expect(db.texts()).toEqual({ r1: 'before' })
  db.do(apply)
  expect(Object.keys(db.texts())).toHaveLength(100)
})

test('between slices others see what was there before, and a turn that is returned has not happened', () => {
  using db = new Fixture(undefined, { sliceOps: 10 })
  const ops = Array.from({ length: 100 }, (_, n) => put(n + 1, `r${n}`, { text: 'new' }))
  db.track(bucket('a', { checksum: 100 }))
  db.save('a', ...ops)
  const apply = { do: 'apply', priority: null, lastOpId: 100n, writeCheckpoint: null, now: 1000 } as const
  const begun = db.storage.slicedTurn(() => db.storage.slicedApply(apply))
  for (let slice = 0; slice < 5; slice++) {
    expect(begun.next().done).toBe(false)
    expect(db.texts()).toEqual({})
  }
  expect(() => db.storage.beginLocal()).toThrow('running already')
  begun.return(undefined as never)
  expect(db.texts()).toEqual({})
  const slices = [...db.storage.slicedTurn(() => db.storage.slicedApply(apply))]
  expect(slices.length).toBeGreaterThan(5)
  expect(db.query('SELECT count(*) AS n FROM todos')).toEqual([{ n: 100n }])
  expect(Object.keys(db.texts())).toHaveLength(100)
})

function opOf(op: number, idOf: (n: number) => string): Op {
  const id = idOf(op % 150)
  return op % 7 === 0 ? remove(op, id) : put(op, id, { text: `op ${op}` })
}

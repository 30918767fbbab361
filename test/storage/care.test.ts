import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backUp, examine } from '../../src/storage/care.ts'
import { openStorage } from '../../src/storage/open.ts'
import { StorageError } from '../../src/storage/storage.ts'
import { Fixture, put, todos } from './fixture.ts'

function errorOf(work: () => unknown): StorageError {
  try {
    work()
  } catch (error) {
    if (error instanceof StorageError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('a backup beside a daemon that goes on writing: one state, whole, and openable', async () => {
  using db = new Fixture()
  const many = Array.from({ length: 3000 }, (_, n) => put(n + 1, `r${n}`, { text: 'x'.repeat(500) }))
  db.sync({ a: many })
  db.writeLocally('mine', 'local')
  const to = join(db.folder, 'copy.db')
  writeFileSync(to, 'an older backup')
  const done = backUp(db.path, to)
  db.writeLocally('later', 'local')
  expect(readFileSync(to, 'utf8')).toBe('an older backup')
  await done
  expect(examine(to)).toEqual([])
  const copy = openStorage({ path: to, schema: todos })
  expect(copy.load().clientId).toBe(db.storage.load().clientId)
  expect(copy.readQueue({ limit: 9, wholeTransactions: true }).map(({ rowId }) => rowId)).toEqual(['mine'])
  copy.close()
  expect(readdirSync(db.folder).filter((name) => name.includes('-new'))).toEqual([])
})

test('a backup to a folder that is not there fails, and leaves nothing', async () => {
  using db = new Fixture()
  const to = join(db.folder, 'nowhere', 'copy.db')
  await expect(backUp(db.path, to)).rejects.toMatchObject({ code: 'path_unusable' })
  expect(existsSync(to)).toBe(false)
})

test('a backup onto a database that a daemon has open, itself too, is refused, and the file stays', async () => {
  using db = new Fixture()
  using other = new Fixture()
  symlinkSync(db.path, join(other.folder, 'link.db'))
  for (const to of [db.path, other.path, join(other.folder, 'link.db')]) {
    await expect(backUp(db.path, to)).rejects.toMatchObject({ code: 'database_in_use' })
  }
  db.writeLocally('r1', 'still here')
  expect(db.texts()).toEqual({ r1: 'still here' })
})

test('a backup is refused where a journal lies that SQLite would play into it', async () => {
  using db = new Fixture()
  const to = join(db.folder, 'copy.db')
  writeFileSync(`${to}-wal`, 'writes of another database')
  await expect(backUp(db.path, to)).rejects.toMatchObject({ code: 'path_unusable' })
  expect(readdirSync(db.folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db-wal'])
})

test('a backup that is given up leaves the older one, and nothing else', async () => {
  using db = new Fixture()
  const many = Array.from({ length: 3000 }, (_, n) => put(n + 1, `r${n}`, { text: 'x'.repeat(4000) }))
  db.sync({ a: many })
  const to = join(db.folder, 'copy.db')
  writeFileSync(to, 'an older backup')
  const abort = new AbortController()
  const done = backUp(db.path, to, { signal: abort.signal })
  setImmediate(() => abort.abort(new Error('enough')))
  await expect(done).rejects.toThrow('enough')
  expect(readFileSync(to, 'utf8')).toBe('an older backup')
  expect(readdirSync(db.folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db'])
})

test('an examination names the damage', () => {
  using db = new Fixture()
  db.sync({ a: Array.from({ length: 500 }, (_, n) => put(n + 1, `r${n}`, { text: 'x'.repeat(300) })) })
  expect(examine(db.path)).toEqual([])
  db.storage.close()
  const bytes = readFileSync(db.path)
  bytes.fill(0xff, bytes.length - 8192)
  writeFileSync(db.path, bytes)
  expect(examine(db.path).length).toBeGreaterThan(0)
})

test('a full disk is a typed error; the local transaction is gone, and what was stored is safe', () => {
  using db = new Fixture()
  db.writeLocally('r1', 'safe')
  const transaction = db.storage.beginLocal()
  const [pages] = transaction.execute('PRAGMA page_count', []).rows
  transaction.execute(`PRAGMA max_page_count = ${String(pages!['page_count'])}`, [])
  const fill = () =>
    transaction.execute(
      `INSERT INTO todos(id, text) SELECT 'big' || key, printf('%.*c', 5000, 'x') FROM json_each(?)`,
      [JSON.stringify(Array.from({ length: 50 }, (_, n) => n))],
    )
  expect(errorOf(fill)).toMatchObject({
    code: 'database_full',
    message: expect.stringContaining('make room'),
  })
  transaction.rollback()
  expect(db.texts()).toEqual({ r1: 'safe' })
  expect(() =>
    db.sync({ a: Array.from({ length: 50 }, (_, n) => put(n + 1, `r${n}`, { text: 'x'.repeat(5000) })) }),
  ).toThrow(expect.objectContaining({ code: 'database_full' }))
  db.reopen()
  db.sync({ a: [put(99, 's1', { text: 'room again' })] })
  expect(examine(db.path)).toEqual([])
})

test('a statement that rolls the transaction back ends it: nothing after it is committed by itself', () => {
  using db = new Fixture()
  db.writeLocally('r1', 'x')
  const transaction = db.storage.beginLocal()
  transaction.execute(`INSERT INTO todos(id) VALUES ('r2')`, [])
  expect(
    errorOf(() => transaction.execute(`INSERT OR ROLLBACK INTO todos(id) VALUES ('r1')`, [])),
  ).toMatchObject({
    code: 'sql_failed',
  })
  expect(errorOf(() => transaction.execute(`INSERT INTO todos(id) VALUES ('r3')`, []))).toMatchObject({
    message: 'An error has rolled the transaction back. Begin it again.',
  })
  expect(errorOf(() => transaction.commit()).code).toBe('database_failed')
  expect(Object.keys(db.texts())).toEqual(['r1'])
  expect(db.queue()).toHaveLength(1)
  db.writeLocally('r4', 'y')
  expect(db.queue()).toHaveLength(2)
})

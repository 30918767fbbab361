/** What a rehearsal of a write lets through to the writer, and what it does not. */
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Rehearsal } from '../../src/storage/rehearsal.ts'
import { StatementCache } from '../../src/storage/statement-cache.ts'
import { StorageError } from '../../src/storage/storage.ts'
import { Fixture, todos } from './fixture.ts'

test('a statement that fails by itself is left to the writer, which may see other rows', () => {
  using db = new Fixture()
  const rehearsal = new Rehearsal(db.path, todos, {})
  expect(rehearsal.run(`UPDATE todos SET text = 'x'`, [])).toBe(true)
  expect(rehearsal.run(`INSERT INTO todos(id, text) VALUES ('a', json('{'))`, [])).toBe(true)
  expect(rehearsal.run('DELETE FROM todos WHERE id = ?', [])).toBe(true)
  expect(rehearsal.run('DELETE FROM main.todos', [])).toBe(false)
})

test('one that SQLite cannot read is a mistake', () => {
  using db = new Fixture()
  expect(codeOf(() => new Rehearsal(db.path, todos, {}).run('DELETE FROM nowhere', []))).toBe('sql_failed')
})

test('what keeps it from running to its end here does not reach the writer', () => {
  using db = new Fixture()
  db.storage.close()
  const other = new Sqlite(db.path)
  other.pragma('journal_mode = DELETE')
  const rehearsal = new Rehearsal(db.path, todos, { busyTimeout: 50 })
  rehearsal.run('DELETE FROM todos', [])
  other.exec('BEGIN EXCLUSIVE')
  expect(codeOf(() => rehearsal.run('DELETE FROM todos', []))).toBe('database_busy')
  other.close()
})

test('few statements are kept, and none that is long', () => {
  const made: string[] = []
  const cache = new StatementCache<string>(2)
  const ask = (sql: string) => cache.of(sql, () => (made.push(sql), sql))
  for (const sql of ['a', 'a', 'b', 'a']) expect(ask(sql)).toBe(sql)
  expect(made.splice(0)).toEqual(['a', 'b'])
  ask('c')
  ask('a')
  expect(made.splice(0)).toEqual(['c', 'a'])
  const long = 'x'.repeat(10_001)
  ask(long)
  ask(long)
  expect(made).toEqual([long, long])
})

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'ran'
  } catch (error) {
    if (error instanceof StorageError) return error.code
    throw error
  }
}

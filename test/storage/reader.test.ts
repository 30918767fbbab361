import { expect, test } from 'vitest'
import { openReader } from '../../src/storage/reader.ts'
import { StorageError } from '../../src/storage/storage.ts'
import { Fixture, put } from './fixture.ts'

const schema = {
  tables: {
    todos: { columns: { text: 'text', list: 'text' }, indexes: { by_list: { columns: [{ name: 'list' }] } } },
    lists: { columns: { name: 'text' }, viewName: 'all_lists' },
    drafts: { columns: { text: 'text' }, localOnly: true },
  },
} as const

test.each([
  ['SELECT * FROM todos', ['todos']],
  ['SELECT id FROM todos WHERE list = ?', ['todos']],
  ['SELECT t.text, l.name FROM todos t JOIN all_lists l ON l.id = t.list', ['all_lists', 'todos']],
  ['SELECT 1 WHERE EXISTS (SELECT 1 FROM drafts)', ['drafts']],
  ['WITH x AS (SELECT * FROM all_lists) SELECT count(*) FROM x', ['all_lists']],
  [
    'SELECT * FROM todos WHERE list IN (SELECT id FROM all_lists) OR list = :a ORDER BY text',
    ['all_lists', 'todos'],
  ],
  ['SELECT 1', []],
])('tables of %s', (sql, tables) => {
  using db = new Fixture(schema)
  const reader = openReader(db.path)
  expect(reader.tablesOf(sql)).toEqual(tables)
  reader.close()
})

test('tables are found again after the schema changed', () => {
  using db = new Fixture()
  const reader = openReader(db.path)
  expect(reader.tablesOf('SELECT * FROM todos')).toEqual(['todos'])
  db.storage.setSchema({ tables: { ...db.schema.tables, lists: { columns: { name: 'text' } } } })
  expect(reader.tablesOf('SELECT * FROM lists, todos')).toEqual(['lists', 'todos'])
  reader.close()
})

test('a query follows the schema: columns that come are there', () => {
  using db = new Fixture()
  const reader = openReader(db.path)
  db.sync({ a: [put(1, 'r1', { text: 'x', late: 'y' })] })
  expect(reader.query('SELECT * FROM todos')).toEqual([{ id: 'r1', text: 'x', n: null }])
  db.storage.setSchema({ tables: { todos: { columns: { text: 'text', late: 'text' } } } })
  expect(reader.query('SELECT * FROM todos')).toEqual([{ id: 'r1', text: 'x', late: 'y' }])
  reader.close()
})

test('parameters by position and by name; statements that write and SQL errors are refused', () => {
  using db = new Fixture()
  const reader = openReader(db.path)
  expect(reader.query('SELECT ? AS a, ? AS b', [1, 'x'])).toEqual([{ a: 1, b: 'x' }])
  expect(reader.query('SELECT :a AS a', { a: null })).toEqual([{ a: null }])
  expect(reader.query('SELECT 1 AS a', {})).toEqual([{ a: 1 }])
  for (const sql of ['DELETE FROM ps_oplog', 'SELECT * FROM nothing', 'DELETE FROM ps_oplog RETURNING 1']) {
    expect(() => reader.query(sql)).toThrow(StorageError)
  }
  reader.close()
  reader.close()
})

test('a statement that opens a virtual table reads all of them and what their triggers watch', () => {
  using db = new Fixture()
  db.local('CREATE VIRTUAL TABLE search USING fts5(id, text)')
  db.local(`CREATE TRIGGER index_new AFTER INSERT ON ps_data__todos BEGIN
    INSERT INTO search(id, text) VALUES (NEW.id, NEW.text); END`)
  db.sync({ a: [put(1, 'r1', { text: 'found by words' })] })
  db.local('CREATE VIEW found AS SELECT id FROM search')
  const reader = openReader(db.path)
  expect(reader.query(`SELECT id FROM search WHERE search MATCH 'words'`)).toEqual([{ id: 'r1' }])
  expect(reader.tablesOf('SELECT * FROM found')).toEqual(['search', 'todos'])
  expect(reader.tablesOf('SELECT text FROM todos')).toEqual(['todos'])
  reader.close()
  db.local(`INSERT INTO todos(id, text) VALUES ('r2', 'more words')`)
  expect(db.committed.tables).toEqual(['search', 'todos'])
  db.local(`DELETE FROM search`)
  expect(db.committed.tables).toEqual(['search'])
})

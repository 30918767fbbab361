import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Schema, TableSchema } from '../../src/schema/schema.ts'
import { StorageError } from '../../src/storage/storage.ts'
import { Fixture, put } from './fixture.ts'

function todosWith(rest: Partial<TableSchema>): Schema {
  return { tables: { todos: { columns: { text: 'text', n: 'integer' }, ...rest } } }
}

function version(db: Fixture): unknown {
  const connection = new Sqlite(db.path)
  const value = connection.pragma('schema_version', { simple: true })
  connection.close()
  return value
}

test('B4.1 an equal schema changes nothing; a column or an index does', () => {
  const index = { by_n: { columns: [{ name: 'n' }] } }
  using db = new Fixture(todosWith({ indexes: index }))
  let last = version(db)
  const changes = (schema: Schema) => {
    db.storage.setSchema(schema)
    const before = last
    last = version(db)
    return last !== before
  }
  expect(changes(structuredClone(db.schema))).toBe(false)
  db.reopen()
  expect(changes(structuredClone(db.schema))).toBe(false)
  expect(changes(todosWith({ indexes: { by_n: { columns: [{ name: 'n', descending: true }] } } }))).toBe(true)
  expect(changes(todosWith({}))).toBe(true)
  expect(changes(todosWith({ columns: { text: 'text' } }))).toBe(true)
})

test('the view uses the index, for the condition and for the order', () => {
  using db = new Fixture(
    todosWith({ indexes: { by_both: { columns: [{ name: 'n' }, { name: 'text', descending: true }] } } }),
  )
  const plan = (sql: string) => db.query(`EXPLAIN QUERY PLAN ${sql}`).map((row) => row['detail'])
  expect(plan('SELECT id FROM todos WHERE n = 5 ORDER BY text DESC')).toEqual([
    'SEARCH ps_data__todos USING INDEX ps_data__todos__by_both (<expr>=?)',
  ])
  expect(plan('SELECT * FROM todos WHERE id = 1')).toEqual([
    'SEARCH ps_data__todos USING INDEX sqlite_autoindex_ps_data__todos_1 (id=?)',
  ])
})

test('a type change loses nothing: the view casts, the table keeps', () => {
  using db = new Fixture(todosWith({ columns: { v: 'integer' } }))
  db.sync({ a: [put(1, 'r1', { v: '12 apples' })] })
  expect(db.texts('v')).toEqual({ r1: 12n })
  db.storage.setSchema(todosWith({ columns: { v: 'text' } }))
  expect(db.texts('v')).toEqual({ r1: '12 apples' })
})

test('a column that leaves is folded into _rest, one that comes is filled from it', () => {
  using db = new Fixture(todosWith({ columns: { a: 'text', b: 'integer' } }))
  db.sync({ x: [put(1, 'r1', { a: 'x', b: 2, c: 'z' }), put(2, 'r2', { a: null })] })
  db.storage.setSchema(todosWith({ columns: { c: 'text', a: 'text' } }))
  expect(db.query('SELECT * FROM ps_data__todos ORDER BY id')).toEqual([
    { id: 'r1', _rest: '{"b":2}', a: 'x', c: 'z' },
    { id: 'r2', _rest: null, a: null, c: null },
  ])
  expect(db.query('SELECT * FROM todos ORDER BY id')[0]).toEqual({ id: 'r1', c: 'z', a: 'x' })
  db.storage.setSchema(todosWith({ columns: { b: 'integer', a: 'text', c: 'text' } }))
  expect(db.query('SELECT * FROM todos WHERE id = ?', 'r1')).toEqual([{ id: 'r1', b: 2n, a: 'x', c: 'z' }])
  expect(db.query('SELECT _rest FROM ps_data__todos')).toEqual([{ _rest: null }, { _rest: null }])
})

test('rows of a new table come out of ps_untyped, those of a removed table go back', () => {
  using db = new Fixture({ tables: {} })
  db.sync({ a: [put(1, 'r1', { text: 'x', more: 1 })], b: [put(2, 'r1', { text: 'y' })] })
  db.storage.setSchema(todosWith({}))
  expect(db.texts()).toEqual({ r1: 'y' })
  expect(db.query('SELECT * FROM ps_untyped')).toEqual([])
  db.storage.setSchema({ tables: {} })
  expect(db.query('SELECT id, data FROM ps_untyped')).toEqual([{ id: 'r1', data: '{"text":"y","n":null}' }])
  db.storage.setSchema(todosWith({ viewName: 'items' }))
  expect(db.texts('text', 'items')).toEqual({ r1: 'y' })
  db.diff([], ['b'])
  db.apply(9n)
  expect(db.texts('text', 'items')).toEqual({ r1: 'x' })
  expect(db.query('SELECT _rest FROM ps_data__todos')).toEqual([{ _rest: '{"more":1}' }])
})

test('B4.2, B4.3 synced to local: rows move to ps_untyped, the table starts empty; back: local rows are dropped', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'x' })] })
  db.storage.setSchema(todosWith({ localOnly: true }))
  expect(db.texts()).toEqual({})
  db.write(`INSERT INTO ps_data_local__todos(id, text) VALUES ('local', 'y')`)
  db.sync({ a: [put(2, 'r2', { text: 'z' })] })
  expect(db.committed.tables).toEqual([])
  expect(db.texts()).toEqual({ local: 'y' })
  db.storage.setSchema(todosWith({}))
  expect(db.texts()).toEqual({ r1: 'x', r2: 'z' })
})

test('rows synced after a change go to the new columns', () => {
  using db = new Fixture()
  db.storage.setSchema(todosWith({ columns: { late: 'text' } }))
  db.sync({ a: [put(1, 'r1', { late: 'x', text: 'y' })] })
  expect(db.texts('late')).toEqual({ r1: 'x' })
  db.reopen(todosWith({ columns: { late: 'text' } }))
  db.sync({ a: [put(2, 'r1', { late: 'z' })] })
  expect(db.texts('late')).toEqual({ r1: 'z' })
})

test('1,998 columns can go at once, and keep their values', () => {
  const columns = (letter: string) =>
    Object.fromEntries(Array.from({ length: 1998 }, (_, index) => [`${letter}${index}`, 'integer' as const]))
  using db = new Fixture(todosWith({ columns: columns('c') }))
  db.sync({ a: [put(1, 'r1', { c0: 0, c1000: 1000, d5: 5 })] })
  db.storage.setSchema(todosWith({ columns: columns('d') }))
  expect(db.query('SELECT d5 FROM todos')).toEqual([{ d5: 5n }])
  db.storage.setSchema(todosWith({ columns: columns('c') }))
  expect(db.query('SELECT c0, c1000, c1997 FROM todos')).toEqual([{ c0: 0n, c1000: 1000n, c1997: null }])
})

test('1,998 columns work, shadowing included; 1,999 are refused', () => {
  const columns = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, 'integer' as const]))
  const data = (add: number) =>
    Object.fromEntries(Array.from({ length: 1999 }, (_, index) => [`c${index}`, index + add]))
  using db = new Fixture({ tables: { todos: { columns: columns(1998) } } })
  db.sync({ a: [put(1, 'r1', data(0))] })
  db.sync({ b: [put(2, 'r1', data(1))] })
  db.diff([], ['b'])
  db.apply(3n)
  expect(db.query('SELECT t.c0, t.c999, t.c1997, _rest FROM todos t JOIN ps_data__todos USING (id)')).toEqual(
    [{ c0: 0n, c999: 999n, c1997: 1997n, _rest: '{"c1998":1998}' }],
  )
  expect(() => db.storage.setSchema({ tables: { todos: { columns: columns(1999) } } })).toThrow(
    /"todos" has 1999 columns/,
  )
})

test('views and triggers of the app that stand on ours survive a column that leaves', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'x', n: 1 })] })
  db.write('CREATE VIEW mine AS SELECT text FROM todos')
  db.storage.setSchema(todosWith({ columns: { text: 'text' } }))
  expect(db.query('SELECT * FROM mine')).toEqual([{ text: 'x' }])
})

test('a view name that something else has already is refused, and nothing changes', () => {
  using db = new Fixture()
  db.write('CREATE TABLE Taken(a)')
  const schema = { tables: { taken: { columns: {} } } }
  expect(() => db.storage.setSchema(schema)).toThrow(StorageError)
  expect(() => db.storage.setSchema(schema)).toThrow(/"taken"/)
  expect(db.texts()).toEqual({})
})

test('a schema that breaks a rule leaves the old one in use', () => {
  using db = new Fixture()
  expect(() => db.storage.setSchema(todosWith({ columns: { ID: 'text' } }))).toThrow(/"ID" of table "todos"/)
  db.sync({ a: [put(1, 'r1', { text: 'x' })] })
  expect(db.texts()).toEqual({ r1: 'x' })
})

function deleteTriggers(db: Fixture): number {
  return db.query(
    `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'todos' AND name LIKE 'ps_view_delete%'`,
  ).length
}

test('B4.4, B4.5, B4.6 metadata on: a second delete trigger; unchanged: nothing happens; off: one again', () => {
  using db = new Fixture()
  expect(deleteTriggers(db)).toBe(1)
  db.storage.setSchema(todosWith({ trackMetadata: true }))
  expect(deleteTriggers(db)).toBe(2)
  const before = version(db)
  db.storage.setSchema(todosWith({ trackMetadata: true }))
  expect(version(db)).toBe(before)
  db.storage.setSchema(todosWith({ trackMetadata: false }))
  expect(deleteTriggers(db)).toBe(1)
})

test('a view whose text changes keeps its triggers, and triggers of another text are replaced', () => {
  using db = new Fixture()
  db.storage.setSchema(todosWith({ columns: { text: 'text', n: 'real' } }))
  db.local(`INSERT INTO todos(id, n) VALUES ('r1', 1.5)`)
  expect(db.queue()).toEqual(['PUT todos r1 {"n":1.5}'])
  db.write('DROP TRIGGER ps_view_insert_todos')
  db.reopen(todosWith({ columns: { text: 'text', n: 'real' } }))
  db.local(`INSERT INTO todos(id) VALUES ('r2')`)
  expect(db.queue()).toHaveLength(2)
})

test('B4.2 with local changes: synced to local and back, they stay local until the gate opens', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'server' }), put(2, 'r2', { text: 'server' })] })
  db.writeLocally('r1', 'local')
  db.local(`DELETE FROM todos WHERE id = 'r2'`)
  db.writeLocally('mine', 'local')
  db.storage.setSchema(todosWith({ localOnly: true }))
  expect(db.texts()).toEqual({})
  expect(db.queue()).toHaveLength(3)
  db.writeLocally('draft', 'not recorded')
  db.storage.setSchema(todosWith({}))
  expect(db.texts()).toEqual({ mine: 'local', r1: 'local' })
  expect(db.queue()).toHaveLength(3)
  db.acknowledge()
  db.apply(9n)
  expect(db.texts()).toEqual({ r1: 'server', r2: 'server' })
})

test('columns that leave and come while a row is changed locally: local values and the server’s both survive', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', { text: 'server', n: 1, late: 'there' })] })
  db.local(`UPDATE todos SET text = 'local', n = 2`)
  db.storage.setSchema(todosWith({ columns: { n: 'integer', late: 'text' } }))
  expect(db.query('SELECT * FROM todos')).toEqual([{ id: 'r1', n: 2n, late: 'there' }])
  db.storage.setSchema(todosWith({ columns: { text: 'text', n: 'integer' } }))
  expect(db.query('SELECT * FROM todos')).toEqual([{ id: 'r1', text: 'local', n: 2n }])
  db.acknowledge()
  db.apply(9n)
  expect(db.query('SELECT text, n, _rest FROM ps_data__todos')).toEqual([
    { text: 'server', n: 1n, _rest: '{"late":"there"}' },
  ])
})

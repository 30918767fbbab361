/** Tables of the app that synced rows are written to (checklist B2.54-2.63, B3.35-3.42, B4.7, B4.8). */
import { expect, test } from 'vitest'
import type { RawTableDescription, RawTableSchema } from '../../src/schema/schema.ts'
import { rawTriggers } from '../../src/schema/raw.ts'
import { StorageError } from '../../src/storage/storage.ts'
import { bucket, Fixture, put, remove } from './fixture.ts'

const LISTS = 'CREATE TABLE lists(id TEXT PRIMARY KEY, name TEXT, n INTEGER, mine TEXT)'
const ofLists = { rowType: 'lists' }

/** A database in which the app has run `sql`, with these raw tables. */
function withRaw(sql: string, rawTables: { readonly [type: string]: RawTableSchema }): Fixture {
  const db = new Fixture({ tables: {} })
  for (const statement of sql.split(';')) db.local(statement)
  db.schema = { tables: {}, rawTables }
  db.storage.setSchema(db.schema)
  return db
}

function described(description: RawTableDescription = {}): { readonly lists: RawTableSchema } {
  return { lists: { schema: description } }
}

const given: RawTableSchema = {
  put: {
    sql: 'INSERT OR REPLACE INTO lists(id, name, mine) VALUES (?, ?, ?)',
    params: ['Id', { Column: 'name' }, 'Rest'],
  },
  delete: { sql: 'DELETE FROM lists WHERE id = ?', params: ['Id'] },
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof StorageError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no error'
}

test('B2.55 given statements put and delete; the table is the app’s, and named as changed', () => {
  using db = withRaw(LISTS, { lists: given })
  db.sync({ a: [put(1, 'l1', { name: 'x' }, ofLists), put(2, 'l2', { name: 'y' }, ofLists)] })
  expect(db.query('SELECT id, name FROM lists')).toEqual([
    { id: 'l1', name: 'x' },
    { id: 'l2', name: 'y' },
  ])
  expect(db.committed.tables).toEqual(['lists'])
  db.sync({ a: [remove(3, 'l1', ofLists)] })
  expect(db.query('SELECT id FROM lists')).toEqual([{ id: 'l2' }])
  expect(db.query('SELECT * FROM ps_untyped')).toEqual([])
})

test('entries of a raw table keep their data, so a shadowed row comes back exactly', () => {
  using db = withRaw(LISTS, described())
  db.sync({ a: [put(1, 'l1', { name: 'a', extra: [1] }, ofLists)] })
  db.sync({ b: [put(2, 'l1', { name: 'b' }, ofLists)] })
  expect(db.entries().map((entry) => JSON.parse(String(entry['data'])).name)).toEqual(['a', 'b'])
  db.diff([], ['b'])
  db.apply(9n)
  expect(db.query('SELECT name FROM lists')).toEqual([{ name: 'a' }])
})

test('B2.56 inferred: only synced columns are written, and a new column is filled from the next checkpoint on', () => {
  using db = withRaw(LISTS, described({ syncedColumns: ['name', 'late'] }))
  db.sync({ a: [put(1, 'l1', { name: 'x', n: 5, mine: 'no', late: 'z' }, ofLists)] })
  expect(db.query('SELECT name, n, mine FROM lists')).toEqual([{ name: 'x', n: null, mine: null }])
  db.local(`UPDATE lists SET mine = 'kept'`)
  db.local('ALTER TABLE lists ADD COLUMN late TEXT')
  db.sync({ a: [put(2, 'l1', { name: 'y', n: 6, mine: 'no', late: 'z' }, ofLists)] })
  expect(db.query('SELECT name, n, mine, late FROM lists')).toEqual([
    { name: 'y', n: null, mine: 'kept', late: 'z' },
  ])
})

test('B2.54, B2.57, B2.61 while the service’s rows are written, triggers see it and record nothing', () => {
  using db = withRaw(
    `${LISTS}; CREATE TABLE seen(syncing)`,
    described({ recordWrites: true, insertOnly: true }),
  )
  for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
    db.local(`CREATE TRIGGER mine_${event} AFTER ${event} ON lists BEGIN
      INSERT INTO seen VALUES (powersync_in_sync_operation()); END`)
  }
  db.sync({ a: [put(1, 'l1', { name: 'x' }, ofLists)] })
  db.sync({ a: [put(2, 'l1', { name: 'y' }, ofLists)] })
  db.sync({ a: [remove(3, 'l1', ofLists)] })
  db.local(`INSERT INTO lists(id) VALUES ('l2')`)
  expect(db.query('SELECT syncing FROM seen')).toEqual([1n, 1n, 1n, 0n].map((syncing) => ({ syncing })))
  expect(db.queue()).toEqual(['PUT lists l2 {}'])
})

test('how long a local transaction may write says nothing of the merges after it', () => {
  using db = new Fixture({ tables: {} })
  db.local(LISTS)
  db.schema = {
    tables: { names: { columns: { name: 'text' }, localOnly: true } },
    rawTables: described(),
  }
  db.storage.setSchema(db.schema)
  db.local(
    'CREATE TRIGGER mine AFTER INSERT ON lists BEGIN INSERT INTO names(id, name) VALUES (NEW.id, NEW.name); END',
  )
  db.storage.beginLocal(-1).rollback()
  db.sync({ a: [put(1, 'l1', { name: 'x' }, ofLists)] })
  expect(db.query('SELECT * FROM names')).toEqual([{ id: 'l1', name: 'x' }])
})

test('B2.58 an error of a statement says which one, for which row, and what SQLite said', () => {
  using db = withRaw('CREATE TABLE lists(id TEXT PRIMARY KEY, name TEXT NOT NULL)', described())
  const message = codeOf(() => db.sync({ a: [put(1, 'l1', { name: null }, ofLists)] }))
  expect(message).toMatch(
    /^raw_table_failed: .*"lists", id "l1" failed: NOT NULL constraint failed: lists\.name/,
  )
  expect(message).toContain('INSERT INTO "lists"("id", "name") VALUES')
  expect(db.query('SELECT * FROM ps_oplog')).toEqual([])
})

test('B2.59 Rest is the JSON of the properties that no parameter names, keys sorted, or null', () => {
  using db = withRaw(LISTS, { lists: given })
  const big = '{"id":"l1","name":"x","z":true,"b":{"y":[1,null]},"a":9223372036854775807,"c":null,"t":"1"}'
  db.sync({ a: [put(1, 'l1', big, ofLists), put(2, 'l2', { name: 'y' }, ofLists)] })
  expect(db.query('SELECT mine FROM lists')).toEqual([
    { mine: '{"a":9223372036854775807,"b":{"y":[1,null]},"c":null,"t":"1","z":true}' },
    { mine: null },
  ])
})

test('B2.60, B3.38 recorded writes: exact PUT, PATCH and DELETE, one transaction id', () => {
  using db = withRaw(LISTS, described({ recordWrites: true }))
  db.locally((execute) => {
    execute(`INSERT INTO lists(id, name, n) VALUES ('l1', 'x', NULL)`)
    expect(execute(`UPDATE lists SET n = 5, name = NULL WHERE id = 'l1'`)).toBe(1)
    execute(`DELETE FROM lists`)
  })
  expect(db.committed.tables).toEqual(['lists'])
  expect(db.queue()).toEqual([
    'PUT lists l1 {"name":"x"}',
    'PATCH lists l1 {"n":5,"name":null}',
    'DELETE lists l1',
  ])
  const ids = db.storage.readQueue({ limit: 9, wholeTransactions: true }).map((entry) => entry.transactionId)
  expect(new Set(ids).size).toBe(1)
  expect(codeOf(() => db.local(`INSERT INTO lists(id) VALUES ('a')`))).toBe('no error')
  expect(codeOf(() => db.local(`UPDATE lists SET id = 'b'`))).toContain('Cannot update id')
})

test('triggers of the app may record by powersync_crud themselves', () => {
  using db = withRaw(LISTS, described())
  db.local(`CREATE TRIGGER mine AFTER INSERT ON lists BEGIN
    INSERT INTO powersync_crud(op, id, type, data) VALUES ('PUT', NEW.id, 'lists', json_object('name', NEW.name)); END`)
  db.sync({ a: [put(1, 'l1', { name: 'server' }, ofLists)] })
  db.local(`INSERT INTO lists(id, name) VALUES ('l2', 'mine')`)
  expect(db.queue()).toEqual(['PUT lists l2 {"name":"mine"}'])
  db.acknowledge()
  db.apply(9n)
  expect(db.query('SELECT id FROM lists')).toEqual([{ id: 'l1' }])
})

test('a local change of a raw row waits for the gate, then the server’s version returns', () => {
  using db = withRaw(LISTS, described({ recordWrites: true, syncedColumns: ['name'] }))
  db.sync({ a: [put(1, 'l1', { name: 'server' }, ofLists)] })
  db.local(`UPDATE lists SET name = 'local', mine = 'kept'`)
  db.diff([bucket('a', { checksum: 2 })])
  db.save('a', put(2, 'l1', { name: 'newer' }, ofLists))
  expect(db.apply(2n)).toEqual({ kind: 'blocked' })
  expect(db.query('SELECT name FROM lists')).toEqual([{ name: 'local' }])
  db.acknowledge()
  db.apply(2n)
  expect(db.query('SELECT name, mine FROM lists')).toEqual([{ name: 'newer', mine: 'kept' }])
  expect(db.queue()).toEqual([])
})

test('B2.62, B3.42 clear runs the clear statement, or the inferred one, and records nothing', () => {
  using db = withRaw(LISTS, described({ recordWrites: true }))
  db.sync({ a: [put(1, 'l1', { name: 'x' }, ofLists)] })
  db.do({ do: 'clear', clearLocal: false, soft: true })
  expect(db.query('SELECT * FROM lists')).toEqual([])
  expect(db.queue()).toEqual([])
  db.track(bucket('a', { checksum: 1 }))
  db.apply(9n)
  expect(db.query('SELECT name FROM lists')).toEqual([{ name: 'x' }])
  db.storage.setSchema({
    tables: {},
    rawTables: { lists: { ...given, clear: `UPDATE lists SET name = 'cleared'` } },
  })
  db.do({ do: 'clear', clearLocal: false, soft: false })
  expect(db.query('SELECT name FROM lists')).toEqual([{ name: 'cleared' }])
})

test('B2.63 foreign keys hold at the end of a merge, whatever the order of ops; a local cascade is recorded', () => {
  const rawTables = {
    lists: { schema: { recordWrites: true } },
    todos: { schema: { recordWrites: true } },
  }
  using db = withRaw(
    `${LISTS}; CREATE TABLE todos(id TEXT PRIMARY KEY, list TEXT REFERENCES lists(id) ON DELETE CASCADE)`,
    rawTables,
  )
  db.sync({ a: [put(1, 't1', { list: 'l1' }), put(2, 'l1', { name: 'x' }, ofLists)] })
  expect(db.query('SELECT id, list FROM todos')).toEqual([{ id: 't1', list: 'l1' }])
  db.local('DELETE FROM lists')
  expect(db.queue().sort()).toEqual(['DELETE lists l1', 'DELETE todos t1'])
  expect(codeOf(() => db.local(`INSERT INTO todos VALUES ('t2', 'nobody')`))).toMatch(
    /^sql_failed: FOREIGN KEY/,
  )
})

test('B3.35, B3.37 a raw table that is missing or has no id: an error that says so', () => {
  using missing = new Fixture({ tables: {}, rawTables: described() })
  expect(codeOf(() => missing.sync({ a: [put(1, 'l1', {}, ofLists)] }))).toMatch(
    /^raw_table_failed: .*"lists".*exist/,
  )
  expect(codeOf(() => withRaw('CREATE TABLE lists(name)', described({ recordWrites: true })))).toBe(
    'invalid_schema: The raw table for type "lists" has no column "id".',
  )
})

test('B3.36 a raw table without statements and without a description is refused', () => {
  expect(codeOf(() => withRaw(LISTS, { lists: {} }))).toMatch(/^invalid_schema: Table "lists"/)
})

test('B3.39 recorded as insert-only: no gate; updates and deletes are refused, but not those of the service', () => {
  using db = withRaw(LISTS, described({ recordWrites: true, insertOnly: true }))
  db.local(`INSERT INTO lists(id, name) VALUES ('l1', 'x')`)
  expect(db.queue()).toEqual(['PUT lists l1 {"name":"x"}'])
  expect(db.kv('write_target')).toBe(null)
  expect(codeOf(() => db.local(`UPDATE lists SET name = 'y'`))).toMatch(/^sql_failed: Unexpected update/)
  expect(codeOf(() => db.local('DELETE FROM lists'))).toMatch(/^sql_failed: Unexpected update/)
  db.acknowledge()
  db.sync({ a: [put(1, 'l1', { name: 'server' }, ofLists)] })
  expect(db.query('SELECT name FROM lists')).toEqual([{ name: 'server' }])
})

test('B3.40, B3.41 previous values of some columns, only when changed; empty updates and other columns skipped', () => {
  const description = {
    recordWrites: true,
    syncedColumns: ['name', 'n'],
    trackPrevious: { columns: ['n'], onlyWhenChanged: true },
    ignoreEmptyUpdates: true,
  }
  using db = withRaw(LISTS, described(description))
  db.local(`INSERT INTO lists(id, name, n, mine) VALUES ('l1', 'x', 1, 'm')`)
  for (const set of [`name = 'y'`, 'n = 2', `mine = 'other'`, 'n = 2']) db.local(`UPDATE lists SET ${set}`)
  expect(
    db.storage
      .readQueue({ limit: 9, wholeTransactions: true })
      .map(({ data, previousValues }) => [data, previousValues]),
  ).toEqual([
    ['{"n":1,"name":"x"}', null],
    ['{"name":"y"}', '{}'],
    ['{"n":2}', '{"n":1}'],
  ])
})

test('triggers follow the table: made when it appears, changed with its columns, dropped with the option', () => {
  using db = new Fixture({ tables: {}, rawTables: described({ recordWrites: true }) })
  db.local(LISTS)
  db.local(`INSERT INTO lists(id) VALUES ('l1')`)
  expect(() =>
    db.locally((execute) => {
      execute('ALTER TABLE lists ADD COLUMN gone TEXT')
      throw new Error('on purpose')
    }),
  ).toThrow('on purpose')
  db.local('ALTER TABLE lists ADD COLUMN late TEXT')
  db.local(`UPDATE lists SET late = 'x'`)
  expect(db.queue()).toEqual(['PUT lists l1 {}', 'PATCH lists l1 {"late":"x"}'])
  db.storage.setSchema({ tables: {}, rawTables: described() })
  expect(db.query(`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'ps_raw%'`)).toEqual(
    [],
  )
})

test('a type that gets a raw table, and one that loses it: the next checkpoint puts the rows where they belong', () => {
  using db = new Fixture({ tables: { lists: { columns: { name: 'text' } } } })
  db.sync({ a: [put(1, 'l1', { name: 'a', n: 1 }, ofLists)], b: [put(2, 'l1', { name: 'b' }, ofLists)] })
  db.storage.setSchema({ tables: {} })
  db.local(LISTS)
  db.storage.setSchema({ tables: {}, rawTables: described() })
  db.apply(8n)
  expect(db.query('SELECT id, name FROM lists')).toEqual([{ id: 'l1', name: 'b' }])
  expect(db.query('SELECT * FROM ps_untyped')).toEqual([])
  db.storage.setSchema({ tables: { lists: { columns: { name: 'text' }, viewName: 'list_view' } } })
  db.diff([], ['b'])
  db.apply(9n)
  expect(db.texts('name', 'list_view')).toEqual({ l1: 'a' })
  expect(db.entries()).toMatchObject([{ data: null }])
})

test('B4.7 a raw table makes no data table and no view', () => {
  using db = withRaw(LISTS, described())
  expect(
    db.query(
      `SELECT name FROM sqlite_schema WHERE name LIKE 'ps_data%' OR (type = 'view' AND name = 'lists')`,
    ),
  ).toEqual([])
})

test.each<[string, RawTableDescription]>([
  ['by default', {}],
  ['insert-only', { insertOnly: true }],
  ['with previous values', { trackPrevious: true }],
  ['of some columns', { syncedColumns: ['name'] }],
])('B4.8 the text of triggers, %s', (_, description) => {
  expect([...rawTriggers('lists', ['name'], description).values()].join('\n')).toMatchSnapshot()
})

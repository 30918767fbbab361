/** What a local write does to the row and what it records (checklist B3). */
import { expect, test } from 'vitest'
import type { TableSchema } from '../../src/schema/schema.ts'
import { StorageError } from '../../src/storage/storage.ts'
import { Fixture, put } from './fixture.ts'

function todosWith(rest: Partial<TableSchema> = {}): Fixture {
  return new Fixture({ tables: { todos: { columns: { text: 'text', n: 'integer', r: 'real' }, ...rest } } })
}

function entries(db: Fixture) {
  return db.storage.readQueue({ limit: 1000, wholeTransactions: true })
}

function lastOf(db: Fixture) {
  return entries(db).at(-1)
}

function errorOf(work: () => unknown): StorageError {
  try {
    work()
  } catch (error) {
    if (error instanceof StorageError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('B3.1, B3.2 an update records what differs: from null, to null, changed, nothing', () => {
  using db = todosWith()
  db.local(`INSERT INTO todos(id, text, n) VALUES ('r1', 'x', 1)`)
  const patch = (set: string) => {
    db.local(`UPDATE todos SET ${set} WHERE id = 'r1'`)
    return lastOf(db)?.data
  }
  expect(patch('r = 1.5')).toBe('{"r":1.5}')
  expect(patch('text = NULL')).toBe('{"text":null}')
  expect(patch(`text = 'y', n = 2, r = NULL`)).toBe('{"n":2,"r":null,"text":"y"}')
  expect(patch('n = 2')).toBe('{}')
})

const MANY = [1, 49, 50, 51, 63, 64, 100, 1998]

test.each(MANY)(
  'B3.3 %i columns: PUT has all, PATCH what changed; each statement is a transaction',
  (count) => {
    const names = Array.from({ length: count }, (_, index) => `c${String(index).padStart(4, '0')}`)
    const columns = Object.fromEntries(names.map((name) => [name, 'text' as const]))
    using db = new Fixture({ tables: { todos: { columns } } })
    const last = names.at(-1)!
    db.local(`INSERT INTO todos VALUES ('r1', ${names.map((name) => `'${name}'`).join(', ')})`)
    db.local(`UPDATE todos SET ${last} = 'changed'`)
    db.local('DELETE FROM todos')
    expect(
      entries(db).map(({ op, data, transactionId }) => [op, JSON.parse(data ?? 'null'), transactionId]),
    ).toEqual([
      ['PUT', Object.fromEntries(names.map((name) => [name, name])), 1],
      ['PATCH', { [last]: 'changed' }, 2],
      ['DELETE', null, 3],
    ])
  },
)

test('B3.4 a local-only table records nothing and leaves the gate open', () => {
  using db = todosWith({ localOnly: true })
  db.local(`INSERT INTO todos(id, text) VALUES ('r1', 'x')`)
  expect(db.local(`UPDATE todos SET text = 'y'`)).toBe(1)
  expect(db.texts()).toEqual({ r1: 'y' })
  expect(db.committed.tables).toEqual(['todos'])
  db.local('DELETE FROM todos')
  expect(db.texts()).toEqual({})
  expect([entries(db), db.kv('write_target'), db.kv('next_transaction')]).toEqual([[], null, 1n])
})

test('B3.5, B3.33 an insert-only table records the insert only: no row, no note, no gate', () => {
  using db = todosWith({ insertOnly: true })
  expect(db.local(`INSERT INTO todos(id, text) VALUES ('r1', 'x')`)).toBe(1)
  expect(db.texts()).toEqual({})
  expect(db.queue()).toEqual(['PUT todos r1 {"text":"x"}'])
  expect(db.kv('write_target')).toBe(null)
  expect(db.query('SELECT * FROM ps_updated_rows')).toEqual([])
  expect(errorOf(() => db.local(`UPDATE todos SET text = 'y'`)).code).toBe('sql_failed')
  expect(errorOf(() => db.local('DELETE FROM todos')).code).toBe('sql_failed')
})

test('B3.34 insert-only and local-only: as local-only', () => {
  using db = todosWith({ insertOnly: true, localOnly: true })
  db.local(`INSERT INTO todos(id, text) VALUES ('r1', 'x')`)
  db.local(`UPDATE todos SET text = 'y'`)
  expect(db.texts()).toEqual({ r1: 'y' })
  expect(entries(db)).toEqual([])
})

test('B3.6, B3.7, B2.27, B2.31 powersync_crud: the entry, the note, the gate closes and forgets what it saw', () => {
  using db = new Fixture()
  db.do({ do: 'apply', priority: null, lastOpId: 1n, writeCheckpoint: 5n, now: 1 })
  expect(db.kv('write_seen')).toBe(5n)
  db.local(
    `INSERT INTO powersync_crud(op, id, type, data) VALUES ('PUT', 'r1', 'anything', '{"my":"value"}')`,
  )
  expect(entries(db)).toEqual([
    {
      id: 1,
      transactionId: 1,
      op: 'PUT',
      table: 'anything',
      rowId: 'r1',
      data: '{"my":"value"}',
      previousValues: null,
      metadata: null,
      queuedAt: expect.any(Number),
    },
  ])
  expect(db.query('SELECT name, row_id FROM ps_updated_rows JOIN ps_row_types ON id = row_type')).toEqual([
    { name: 'anything', row_id: 'r1' },
  ])
  expect(db.kv('write_target')).toBe(2n ** 63n - 1n)
  expect(db.kv('write_seen')).toBe(null)
  expect(db.storage.lastRequest()).toBe(null)
})

test('B3.8, B3.9, B3.10 powersync_crud without data, with metadata, with old values', () => {
  using db = new Fixture()
  db.local(
    `INSERT INTO powersync_crud(op, id, type, old_values, metadata) VALUES ('DELETE', 'r1', 't', '{"a":1}', 'why')`,
  )
  expect(lastOf(db)).toMatchObject({ data: null, previousValues: '{"a":1}', metadata: 'why' })
})

test('B3.11, B3.12, B3.43 a transaction id for each committed transaction; a rolled back one is used again', () => {
  using db = todosWith()
  const insert = (id: string) => db.local(`INSERT INTO todos(id) VALUES ('${id}')`)
  insert('r1')
  expect(() =>
    db.locally((execute) => {
      execute(`INSERT INTO todos(id) VALUES ('r2')`)
      throw new Error('on purpose')
    }),
  ).toThrow('on purpose')
  insert('r3')
  db.locally((execute) => {
    execute(`INSERT INTO todos(id) VALUES ('r4')`)
    execute(`DELETE FROM todos WHERE id = 'r1'`)
  })
  expect(entries(db).map(({ rowId, transactionId }) => [rowId, transactionId])).toEqual([
    ['r1', 1],
    ['r3', 2],
    ['r4', 3],
    ['r1', 3],
  ])
})

test('a transaction that could record and did not takes an id too, one that only reads does not', () => {
  using db = todosWith()
  db.local(`UPDATE todos SET n = 1 WHERE id = 'nobody'`)
  db.local('SELECT * FROM todos')
  expect(db.kv('next_transaction')).toBe(2n)
  expect(db.committed.tables).toEqual([])
})

test.each([
  ['synced, then insert-only', ['todos', 'logs']],
  ['insert-only, then synced', ['logs', 'todos']],
])('B3.44 %s: one transaction id', (_, tables) => {
  using db = new Fixture({ tables: { todos: { columns: {} }, logs: { columns: {}, insertOnly: true } } })
  db.locally((execute) => tables.forEach((table) => execute(`INSERT INTO ${table}(id) VALUES ('r1')`)))
  expect(entries(db).map(({ table, transactionId }) => [table, transactionId])).toEqual(
    tables.map((table) => [table, 1]),
  )
})

const PREVIOUS: readonly [string, TableSchema['trackPrevious'], object | null, object | null][] = [
  ['B3.13, B3.19 off by default', undefined, null, null],
  ['B3.14, B3.20 false', false, null, null],
  ['B3.15, B3.21 all columns', true, { text: 'x', n: 1, r: null }, { text: 'y', n: 1, r: null }],
  ['B3.16, B3.22 some columns', { columns: ['n'] }, { n: 1 }, { n: 1 }],
  ['B3.17 only when changed', { onlyWhenChanged: true }, { text: 'x' }, { text: 'y', n: 1, r: null }],
  ['B3.18 some columns, only when changed', { columns: ['n'], onlyWhenChanged: true }, {}, { n: 1 }],
]

test.each(PREVIOUS)(
  '%s: previous values of an update and of a delete',
  (_, trackPrevious, updated, deleted) => {
    using db = todosWith(trackPrevious === undefined ? {} : { trackPrevious })
    db.local(`INSERT INTO todos(id, text, n) VALUES ('r1', 'x', 1)`)
    db.local(`UPDATE todos SET text = 'y'`)
    db.local('DELETE FROM todos')
    const previous = entries(db).map((entry) => JSON.parse(entry.previousValues ?? 'null'))
    expect(previous).toEqual([null, updated, deleted])
  },
)

test.each([
  ['B3.23 by default', {}],
  ['B3.24 with trackMetadata false', { trackMetadata: false }],
])('%s there is no _metadata column', (_, rest) => {
  using db = todosWith(rest)
  expect(errorOf(() => db.local(`INSERT INTO todos(id, _metadata) VALUES ('r1', 'm')`)).code).toBe(
    'sql_failed',
  )
})

test('B3.25-B3.28 metadata of an insert, an update, a delete, and of a delete by _deleted', () => {
  using db = todosWith({ trackMetadata: true })
  db.local(`INSERT INTO todos(id, text, _metadata) VALUES ('r1', 'x', 'made')`)
  db.local(`UPDATE todos SET text = 'y', _metadata = 'changed' WHERE id = 'r1'`)
  expect(db.query('SELECT text, _metadata, _deleted FROM todos')).toEqual([
    { text: 'y', _metadata: null, _deleted: null },
  ])
  db.local(`DELETE FROM todos WHERE id = 'r1'`)
  db.local(`INSERT INTO todos(id) VALUES ('r2')`)
  db.local(`UPDATE todos SET _deleted = TRUE, _metadata = 'gone' WHERE id = 'r2'`)
  expect(entries(db).map(({ op, data, metadata }) => [op, data, metadata])).toEqual([
    ['PUT', '{"text":"x"}', 'made'],
    ['PATCH', '{"text":"y"}', 'changed'],
    ['DELETE', null, null],
    ['PUT', '{}', null],
    ['DELETE', null, 'gone'],
  ])
  expect(db.texts()).toEqual({})
})

test('B3.29, B3.30 updates that change nothing are recorded, unless ignoreEmptyUpdates is set', () => {
  using loud = todosWith()
  using quiet = todosWith({ ignoreEmptyUpdates: true })
  for (const db of [loud, quiet]) {
    db.local(`INSERT INTO todos(id, text) VALUES ('r1', 'x')`)
    db.local(`UPDATE todos SET text = 'x'`)
  }
  expect(loud.queue()).toEqual(['PUT todos r1 {"text":"x"}', 'PATCH todos r1 {}'])
  expect(quiet.queue()).toEqual(['PUT todos r1 {"text":"x"}'])
})

test('B3.31 JSON in a text column stays text; an update to NULL is recorded', () => {
  using db = todosWith()
  db.local(`INSERT INTO todos(id, text) VALUES ('r1', json('{"k":null}'))`)
  db.local(`UPDATE todos SET text = json('[1]')`)
  db.local('UPDATE todos SET text = NULL')
  expect(db.queue()).toEqual([
    'PUT todos r1 {"text":"{\\"k\\":null}"}',
    'PATCH todos r1 {"text":"[1]"}',
    'PATCH todos r1 {"text":null}',
  ])
})

test('B3.32 values are recorded as written, nulls are left out of a PUT, keys are sorted', () => {
  using db = todosWith({ columns: { z: 'integer', a: 'text', '\u{1F600}': 'text', '\uFF5E': 'real' } })
  db.local(
    `INSERT INTO todos(id, z, a, "\u{1F600}", "\uFF5E") VALUES ('r1', '7', 5, NULL, 3.0), ('r2', 9223372036854775807, 'x', 1, 0.5)`,
  )
  expect(db.queue()).toEqual([
    'PUT todos r1 {"a":5,"z":"7","\uFF5E":3.0}',
    'PUT todos r2 {"a":"x","z":9223372036854775807,"\uFF5E":0.5,"\u{1F600}":1}',
  ])
})

test.each([
  [`INSERT INTO todos(id) VALUES (NULL)`, 'id is required'],
  [`INSERT INTO todos(id) VALUES (1)`, 'id should be text'],
  [`INSERT INTO todos(id) VALUES ('r1')`, 'UNIQUE constraint failed: ps_data__todos.id'],
  [`UPDATE todos SET id = 'r2'`, 'Cannot update id'],
  [`UPDATE todos SET id = NULL`, 'Cannot update id'],
  [`INSERT INTO todos(id) VALUES ('r1') ON CONFLICT DO NOTHING`, 'cannot UPSERT a view'],
  [`UPDATE todos SET text = x'00'`, 'JSON cannot hold BLOB values'],
  [`UPDATE todos SET r = 9e999`, 'JSON cannot hold an infinite number'],
  [`COMMIT`, 'A local transaction begins and ends by its own methods only.'],
  [`SELECT 1; SELECT 2`, 'The supplied SQL string contains more than one statement'],
  [`SELECT ?`, 'Too few parameter values were provided'],
])('%s fails: %s', (sql, message) => {
  using db = todosWith()
  db.local(`INSERT INTO todos(id, text) VALUES ('r1', 'x')`)
  expect(errorOf(() => db.local(sql))).toMatchObject({ code: 'sql_failed', message })
  expect(db.texts()).toEqual({ r1: 'x' })
  expect(entries(db)).toHaveLength(1)
})

test('a statement that fails leaves nothing of itself, and its transaction can go on', () => {
  using db = todosWith()
  db.locally((execute) => {
    execute(`INSERT INTO todos(id) VALUES ('r1')`)
    expect(() => execute(`INSERT INTO todos(id) VALUES ('r2'), ('r1')`)).toThrow(/UNIQUE/)
    execute(`INSERT INTO todos(id) VALUES ('r3')`)
  })
  expect(Object.keys(db.texts())).toEqual(['r1', 'r3'])
  expect(entries(db).map(({ rowId }) => rowId)).toEqual(['r1', 'r3'])
})

test('INSERT OR REPLACE is a PUT of the whole row; OR IGNORE of a row that is there records nothing', () => {
  using db = todosWith()
  db.sync({ a: [put(1, 'r1', { text: 'server', n: 1, more: 'rest' })] })
  expect(db.local(`INSERT OR IGNORE INTO todos(id, text) VALUES ('r1', 'x'), ('r2', 'y')`)).toBe(1)
  expect(db.texts()).toEqual({ r1: 'server', r2: 'y' })
  expect(db.local(`INSERT OR REPLACE INTO todos(id, text) VALUES ('r1', 'x')`)).toBe(1)
  expect(db.queue()).toEqual(['PUT todos r2 {"text":"y"}', 'PUT todos r1 {"text":"x"}'])
  expect(JSON.parse(String(db.entries()[0]!['data']))).toEqual({
    text: 'server',
    n: 1,
    r: null,
    more: 'rest',
  })
  db.acknowledge()
  db.apply(9n)
  expect(db.query('SELECT id, text, n, _rest FROM ps_data__todos')).toEqual([
    { id: 'r1', text: 'server', n: 1n, _rest: '{"more":"rest"}' },
  ])
})

test('DESIGN the first write keeps the version of the server, later ones leave it', () => {
  using db = todosWith()
  db.sync({ a: [put(1, 'r1', { text: 'server' })] })
  for (const text of ['one', 'two']) {
    db.local(`UPDATE todos SET text = ? WHERE id = 'r1'`, text)
    expect(JSON.parse(String(db.entries()[0]!['data']))).toMatchObject({ text: 'server' })
  }
  db.local(`DELETE FROM todos WHERE id = 'r1'`)
  expect(JSON.parse(String(db.entries()[0]!['data']))).toMatchObject({ text: 'server' })
  expect(db.query('SELECT row_id FROM ps_updated_rows')).toEqual([{ row_id: 'r1' }])
})

test('an update leaves values that it does not touch as they came', () => {
  using db = todosWith()
  db.sync({ a: [put(1, 'r1', { text: 'x', n: '12 apples' })] })
  db.local(`UPDATE todos SET text = 'y'`)
  expect(db.query('SELECT n FROM ps_data__todos')).toEqual([{ n: '12 apples' }])
})

test('a write names the views it changed, also by its own name, and counts their rows', () => {
  using db = new Fixture({
    tables: { todos: { columns: { n: 'integer' }, viewName: 'items' }, lists: { columns: {} } },
  })
  expect(db.local(`INSERT INTO items(id) VALUES ('r1'), ('r2'), ('r3')`)).toBe(3)
  expect(db.committed.tables).toEqual(['items'])
  expect(db.local(`UPDATE items SET n = 1 WHERE id > 'r1'`)).toBe(2)
  expect(db.local(`DELETE FROM lists`)).toBe(0)
  expect(db.committed.tables).toEqual([])
  db.local('CREATE TABLE mine(a)')
  expect(db.local('INSERT INTO mine VALUES (1), (2)')).toBe(2)
  expect(db.committed.tables).toEqual(['mine'])
})

test('RETURNING gives the rows as the statement wrote them; reads in a transaction see its writes', () => {
  using db = todosWith()
  const transaction = db.storage.beginLocal()
  expect(transaction.execute(`INSERT INTO todos(id, n) VALUES ('r1', ?) RETURNING id, n`, [5n])).toEqual({
    rows: [{ id: 'r1', n: 5 }],
    changes: 1,
  })
  expect(transaction.execute('SELECT n FROM todos WHERE id = :id', { id: 'r1' }).rows).toEqual([{ n: 5 }])
  transaction.rollback()
  expect(db.texts()).toEqual({})
  expect(() => transaction.execute('SELECT 1', [])).toThrow(/ended/)
})

test('while a local transaction is open there is no turn, no schema change and no other one', () => {
  using db = todosWith()
  const transaction = db.storage.beginLocal()
  expect(() => db.storage.turn(() => 1)).toThrow(/already/)
  expect(() => db.storage.beginLocal()).toThrow(/already/)
  expect(() => db.storage.setSchema(db.schema)).toThrow(/turn/)
  transaction.rollback()
  expect(db.storage.turn(() => 1).value).toBe(1)
})

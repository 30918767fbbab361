import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openReader } from '../../src/storage/reader.ts'
import { openSqlGate, type SqlKind } from '../../src/storage/sql-gate.ts'
import { Fixture } from './fixture.ts'
import { BROKEN, hostileSchema, hostileStatements } from './hostile.ts'

const fixture = new Fixture(hostileSchema)
const gate = openSqlGate({ schema: hostileSchema })
afterAll(() => {
  gate.close()
  fixture[Symbol.dispose]()
})

const hostile = Object.entries(hostileStatements(fixture.folder))
const kinds: readonly SqlKind[] = ['read', 'write']

function read(sql: string) {
  return gate.check(sql, 'read')
}

function write(sql: string) {
  return gate.check(sql, 'write')
}

function hashes(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    ]),
  )
}

describe('hostile statements', () => {
  it('are at least 150, none twice', () => {
    const all = hostile.flatMap(([, statements]) => statements)
    expect(all.length).toBeGreaterThanOrEqual(150)
    expect(new Set(all).size).toBe(all.length)
  })

  describe.each(hostile)('%s', (group, statements) => {
    it.each(statements.map((sql) => [sql.slice(0, 100), sql]))(
      'are refused as read and as write: %j',
      (_, sql) => {
        for (const kind of kinds) {
          const verdict = gate.check(sql, kind)
          expect(verdict).toMatchObject({ allowed: false })
          if (!verdict.allowed) expect(verdict.message).toMatch(/^[A-Z"].*\.$/s)
        }
      },
    )

    it.runIf(group !== BROKEN)('are refused for what they do: SQLite itself takes them', () => {
      using other = new Fixture(hostileSchema)
      expect(statements.filter((sql) => !isTaken(other.path, sql))).toEqual([])
    })
  })

  it('leave no trace: not a byte of the database differs, and no file is new', () => {
    const before = hashes(fixture.folder)
    const working = readdirSync('.').sort()
    for (const [, statements] of hostile)
      for (const sql of statements) for (const kind of kinds) gate.check(sql, kind)
    expect(hashes(fixture.folder)).toEqual(before)
    expect(readdirSync('.').sort()).toEqual(working)
  })

  it('leave no trace in the gate: it judges the same afterwards', () => {
    const fresh = openSqlGate({ schema: hostileSchema })
    const probes = [
      'SELECT * FROM todos',
      'SELECT * FROM x',
      'SELECT * FROM ps_kv',
      'SELECT "x"',
      'PRAGMA user_version',
    ]
    for (const sql of probes) expect(gate.check(sql, 'read')).toEqual(fresh.check(sql, 'read'))
    fresh.close()
  })

  it('are refused when the gate is closed, as everything is', () => {
    const closed = openSqlGate({ schema: hostileSchema })
    expect(closed.check('SELECT 1', 'read')).toMatchObject({ allowed: true })
    closed.close()
    closed.close()
    expect(closed.check('SELECT 1', 'read')).toMatchObject({ allowed: false, code: 'sql_unavailable' })
  })
})

/** Whether a real database prepares a statement, or takes it apart as several. */
function isTaken(path: string, sql: string): boolean {
  const db = new Sqlite(path)
  // What the triggers of the views call.
  for (const name of ['headwater_row_written', 'powersync_in_sync_operation']) db.function(name, () => 0)
  try {
    db.prepare(sql)
    return true
  } catch (error) {
    // Several statements are refused by the driver, writes of insert-only views by SQLite.
    return error instanceof Error && /more than one statement|because it is a view/.test(error.message)
  } finally {
    db.close()
  }
}

describe('ordinary reads pass, with the views whose pages they open', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['SELECT 1', []],
    ['VALUES (1, 2), (?, :name)', []],
    ['SELECT 1;', []],
    ['SELECT 1; -- the end', []],
    ['SELECT 1;\n/* nothing */ ; ', []],
    ['\uFEFFSELECT 1', []],
    ['-- first\nSELECT * FROM todos', ['todos']],
    ['SELECT count(*) FROM todos', ['todos']],
    ['SELECT 1 FROM TODOS', ['todos']],
    ['select T.ID from "Todos" as t', ['todos']],
    ['SELECT * FROM [todos], `lists`', ['lists', 'todos']],
    ['SELECT * FROM main.todos', ['todos']],
    [
      'SELECT t.*, l.name FROM todos t JOIN lists l ON l.id = t.list_id WHERE t.done = ? LIMIT 10',
      ['lists', 'todos'],
    ],
    ['SELECT * FROM todos NATURAL LEFT JOIN lists', ['lists', 'todos']],
    ['WITH open AS (SELECT * FROM todos WHERE done = 0) SELECT count(*) FROM open', ['todos']],
    ['WITH a AS (SELECT 1) SELECT count(*) FROM a', []],
    ['WITH lists AS (SELECT id FROM todos) SELECT id FROM lists', ['todos']],
    ['WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT x FROM n', []],
    ['SELECT row_number() OVER (PARTITION BY list_id ORDER BY id) FROM todos', ['todos']],
    ['SELECT sum(weight) FILTER (WHERE weight > 1) OVER w FROM lists WINDOW w AS (ORDER BY name)', ['lists']],
    ['SELECT value FROM json_each(?)', []],
    ['SELECT count(*) FROM json_tree(?)', []],
    ['SELECT t.id, j.value FROM todos t, json_each(t.description) j', ['todos']],
    ["SELECT description ->> '$.a', description LIKE 'x%', description GLOB 'x*' FROM todos", ['todos']],
    [
      'SELECT list_id, count(*), group_concat(id), json_group_array(id) FROM todos GROUP BY 1 HAVING count(*) > 1',
      ['todos'],
    ],
    [
      'SELECT * FROM todos WHERE list_id IN (SELECT id FROM lists) AND NOT EXISTS (SELECT 1 FROM notes)',
      ['lists', 'notes', 'todos'],
    ],
    [
      'SELECT id FROM todos UNION SELECT id FROM lists EXCEPT SELECT id FROM notes ORDER BY 1',
      ['lists', 'notes', 'todos'],
    ],
    ["SELECT datetime('now'), strftime('%Y', 'now'), current_timestamp, unixepoch()", []],
    ['SELECT sqrt(2), round(1.5), abs(-1), pi(), upper(hex(randomblob(16)))', []],
    ["SELECT 'SELECT; DROP TABLE ps_crud' AS \"PRAGMA\", '/* ps_kv */' -- ps_crud", []],
    ['SELECT id AS ps_crud FROM todos AS ps_kv', ['todos']],
    ['SELECT line FROM logs', ['logs']],
  ]
  it.each(cases)('%s', (sql, tables) => {
    expect(read(sql)).toEqual({ allowed: true, tables, writes: [] })
    const reader = openReader(fixture.path)
    expect(reader.tablesOf(sql)).toEqual(tables)
    reader.close()
  })
})

describe('ordinary writes pass, with the view they write', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["INSERT INTO todos(id, description) VALUES (?, 'DROP TABLE x; --')", 'todos', []],
    ['INSERT INTO Todos DEFAULT VALUES', 'todos', []],
    ["INSERT INTO logs(id, line) VALUES (lower(hex(randomblob(16))), datetime('now'))", 'logs', []],
    ['INSERT OR ABORT INTO notes(id) VALUES (1)', 'notes', []],
    ['INSERT OR REPLACE INTO notes(id) VALUES (1)', 'notes', []],
    ['REPLACE INTO notes(id) VALUES (1)', 'notes', []],
    ['INSERT INTO notes(id, body) SELECT id, name FROM lists', 'notes', ['lists']],
    ["INSERT INTO notes(id, body) SELECT value ->> 'id', value ->> 'body' FROM json_each(?)", 'notes', []],
    ['WITH l AS (SELECT id FROM lists) INSERT INTO notes(id) SELECT id FROM l', 'notes', ['lists']],
    ['UPDATE todos SET done = 1 WHERE id = ?', 'todos', ['todos']],
    [
      'UPDATE todos SET description = l.name FROM lists l WHERE l.id = todos.list_id',
      'todos',
      ['lists', 'todos'],
    ],
    ['UPDATE todos SET (done, list_id) = (SELECT 1, id FROM lists)', 'todos', ['lists', 'todos']],
    ['DELETE FROM todos', 'todos', ['todos']],
    [
      'DELETE FROM todos WHERE list_id IN (SELECT id FROM lists WHERE weight > 1)',
      'todos',
      ['lists', 'todos'],
    ],
    ['INSERT INTO todos(id) VALUES (1) RETURNING id, done', 'todos', ['todos']],
    ['UPDATE todos SET done = 1 RETURNING *', 'todos', ['todos']],
    ['DELETE FROM main.notes WHERE id = 1;', 'notes', ['notes']],
  ]
  it.each(cases)('%s', (sql, view, tables) => {
    expect(write(sql)).toEqual({ allowed: true, tables, writes: [view] })
    expect(read(sql)).toMatchObject({ allowed: false, code: 'sql_refused' })
  })

  it('a read is no write', () => {
    expect(write('SELECT * FROM todos')).toMatchObject({ allowed: false, code: 'sql_refused' })
  })
})

describe('names', () => {
  const odd = openSqlGate({
    schema: {
      tables: {
        'a "b" [c]': { columns: { "it's": 'text', 'x;--': 'integer' } },
        my_ps_crud: { columns: { count: 'integer', load_extension: 'text', PRAGMA: 'text' } },
        hidden: { columns: { a: 'text' }, viewName: 'shown' },
        json_each: { columns: { value: 'text' } },
        straße: { columns: { größe: 'real' } },
      },
    },
  })
  afterAll(() => odd.close())
  const allowed = (...tables: string[]) => ({ allowed: true, tables, writes: [] })

  it('with quotes and semicolons are names', () => {
    expect(odd.check('SELECT "it\'s", "x;--" FROM "a ""b"" [c]"', 'read')).toEqual(allowed('a "b" [c]'))
    const into = 'INSERT INTO "A ""B"" [C]"("it\'s") VALUES (1)'
    expect(odd.check(into, 'write')).toEqual({ allowed: true, tables: [], writes: ['a "b" [c]'] })
  })

  it('of columns may be those of functions and keywords', () => {
    expect(odd.check('SELECT count, load_extension, "PRAGMA", count(count) FROM my_ps_crud', 'read')).toEqual(
      allowed('my_ps_crud'),
    )
    expect(odd.check('SELECT load_extension(load_extension) FROM my_ps_crud', 'read')).toMatchObject({
      code: 'sql_refused',
    })
  })

  it('of views count, not those of tables', () => {
    expect(odd.check('SELECT * FROM shown', 'read')).toEqual(allowed('shown'))
    expect(odd.check('SELECT * FROM hidden', 'read')).toMatchObject({ code: 'sql_syntax' })
  })

  it("of views go before SQLite's table functions", () => {
    expect(odd.check('SELECT id, value FROM json_each', 'read')).toEqual(allowed('json_each'))
  })

  it('fold as SQLite folds them: ASCII only', () => {
    expect(odd.check('SELECT größe FROM STRAßE', 'read')).toEqual(allowed('straße'))
    expect(odd.check('SELECT * FROM STRASSE', 'read')).toMatchObject({ code: 'sql_syntax' })
    expect(read('SELECT * FROM li\u017Fts')).toMatchObject({ code: 'sql_syntax' })
  })

  it('that begin with ps_ or sqlite_ are no views: the gate does not open', () => {
    for (const viewName of ['ps_crud', 'PS_x', 'sqlite_x']) {
      const open = () => openSqlGate({ schema: { tables: { todos: { columns: {}, viewName } } } })
      expect(open).toThrow(expect.objectContaining({ code: 'invalid_schema' }))
    }
  })

  it('of 1,998 columns fit', () => {
    const columns = Object.fromEntries(Array.from({ length: 1998 }, (_, i) => [`c${i}`, 'text' as const]))
    const wide = openSqlGate({ schema: { tables: { wide: { columns } } } })
    expect(wide.check('SELECT * FROM wide', 'read')).toEqual(allowed('wide'))
    expect(wide.check('UPDATE wide SET c1 = c1997', 'write')).toMatchObject({ allowed: true })
    wide.close()
  })
})

describe('virtual tables', () => {
  const search = openSqlGate({
    schema: hostileSchema,
    readable: { todos_fts: 'CREATE VIRTUAL TABLE todos_fts USING fts5(description)' },
  })
  afterAll(() => search.close())

  it('that the app registered can be read, and searched', () => {
    const sql = `SELECT t.id, highlight(todos_fts, 0, '<', '>'), bm25(todos_fts) FROM todos_fts
                 JOIN todos t ON t.id = todos_fts.rowid WHERE todos_fts MATCH ? ORDER BY rank`
    expect(search.check(sql, 'read')).toEqual({ allowed: true, tables: ['todos', 'todos_fts'], writes: [] })
    expect(search.check('SELECT count(*) FROM todos_fts(?)', 'read')).toMatchObject({ tables: ['todos_fts'] })
  })

  it.each([
    "INSERT INTO todos_fts(todos_fts) VALUES ('delete-all')",
    'DELETE FROM todos_fts',
    'SELECT * FROM todos_fts_data',
    'SELECT count(*) FROM todos_fts_data',
    'SELECT 1 FROM todos_fts_content',
    'DELETE FROM todos_fts_content',
    'SELECT fts5(?)',
    'SELECT count(*) FROM ps_probe',
    'INSERT INTO ps_probe VALUES (1)',
  ])('and what lies behind them cannot be touched: %s', (sql) => {
    for (const kind of kinds) expect(search.check(sql, kind)).toMatchObject({ allowed: false })
  })
})

describe('refusals', () => {
  it('say what kind they are', () => {
    expect(read('SELEC 1')).toMatchObject({ code: 'sql_syntax' })
    expect(read('SELECT * FROM nothing')).toMatchObject({ code: 'sql_syntax' })
    expect(read('PRAGMA user_version')).toMatchObject({ code: 'sql_refused' })
    expect(read(' '.repeat(1_000_001))).toMatchObject({ code: 'sql_too_long' })
    const deep = `SELECT x FROM ${'(SELECT x + x AS x FROM '.repeat(18)}(SELECT done AS x FROM todos)${')'.repeat(18)}`
    expect(read(deep)).toMatchObject({ code: 'sql_too_complex' })
  })

  it('name the table and the function', () => {
    expect(read('SELECT name FROM sqlite_schema')).toMatchObject({
      message: expect.stringContaining('"sqlite_master"'),
    })
    expect(read('SELECT changes()')).toMatchObject({ message: 'The function changes is not allowed.' })
  })

  it('come for everything where Node has no authorizer', async () => {
    const missing = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const { isSqlGateAvailable, openSqlGate: open } = await import('../../src/storage/sql-gate.ts')
    expect(isSqlGateAvailable()).toBe(false)
    const closed = open({ schema: hostileSchema })
    missing.mockRestore()
    for (const kind of kinds)
      expect(closed.check('SELECT 1', kind)).toMatchObject({ code: 'sql_unavailable' })
    expect(isSqlGateAvailable()).toBe(true)
  })
})

it('a statement that was allowed is remembered by text and kind, among many others', () => {
  const first = read('SELECT id FROM todos')
  expect(read('SELECT id FROM todos')).toBe(first)
  expect(write('SELECT id FROM todos')).toMatchObject({ allowed: false })
  for (let i = 0; i < 1000; i++) expect(read(`SELECT ${i}`)).toMatchObject({ allowed: true })
  expect(read('SELECT id FROM todos')).not.toBe(first)
  expect(read('SELECT id FROM todos')).toEqual(first)
})

/** Row data reaches the views exactly as SQLite's JSON functions read it; no value passes through JavaScript. */
import { expect, test } from 'vitest'
import type { Schema } from '../../src/schema/schema.ts'
import { openReader } from '../../src/storage/reader.ts'
import { Fixture, put, remove } from './fixture.ts'

const typed: Schema = { tables: { todos: { columns: { t: 'text', i: 'integer', r: 'real' } } } }

const VALUES = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1.0',
  '0.30000000000000004',
  '5e-324',
  '1.7976931348623157e308',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '123456789012345678901234567890',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '""',
  '"42"',
  '"4.2 apples"',
  '"\\u0041\\n\\ud83d\\ude00\\u00e9"',
  '"emoji 😀, quote \\" and backslash \\\\"',
  '"{\\"json\\":true}"',
  '[]',
  '{}',
  '{"b": [1, 2.50, NaN, {"c":9223372036854775807}], "a": -Infinity}',
  '[1e1, "x"]',
]

/** What a view over stored JSON would show. */
const EXPECTED = `SELECT 'r' AS id, CAST(json_extract(?1, '$.v') AS TEXT) AS t,
  CAST(json_extract(?1, '$.v') AS INTEGER) AS i, CAST(json_extract(?1, '$.v') AS REAL) AS r`.replaceAll(
  '?1',
  ':json',
)

test.each(VALUES)(
  '%s is shown as a view over the JSON text would show it, also after it was shadowed',
  (value) => {
    using db = new Fixture(typed)
    const json = `{"id":"r","t":${value},"i":${value},"r":${value},"left over":${value}}`
    const expected = db.query(EXPECTED, { json: `{"v":${value}}` })
    db.sync({ a: [put(1, 'r', json)] })
    expect(db.query('SELECT * FROM todos')).toEqual(expected)
    db.sync({ b: [put(2, 'r', '{}')] })
    expect(db.query('SELECT t FROM todos')).toEqual([{ t: null }])
    db.sync({ b: [remove(3, 'r')] })
    expect(db.query('SELECT * FROM todos')).toEqual(expected)
    expect(db.query(`SELECT json_extract(_rest, '$."left over"') AS v FROM ps_data__todos`)).toEqual(
      db.query(`SELECT json_extract(:json, '$.v') AS v`, { json: `{"v":${value}}` }),
    )
  },
)

test('what the schema does not name is kept in _rest, without id; null when there is nothing', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', '{"id":"r1","text":"x","b":1,"a":[2]}'), put(2, 'r2', '{"id":"r2","n":1}')] })
  expect(db.query('SELECT id, _rest FROM ps_data__todos ORDER BY id')).toEqual([
    { id: 'r1', _rest: '{"b":1,"a":[2]}' },
    { id: 'r2', _rest: null },
  ])
})

test('names with quotes, dots, brackets, unicode and __proto__ are only names', () => {
  const names = [
    'a"b',
    "a'b",
    'a.b[0]',
    'a\\b',
    '$',
    'é😀',
    '__proto__',
    'constructor',
    'rowid',
    'select',
    ' ',
    'x\ny',
  ]
  const columns = Object.fromEntries(names.map((name) => [name, 'text' as const]))
  // An own property, which an object literal cannot make.
  Object.defineProperty(columns, '__proto__', { value: 'text', enumerable: true })
  using db = new Fixture({
    tables: { 'od"d. tab\'le': { columns, indexes: { 'i"x': { columns: [{ name: 'a"b' }] } } } },
  })
  const data = `{${names.map((name, index) => `${JSON.stringify(name)}:"v${index}"`).join(',')}}`
  db.sync({ x: [put(1, 'r', data, { rowType: 'od"d. tab\'le' })] })
  const reader = openReader(db.path)
  const [row] = reader.query(`SELECT * FROM "od""d. tab'le"`)
  expect(Object.entries(row!)).toEqual([['id', 'r'], ...names.map((name, index) => [name, `v${index}`])])
  expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
  expect(reader.tablesOf(`SELECT id FROM "od""d. tab'le" WHERE "a""b" = 'v0'`)).toEqual([`od"d. tab'le`])
  reader.close()
})

test('keys named __proto__ in a row are data', () => {
  using db = new Fixture()
  db.sync({ a: [put(1, 'r1', '{"__proto__":{"text":"evil"},"text":"good"}')] })
  expect(db.texts()).toEqual({ r1: 'good' })
  expect(db.query('SELECT _rest FROM ps_data__todos')).toEqual([{ _rest: '{"__proto__":{"text":"evil"}}' }])
})

test('a reader gives integers as numbers up to 2^53 and as bigints beyond', () => {
  using db = new Fixture()
  const reader = openReader(db.path)
  expect(
    reader.query(
      'SELECT 9007199254740991 AS a, 9007199254740993 AS b, -9223372036854775808 AS c, 1.5 AS d, :e AS e',
      {
        e: 9223372036854775807n,
      },
    ),
  ).toEqual([{ a: 9007199254740991, b: 9007199254740993n, c: -(2n ** 63n), d: 1.5, e: 9223372036854775807n }])
  reader.close()
})

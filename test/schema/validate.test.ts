import { expect, test } from 'vitest'
import type { Schema, TableSchema } from '../../src/schema/schema.ts'
import { findSchemaProblem } from '../../src/schema/validate.ts'

const table = (rest: Partial<TableSchema> = {}): TableSchema => ({ columns: { text: 'text' }, ...rest })

test('a plain schema has no problem', () => {
  const indexes = { by: { columns: [{ name: 'text' }, { name: 'id', descending: true }] } }
  expect(
    findSchemaProblem({ tables: { todos: table({ indexes }), 'a b': table(), empty: { columns: {} } } }),
  ).toBe(null)
})

test.each<[string, Schema, { table: string; column: string | null }]>([
  [
    'a reserved column',
    { tables: { t: table({ columns: { _REST: 'text' } }) } },
    { table: 't', column: '_REST' },
  ],
  [
    'two columns that differ in case',
    { tables: { t: table({ columns: { a: 'text', A: 'real' } }) } },
    { table: 't', column: 'A' },
  ],
  ['an empty column name', { tables: { t: table({ columns: { '': 'text' } }) } }, { table: 't', column: '' }],
  [
    'an unknown type',
    { tables: { t: table({ columns: { a: 'blob' as 'text' } }) } },
    { table: 't', column: 'a' },
  ],
  ['an empty table name', { tables: { '': table() } }, { table: '', column: null }],
  ['a reserved view name', { tables: { t: table({ viewName: 'PS_x' }) } }, { table: 't', column: null }],
  [
    'two views that differ in case',
    { tables: { t: table(), u: table({ viewName: 'T' }) } },
    { table: 'u', column: null },
  ],
  [
    'two tables that differ in case',
    { tables: { a: table({ viewName: 'v' }), A: table({ viewName: 'w' }) } },
    { table: 'A', column: null },
  ],
  [
    'two indexes of one full name',
    {
      tables: {
        b: table({ indexes: { c__d: { columns: [{ name: 'text' }] } } }),
        b__c: table({ indexes: { d: { columns: [{ name: 'text' }] } } }),
      },
    },
    { table: 'b__c', column: null },
  ],
  [
    'an index named like the table behind another',
    { tables: { b__c: table(), b: table({ indexes: { C: { columns: [{ name: 'text' }] } } }) } },
    { table: 'b', column: null },
  ],
  [
    'an index without columns',
    { tables: { t: table({ indexes: { i: { columns: [] } } }) } },
    { table: 't', column: null },
  ],
  [
    'an index on a column that is not there',
    { tables: { t: table({ indexes: { i: { columns: [{ name: 'toString' }] } } }) } },
    { table: 't', column: 'toString' },
  ],
  [
    'a metadata column beside trackMetadata',
    { tables: { t: table({ columns: { _Deleted: 'text' }, trackMetadata: true }) } },
    { table: 't', column: '_Deleted' },
  ],
  [
    'a tracked column that is not there',
    { tables: { t: table({ trackPrevious: { columns: ['gone'] } }) } },
    { table: 't', column: 'gone' },
  ],
  [
    'a raw table that is a table too',
    { tables: { t: table() }, rawTables: { t: { schema: {} } } },
    { table: 't', column: null },
  ],
  ['a raw table that says nothing', { tables: {}, rawTables: { t: {} } }, { table: 't', column: null }],
  [
    'a delete statement that wants a column',
    { tables: {}, rawTables: { t: { schema: {}, delete: { sql: 'DELETE', params: ['Rest'] } } } },
    { table: 't', column: null },
  ],
])('%s is a problem that names table and column', (_, schema, where) => {
  const problem = findSchemaProblem(schema)
  expect(problem).toMatchObject(where)
  expect(problem?.message).toContain(`"${where.column ?? where.table}"`)
})

import { expect, expectTypeOf, test } from 'vitest'
import {
  defineSchema,
  integer,
  type NewRow,
  real,
  type RowOf,
  type RowsOf,
  type RowChange,
  SchemaError,
  table,
  text,
} from '../../src/schema/define.ts'
import type { Schema } from '../../src/schema/schema.ts'

const schema = defineSchema({
  todos: table(
    {
      title: text(),
      status: text<'open' | 'done'>(),
      votes: integer(),
      big: integer<number | bigint>(),
      weight: real(),
    },
    {
      indexes: { by_status: ['status', { name: 'votes', descending: true }, 'id'] },
      trackPrevious: { columns: ['title'], onlyWhenChanged: true },
      ignoreEmptyUpdates: true,
    },
  ),
  drafts: table({ title: text() }, { localOnly: true, viewName: 'my_drafts' }),
})

test('a defined schema is plain data, as a trace carries it', () => {
  const plain: Schema = schema
  expect(JSON.parse(JSON.stringify(plain))).toEqual(plain)
  expect(plain).toEqual({
    tables: {
      todos: {
        columns: { title: 'text', status: 'text', votes: 'integer', big: 'integer', weight: 'real' },
        indexes: {
          by_status: { columns: [{ name: 'status' }, { name: 'votes', descending: true }, { name: 'id' }] },
        },
        trackPrevious: { columns: ['title'], onlyWhenChanged: true },
        ignoreEmptyUpdates: true,
      },
      drafts: { columns: { title: 'text' }, localOnly: true, viewName: 'my_drafts' },
    },
  })
})

test('rows have the types of their columns, every one may be null but id', () => {
  expectTypeOf<RowOf<typeof schema, 'todos'>>().branded.toEqualTypeOf<{
    readonly id: string
    readonly title: string | null
    readonly status: 'open' | 'done' | null
    readonly votes: number | null
    readonly big: number | bigint | null
    readonly weight: number | null
  }>()
  expectTypeOf<RowsOf<typeof schema>['todos']>().toEqualTypeOf<RowOf<typeof schema, 'todos'>>()
  expectTypeOf<RowOf<typeof schema, 'drafts'>>().branded.toEqualTypeOf<{
    readonly id: string
    readonly title: string | null
  }>()
})

test('a new row needs its id only; a change may set any column but not the id', () => {
  expectTypeOf<{ id: string }>().toExtend<NewRow<typeof schema, 'todos'>>()
  expectTypeOf<{ title: string }>().not.toExtend<NewRow<typeof schema, 'todos'>>()
  expectTypeOf<{ status: 'done'; votes: null }>().toExtend<RowChange<typeof schema, 'todos'>>()
  expectTypeOf<{ status: 'other' }>().not.toExtend<RowChange<typeof schema, 'todos'>>()
  expectTypeOf<RowChange<typeof schema, 'todos'>>().not.toHaveProperty('id')
})

test('a table, column or index that does not exist does not compile', () => {
  // @ts-expect-error no such table
  expectTypeOf<RowOf<typeof schema, 'nobody'>>()
  // @ts-expect-error no such column in an index
  table({ title: text() }, { indexes: { by: ['nobody'] } })
  // @ts-expect-error no such column to track
  table({ title: text() }, { trackPrevious: { columns: ['nobody'] } })
  // @ts-expect-error no such option
  table({ title: text() }, { localonly: true })
})

test('a schema that breaks a rule throws an error that names table and column', () => {
  const define = () => defineSchema({ todos: table({ id: text() }) })
  expect(define).toThrow(SchemaError)
  expect(define).toThrow(
    expect.objectContaining({
      code: 'invalid_schema',
      table: 'todos',
      column: 'id',
      message: 'Column "id" of table "todos" has a reserved name.',
    }),
  )
})

test('raw tables are defined by their type', () => {
  const rawTables = { lists: { schema: { recordWrites: true } } }
  expect(defineSchema({}, { rawTables })).toEqual({ tables: {}, rawTables })
  expect(() => defineSchema({ lists: table({}) }, { rawTables })).toThrow(/"lists"/)
})

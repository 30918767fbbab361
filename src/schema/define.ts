/**
 * The schema as an app writes it: the same plain data as `Schema`, and TypeScript knows the rows.
 */
import type { ColumnType, IndexSchema, RawTableSchema, Schema, TableSchema } from './schema.ts'
import { findSchemaProblem } from './validate.ts'

/** A column whose values are `Value` (or null) in TypeScript; at run time only the name of its type. */
export type Column<Type extends ColumnType, Value> = Type & { readonly [valueOf]?: Value }
declare const valueOf: unique symbol

/** Text. `text<'open' | 'done'>()` narrows it for TypeScript; nothing is checked at run time. */
export function text<Value extends string = string>(): Column<'text', NoInfer<Value>> {
  return 'text'
}

/**
 * A whole number; booleans are 0 and 1. Beyond 2^53 it is read as a bigint: say `integer<number | bigint>()` for a
 * column that can hold such.
 */
export function integer<Value extends number | bigint = number>(): Column<'integer', NoInfer<Value>> {
  return 'integer'
}

/** A floating point number. */
export function real<Value extends number = number>(): Column<'real', NoInfer<Value>> {
  return 'real'
}

type Columns = { readonly [name: string]: Column<ColumnType, unknown> }

/** As in `TableSchema`; an index can also be the list of its columns' names. */
export interface TableOptions<Names extends string> extends Omit<
  TableSchema,
  'columns' | 'indexes' | 'trackPrevious'
> {
  readonly indexes?: { readonly [name: string]: readonly IndexPart<Names>[] }
  readonly trackPrevious?:
    | boolean
    | { readonly columns?: readonly Names[]; readonly onlyWhenChanged?: boolean }
}

/** A column's name, or with `descending`. `id` may be indexed too. */
export type IndexPart<Names extends string> =
  | Names
  | 'id'
  | { readonly name: Names | 'id'; readonly descending?: boolean }

export interface Table<C extends Columns> extends TableSchema {
  readonly columns: C
}

/**
 * A table: the text column `id`, which every table has, and these columns.
 *
 * @example
 *   table({ title: text(), done: integer<0 | 1>() }, { indexes: { by_done: ['done', 'title'] } })
 */
export function table<C extends Columns>(
  columns: C,
  { indexes, ...options }: TableOptions<keyof C & string> = {},
): Table<C> {
  return { columns, ...options, ...(indexes && { indexes: mapValues(indexes, toIndex) }) }
}

/** A `Schema` whose tables TypeScript knows. */
export interface DefinedSchema<T> extends Omit<Schema, 'tables'> {
  readonly tables: T
}

/**
 * A schema that keeps its rules: throws a `SchemaError` that names table and column.
 *
 * @example
 *   const schema = defineSchema({ todos: table({ title: text(), done: integer() }) })
 *   type Todo = RowOf<typeof schema, 'todos'> // { id: string; title: string | null; done: number | null }
 */
export function defineSchema<T extends { readonly [name: string]: Table<Columns> }>(
  tables: T,
  options: { readonly rawTables?: { readonly [name: string]: RawTableSchema } } = {},
): DefinedSchema<T> {
  const schema = { tables, ...options }
  const problem = findSchemaProblem(schema)
  if (problem) throw new SchemaError(problem)
  return schema
}

export class SchemaError extends Error {
  override readonly name = 'SchemaError'
  readonly code = 'invalid_schema'
  readonly table: string
  /** Null: the table as a whole. */
  readonly column: string | null

  constructor({ table: name, column, message }: { table: string; column: string | null; message: string }) {
    super(message)
    this.table = name
    this.column = column
  }
}

type TablesOf<S> = S extends { readonly tables: infer T } ? T : never
type ColumnsOf<S, Name extends keyof TablesOf<S>> = TablesOf<S>[Name] extends Table<infer C> ? C : never
type ValueOf<C> = C extends Column<ColumnType, infer Value> ? Value | null : never

/** A row of a table as queries give it (`SELECT *`). */
export type RowOf<S, Name extends keyof TablesOf<S>> = { readonly id: string } & {
  readonly [K in keyof ColumnsOf<S, Name>]: ValueOf<ColumnsOf<S, Name>[K]>
}

/** The rows of all tables, by name: what query builders want to know. */
export type RowsOf<S> = { readonly [Name in keyof TablesOf<S>]: RowOf<S, Name> }

/** A new row: columns that are left out are null. */
export type NewRow<S, Name extends keyof TablesOf<S>> = { readonly id: string } & RowChange<S, Name>

/** What an update may set. */
export type RowChange<S, Name extends keyof TablesOf<S>> = {
  readonly [K in keyof ColumnsOf<S, Name>]?: ValueOf<ColumnsOf<S, Name>[K]>
}

function toIndex(parts: readonly IndexPart<string>[]): IndexSchema {
  return { columns: parts.map((part) => (typeof part === 'string' ? { name: part } : part)) }
}

function mapValues<A, B>(
  record: { readonly [name: string]: A },
  map: (value: A) => B,
): { readonly [name: string]: B } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}

/**
 * SQL text for the app's tables. Pure: names in, text out.
 *
 * A row lives in a table with one column per schema column, without a type, so that SQLite keeps each value as
 * `json_extract` gave it; the view casts to the declared types. Properties that the schema does not name are
 * JSON text in `_rest`. An index stands on the view's cast expression, letter by letter: otherwise SQLite would
 * not see that the two are the same and would never use it.
 */
import type { ColumnType, IndexSchema, Schema, TableSchema } from './schema.ts'

/** Quote a name so that it can stand in SQL, whatever it holds. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quote a text value so that it can stand in SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

export function viewName(name: string, table: TableSchema): string {
  return table.viewName ?? name
}

export function rawTableNames({ rawTables = {} }: Schema): string[] {
  return Object.entries(rawTables).map(([type, { schema }]) => schema?.tableName ?? type)
}

/** Names by which queries find rows: views, and raw tables. */
export function shownNames(schema: Schema): string[] {
  const views = Object.entries(schema.tables).map(([name, table]) => viewName(name, table))
  return [...views, ...rawTableNames(schema)]
}

export const SYNCED_PREFIX = 'ps_data__'
export const LOCAL_PREFIX = 'ps_data_local__'

/** The table that holds the rows behind the view. */
export function dataTableName(name: string, table: TableSchema): string {
  return (table.localOnly ? LOCAL_PREFIX : SYNCED_PREFIX) + name
}

export function createDataTable(dataTable: string, columns: readonly string[]): string {
  const list = ['id TEXT PRIMARY KEY NOT NULL', '_rest TEXT', ...columns.map(quoteName)]
  return `CREATE TABLE ${quoteName(dataTable)}(${list.join(', ')})`
}

export function createView(name: string, table: TableSchema): string {
  const columns = Object.entries(table.columns)
  const extra = table.trackMetadata ? METADATA_COLUMNS : []
  const names = ['id', ...columns.map(([column]) => column), ...extra].map(quoteName)
  const values = [
    'id',
    ...columns.map(([column, type]) => castColumn(column, type)),
    ...extra.map(() => 'NULL'),
  ]
  const from = quoteName(dataTableName(name, table))
  return `CREATE VIEW ${quoteName(viewName(name, table))}(${names.join(', ')}) AS SELECT ${values.join(', ')} FROM ${from}`
}

/** Columns that a view with `trackMetadata` has besides; null when read. */
export const METADATA_COLUMNS = ['_metadata', '_deleted'] as const

export function indexName(name: string, table: TableSchema, index: string): string {
  return `${dataTableName(name, table)}__${index}`
}

export function createIndex(
  name: string,
  table: TableSchema,
  index: string,
  { columns }: IndexSchema,
): string {
  const parts = columns.map((part) => {
    const type = table.columns[part.name]
    return (type === undefined ? 'id' : castColumn(part.name, type)) + (part.descending ? ' DESC' : '')
  })
  const on = quoteName(dataTableName(name, table))
  return `CREATE INDEX ${quoteName(indexName(name, table, index))} ON ${on}(${parts.join(', ')})`
}

/** The path of a property as SQLite's JSON functions take it, quoted as an SQL text. */
export function jsonPath(property: string): string {
  return quoteText(`$.${JSON.stringify(property)}`)
}

/** The values of a data table's columns (`id` apart), taken out of a row's JSON: `_rest` first. */
export function columnsFromJson(json: string, columns: readonly string[]): string[] {
  return [removeFromJson(json, ['id', ...columns]), ...columns.map((column) => columnFromJson(json, column))]
}

/** The value of one column. */
export function columnFromJson(json: string, column: string): string {
  return `json_extract(${json}, ${jsonPath(column)})`
}

/** A row of a data table as JSON text; `id` is not part of it. */
export function jsonFromColumns(columns: readonly string[]): string {
  return setInJson(`coalesce(_rest, '{}')`, columns)
}

/** `rest` with these columns written into it. */
export function setInJson(rest: string, columns: readonly string[]): string {
  return chunks(columns, MAX_JSON_PAIRS).reduce(
    (json, part) =>
      `json_set(${json}, ${part.map((column) => `${jsonPath(column)}, ${quoteName(column)}`).join(', ')})`,
    rest,
  )
}

/** What is left of a JSON text (or null) without these properties; null when nothing is. */
export function removeFromJson(json: string, properties: readonly string[]): string {
  const left = chunks(properties, MAX_JSON_PATHS).reduce(
    (inner, part) => `json_remove(${inner}, ${part.map(jsonPath).join(', ')})`,
    json,
  )
  return `nullif(${left}, '{}')`
}

/** SQLite's functions take 1,000 arguments at most, the JSON itself is one. */
const MAX_JSON_PATHS = 999
const MAX_JSON_PAIRS = 499

function castColumn(column: string, type: ColumnType): string {
  return `CAST(${quoteName(column)} AS ${type.toUpperCase()})`
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  )
}

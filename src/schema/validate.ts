/**
 * What a schema must keep to, so that every name can be a column or a view of SQLite. Names compare without
 * regard to case, as SQLite compares them.
 */
import type { RawTableSchema, Schema, TableSchema } from './schema.ts'
import { dataTableName, indexName, METADATA_COLUMNS, viewName } from './sql.ts'

/** SQLite allows 2,000 columns; `id` and `_rest` take two. With `trackMetadata` the view has one more. */
export const MAX_COLUMNS = 1998

export interface SchemaProblem {
  readonly table: string
  readonly column: string | null
  /** A plain sentence that names table and column. */
  readonly message: string
}

/** The first rule that the schema breaks, or null. */
export function findSchemaProblem(schema: Schema): SchemaProblem | null {
  const taken = new Map<string, string>()
  for (const [name, table] of Object.entries(schema.tables)) {
    const found =
      findNameProblem(name, viewName(name, table)) ??
      findColumnProblem(name, table) ??
      findIndexProblem(name, table) ??
      findTrackingProblem(name, table) ??
      findTakenName(name, table, taken)
    if (found) return found
  }
  for (const [name, raw] of Object.entries(schema.rawTables ?? {})) {
    const found = findRawProblem(name, raw, schema)
    if (found) return found
  }
  return null
}

const COLUMN_TYPES: readonly unknown[] = ['text', 'integer', 'real']
const RESERVED_COLUMNS: readonly string[] = ['id', '_rest']

function findNameProblem(table: string, view: string): SchemaProblem | null {
  for (const name of [table, view]) {
    if (!isUsable(name)) return problem(table, null, 'has a name that is empty or holds a NUL character')
  }
  return /^(?:ps_|sqlite_)/i.test(view)
    ? problem(table, null, `has the view name "${view}": names that begin with ps_ or sqlite_ are reserved`)
    : null
}

function findColumnProblem(table: string, { columns, trackMetadata }: TableSchema): SchemaProblem | null {
  const names = Object.entries(columns)
  const most = trackMetadata ? MAX_COLUMNS - 1 : MAX_COLUMNS
  const reserved: readonly string[] = trackMetadata
    ? [...RESERVED_COLUMNS, ...METADATA_COLUMNS]
    : RESERVED_COLUMNS
  if (names.length > most) {
    return problem(table, null, `has ${names.length} columns, ${most} are allowed`)
  }
  const seen = new Set<string>()
  for (const [column, type] of names) {
    const folded = column.toLowerCase()
    if (!isUsable(column)) return problem(table, column, 'has a name that is empty or holds a NUL character')
    if (reserved.includes(folded)) return problem(table, column, 'has a reserved name')
    if (seen.has(folded)) return problem(table, column, 'is named twice (case does not distinguish names)')
    if (!COLUMN_TYPES.includes(type)) {
      return problem(table, column, `has the type "${type}"; text, integer and real are allowed`)
    }
    seen.add(folded)
  }
  return null
}

function findIndexProblem(table: string, { columns, indexes = {} }: TableSchema): SchemaProblem | null {
  const seen = new Set<string>()
  for (const [index, { columns: parts }] of Object.entries(indexes)) {
    if (!isUsable(index) || seen.has(index.toLowerCase())) {
      return problem(table, null, `has an index name that is empty or used twice: "${index}"`)
    }
    seen.add(index.toLowerCase())
    if (parts.length === 0) return problem(table, null, `has the index "${index}" without columns`)
    for (const { name } of parts) {
      if (name !== 'id' && !Object.hasOwn(columns, name)) {
        return problem(table, name, `is in the index "${index}", but the table has no such column`)
      }
    }
  }
  return null
}

/**
 * Views, the tables behind them and indexes have their names in common. `taken`: what those before it take, in
 * lower case, with the table that takes it.
 */
function findTakenName(name: string, table: TableSchema, taken: Map<string, string>): SchemaProblem | null {
  const indexes = Object.keys(table.indexes ?? {}).map((index) => indexName(name, table, index))
  for (const full of [viewName(name, table), dataTableName(name, table), ...indexes]) {
    const other = taken.get(full.toLowerCase())
    if (other !== undefined) {
      return problem(name, null, `takes the name "${full}" in the database, which table "${other}" takes too`)
    }
    taken.set(full.toLowerCase(), name)
  }
  return null
}

function findTrackingProblem(table: string, { columns, trackPrevious }: TableSchema): SchemaProblem | null {
  const tracked = typeof trackPrevious === 'object' ? (trackPrevious.columns ?? []) : []
  const unknown = tracked.find((column) => !Object.hasOwn(columns, column))
  return unknown === undefined
    ? null
    : problem(table, unknown, 'is in trackPrevious, but the table has no such column')
}

function findRawProblem(name: string, raw: RawTableSchema, { tables }: Schema): SchemaProblem | null {
  if (!isUsable(name)) return problem(name, null, 'has a name that is empty or holds a NUL character')
  if (Object.hasOwn(tables, name)) return problem(name, null, 'is both a table with a view and a raw table')
  if (raw.schema === undefined && (raw.put === undefined || raw.delete === undefined)) {
    return problem(
      name,
      null,
      'is a raw table that needs put and delete statements, or a schema to infer them',
    )
  }
  if (raw.delete?.params.some((param) => param !== 'Id')) {
    return problem(name, null, 'has a delete statement with another parameter than Id')
  }
  return null
}

function isUsable(name: string): boolean {
  return name !== '' && !name.includes('\0')
}

function problem(table: string, column: string | null, what: string): SchemaProblem {
  const where = column === null ? `Table "${table}"` : `Column "${column}" of table "${table}"`
  return { table, column, message: `${where} ${what}.` }
}

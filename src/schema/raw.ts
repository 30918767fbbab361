/**
 * SQL text for raw tables: the statements that write synced rows into them, and the triggers that record the
 * app's own writes. Pure: the columns of the table are given.
 */
import { CHECK_SAME_ID, fresh, old, recordWrite, type RecordedOp } from './record.ts'
import type { RawParameter, RawStatement, RawTableDescription } from './schema.ts'
import { columnFromJson, quoteName, quoteText } from './sql.ts'

/** Its name in the database, of a raw table that is described. */
export function rawTableName(type: string, description: RawTableDescription): string {
  return description.tableName ?? type
}

/** Of all columns of the table, those that are synced; `id` is not one of them. */
export function syncedColumnsOf(
  columns: readonly string[],
  description: RawTableDescription,
): readonly string[] {
  const { syncedColumns } = description
  return columns.filter((column) => column !== 'id' && (syncedColumns?.includes(column) ?? true))
}

export function inferPut(table: string, columns: readonly string[]): RawStatement {
  const names = ['id', ...columns].map(quoteName)
  const set = columns.map((column) => `${quoteName(column)} = excluded.${quoteName(column)}`)
  return {
    sql:
      `INSERT INTO ${quoteName(table)}(${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ` +
      `ON CONFLICT(id) DO ${set.length > 0 ? `UPDATE SET ${set.join(', ')}` : 'NOTHING'}`,
    params: ['Id', ...columns.map((column) => ({ Column: column }))],
  }
}

export function inferDelete(table: string): RawStatement {
  return { sql: `DELETE FROM ${quoteName(table)} WHERE id = ?`, params: ['Id'] }
}

export function inferClear(table: string): string {
  return `DELETE FROM ${quoteName(table)}`
}

/** The values of a statement's parameters, as SQL over `row_id` and the row's JSON `data`. */
export function parameterValues(params: readonly RawParameter[]): string[] {
  const named = params.flatMap((param) => (typeof param === 'object' ? [param.Column] : []))
  return params.map((param) => {
    if (param === 'Id') return 'row_id'
    return param === 'Rest' ? restOf(named) : columnFromJson('data', param.Column)
  })
}

/** The properties that no parameter names, keys sorted; null when there are none. */
function restOf(named: readonly string[]): string {
  const taken = ['id', ...named].map(quoteText).join(', ')
  return `(
    SELECT nullif(json_group_object(key, CASE
      WHEN type IN ('object', 'array') THEN json(value)
      WHEN type IN ('true', 'false') THEN json(type)
      ELSE value END ORDER BY key), '{}')
    FROM json_each(data) WHERE key NOT IN (${taken}))`
}

/** The triggers that record writes of the app, by name. */
export function rawTriggers(
  type: string,
  columns: readonly string[],
  description: RawTableDescription,
): Map<string, string> {
  const table = rawTableName(type, description)
  const isChanged = columns.map((column) => `${old(column)} IS NOT ${fresh(column)}`).join(' OR ')
  const ofSynced = description.syncedColumns && columns.length > 0 ? ` AND (${isChanged})` : ''
  const record = (op: RecordedOp) =>
    recordWrite({ type, columns, options: description, op, metadata: 'NULL', condition: 'true' })
  const refuse = `SELECT RAISE(ABORT, 'Unexpected update on insert-only table')`
  const change = (...statements: readonly string[]) => (description.insertOnly ? [refuse] : statements)
  const trigger = (event: string, when: string, statements: readonly string[]): [string, string] => {
    const name = `ps_raw_${event.toLowerCase()}_${type}`
    return [
      name,
      `CREATE TRIGGER ${quoteName(name)} AFTER ${event} ON ${quoteName(table)} FOR EACH ROW
WHEN powersync_in_sync_operation() = 0${when}
BEGIN
${statements.map((statement) => `  ${statement};\n`).join('')}END`,
    ]
  }
  return new Map([
    trigger('INSERT', '', [record('PUT')]),
    trigger('UPDATE', ofSynced, change(CHECK_SAME_ID, record('PATCH'))),
    trigger('DELETE', '', change(record('DELETE'))),
  ])
}

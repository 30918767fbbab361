/**
 * SQL text for the statement in a trigger that records a write in the upload queue, by way of `powersync_crud`.
 * Pure.
 */
import type { RecordingOptions } from './schema.ts'
import { quoteName, quoteText } from './sql.ts'

export type RecordedOp = 'PUT' | 'PATCH' | 'DELETE'

export interface RecordedWrite {
  /** Name of the synced type. */
  readonly type: string
  readonly columns: readonly string[]
  readonly options: RecordingOptions
  readonly op: RecordedOp
  /** SQL of the metadata. */
  readonly metadata: string
  /** SQL of whether there is anything to record. */
  readonly condition: string
}

export function recordWrite({ type, columns, options, op, metadata, condition }: RecordedWrite): string {
  const values = [
    quoteText(op),
    op === 'PUT' ? 'NEW.id' : 'OLD.id',
    quoteText(type),
    recordedData(op, columns),
    previousValues(op, columns, options),
    metadata,
    String(flags(op, options)),
  ]
  return `INSERT INTO powersync_crud(op, id, type, data, old_values, metadata, options)
    SELECT ${values.join(', ')} WHERE ${condition}`
}

export function old(column: string): string {
  return `OLD.${quoteName(column)}`
}

export function fresh(column: string): string {
  return `NEW.${quoteName(column)}`
}

export const CHECK_SAME_ID = `SELECT RAISE(ABORT, 'Cannot update id') WHERE NEW.id IS NOT OLD.id`

/** The `options` of `powersync_crud`. */
const INSERT_ONLY = 2
const IGNORE_EMPTY_UPDATE = 16

function flags(op: RecordedOp, { insertOnly, ignoreEmptyUpdates }: RecordingOptions): number {
  if (insertOnly) return INSERT_ONLY
  return op === 'PATCH' && ignoreEmptyUpdates ? IGNORE_EMPTY_UPDATE : 0
}

function recordedData(op: RecordedOp, columns: readonly string[]): string {
  switch (op) {
    case 'PUT':
      return jsonObject(columns, fresh, 'value IS NOT NULL')
    case 'PATCH':
      return jsonObject(columns, fresh, 'value IS NOT other', old)
    case 'DELETE':
      return 'NULL'
    default:
      return op satisfies never
  }
}

function previousValues(
  op: RecordedOp,
  all: readonly string[],
  { trackPrevious = false }: RecordingOptions,
): string {
  if (op === 'PUT' || trackPrevious === false) return 'NULL'
  const { columns = all, onlyWhenChanged = false } = trackPrevious === true ? {} : trackPrevious
  return onlyWhenChanged && op === 'PATCH'
    ? jsonObject(columns, old, 'value IS NOT other', fresh)
    : jsonObject(columns, old, 'true')
}

/** A JSON object of the columns whose `value` (and `other`) meet the condition, keys sorted. */
function jsonObject(
  columns: readonly string[],
  value: (column: string) => string,
  condition: string,
  other: (column: string) => string = () => 'NULL',
): string {
  if (columns.length === 0) return quoteText('{}')
  const rows = columns
    .toSorted(byCodePoint)
    .map((column) => `(${quoteText(column)}, ${value(column)}, ${other(column)})`)
  return `(
    WITH v(name, value, other) AS (VALUES ${rows.join(', ')})
    SELECT json_group_object(name, value) FILTER (WHERE ${condition}) FROM v)`
}

/** The order of the names' UTF-8 bytes, which is not that of JavaScript's 16-bit units. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const at = left.findIndex((character, index) => character !== right[index])
  if (at === -1) return left.length - right.length
  return at >= right.length ? 1 : left[at]!.codePointAt(0)! - right[at]!.codePointAt(0)!
}

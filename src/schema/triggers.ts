/**
 * SQL text for the triggers that make a view writable. Pure.
 *
 * A write to a synced table first sees to it that the server's version is kept: the row's winning entry takes it
 * out of the table and the row is noted, once, until the write gate opens. Then the table takes the values as they
 * were written, and `powersync_crud` records what changed. A local-only table only takes the values, an
 * insert-only table only records.
 *
 * What one statement does depends on whether the one before changed a row (`changes()`), since the OR clause of
 * the app's statement can turn an insert into nothing.
 */
import { CHECK_SAME_ID, fresh, old, recordWrite, type RecordedOp } from './record.ts'
import type { TableSchema } from './schema.ts'
import { dataTableName, jsonFromColumns, quoteName, viewName } from './sql.ts'

/** Of a table whose rows have this number as their type (`ps_row_types`). */
export function createTriggers(name: string, table: TableSchema, rowType: number): string[] {
  const writer = new TriggerText(name, table, rowType)
  if (table.insertOnly && !table.localOnly) return [writer.insertOnly()]
  const triggers = [writer.insert(), writer.update(), writer.remove()]
  return table.trackMetadata ? [...triggers, writer.removeByUpdate()] : triggers
}

class TriggerText {
  readonly #name: string
  readonly #table: TableSchema
  readonly #rowType: number
  readonly #columns: readonly string[]
  readonly #data: string

  constructor(name: string, table: TableSchema, rowType: number) {
    this.#name = name
    this.#table = table
    this.#rowType = rowType
    this.#columns = Object.keys(table.columns)
    this.#data = quoteName(dataTableName(name, table))
  }

  insert(): string {
    const names = ['id', ...this.#columns].map(quoteName)
    return this.#trigger('insert', 'INSERT', '', [
      ...(this.#table.localOnly ? [] : [CHECK_NEW_ID]),
      this.#refuseBlobs(),
      ...this.#keepServerVersion('NEW'),
      `INSERT INTO ${this.#data}(${names.join(', ')}) VALUES (${names.map((column) => `NEW.${column}`).join(', ')})`,
      COUNT_ROW,
      ...this.#record('PUT', 'changes() > 0'),
    ])
  }

  update(): string {
    const set = this.#columns.map((column) => {
      const [own, before, after] = [quoteName(column), old(column), fresh(column)]
      // What the view shows is cast; a value that was not touched stays as it came.
      return `${own} = CASE WHEN ${after} IS ${before} THEN ${own} ELSE ${after} END`
    })
    const when = this.#table.trackMetadata ? 'WHEN NEW._deleted IS NOT TRUE' : ''
    return this.#trigger('update', 'UPDATE', when, [
      CHECK_SAME_ID,
      this.#refuseBlobs(),
      ...this.#keepServerVersion('OLD'),
      `UPDATE ${this.#data} SET ${['id = id', ...set].join(', ')} WHERE id = OLD.id`,
      COUNT_ROW,
      ...this.#record('PATCH', 'changes() > 0'),
    ])
  }

  remove(): string {
    return this.#trigger('delete', 'DELETE', '', this.#removeRow('NULL'))
  }

  removeByUpdate(): string {
    const when = 'WHEN NEW._deleted IS TRUE'
    return this.#trigger('delete_by_update', 'UPDATE', when, this.#removeRow('NEW._metadata'))
  }

  insertOnly(): string {
    return this.#trigger('insert', 'INSERT', '', [
      CHECK_NEW_ID,
      this.#refuseBlobs(),
      ...this.#record('PUT', 'true'),
      `SELECT headwater_row_written()`,
    ])
  }

  #removeRow(metadata: string): string[] {
    return [
      ...this.#keepServerVersion('OLD'),
      `DELETE FROM ${this.#data} WHERE id = OLD.id`,
      COUNT_ROW,
      ...this.#record('DELETE', 'changes() > 0', metadata),
    ]
  }

  #trigger(kind: string, event: string, when: string, statements: readonly string[]): string {
    const view = viewName(this.#name, this.#table)
    const trigger = quoteName(`ps_view_${kind}_${view}`)
    return `CREATE TRIGGER ${trigger} INSTEAD OF ${event} ON ${quoteName(view)} FOR EACH ROW ${when}
BEGIN
${statements.map((statement) => `  ${statement};\n`).join('')}END`
  }

  /** JSON can hold no blob; SQLite would take one for JSON of its own binary kind. */
  #refuseBlobs(): string {
    const values = this.#columns.map((column) => `(${fresh(column)})`)
    return values.length === 0
      ? 'SELECT NULL'
      : `SELECT RAISE(ABORT, 'JSON cannot hold BLOB values') WHERE EXISTS (
    WITH v(value) AS (VALUES ${values.join(', ')}) SELECT 1 FROM v WHERE typeof(value) = 'blob')`
  }

  #keepServerVersion(row: 'OLD' | 'NEW'): string[] {
    if (this.#table.localOnly) return []
    return [
      `UPDATE ps_oplog SET data = (SELECT ${jsonFromColumns(this.#columns)} FROM ${this.#data} WHERE id = ${row}.id)
    WHERE row_type = ${this.#rowType} AND row_id = ${row}.id AND data IS NULL`,
      `INSERT INTO ps_updated_rows(row_type, row_id) VALUES (${this.#rowType}, ${row}.id) ON CONFLICT DO NOTHING`,
    ]
  }

  #record(op: RecordedOp, condition: string, metadata = this.#metadata()): string[] {
    const { localOnly } = this.#table
    if (localOnly) return []
    return [
      recordWrite({
        type: this.#name,
        columns: this.#columns,
        options: this.#table,
        op,
        metadata,
        condition,
      }),
    ]
  }

  #metadata(): string {
    return this.#table.trackMetadata ? 'NEW._metadata' : 'NULL'
  }
}

const CHECK_NEW_ID = `SELECT CASE
    WHEN NEW.id IS NULL THEN RAISE(ABORT, 'id is required')
    WHEN typeof(NEW.id) <> 'text' THEN RAISE(ABORT, 'id should be text')
  END`

const COUNT_ROW = 'SELECT headwater_row_written() WHERE changes() > 0'

/**
 * Where the rows of one type live: in columns when the schema names the type, in a table of the app (see
 * raw-table.ts), else as JSON in `ps_untyped`. The merge speaks to all in the same words.
 *
 * In the statements, `arrived` is the merge's list of rows with a single entry, `contested` that of rows with
 * more (see merge.ts).
 */
import { columnsFromJson, dataTableName, jsonFromColumns, quoteName, viewName } from '../schema/sql.ts'
import type { TableSchema } from '../schema/schema.ts'
import type { Connection } from './connection.ts'

/** Takes the row type; says how many rows it changed. */
export interface RowStatement {
  run(rowType: number): { readonly changes: number }
}

export interface RowTable {
  readonly rowType: number
  /** The view that shows these rows; null for rows that nothing shows. */
  readonly view: string | null
  /** Winners keep their data too: the table cannot give it back. */
  readonly keepsData: boolean
  /** Rows with a single entry take their staged data. */
  readonly putArrived: RowStatement
  /** Rows whose single entry was removed go. */
  readonly removeArrived: RowStatement
  /** Contested rows whose version is in the table but is not the winner's any more: its entry takes it over. */
  readonly open: RowStatement
  /** Contested rows take the data of a winner that is not in the table yet. */
  readonly putWinners: RowStatement
  /** Contested rows without one go. */
  readonly removeLost: RowStatement
  /** All winners take over the version that is in the table. */
  readonly openAll: RowStatement
  /** All rows go. */
  readonly removeAll: RowStatement
}

export function columnTable(db: Connection, rowType: number, name: string, table: TableSchema): RowTable {
  const columns = Object.keys(table.columns)
  const target = quoteName(dataTableName(name, table))
  const filled = ['_rest', ...columns].map(quoteName)
  const put = (source: string) => `
    INSERT INTO ${target}(id, ${filled.join(', ')})
    SELECT row_id, ${columnsFromJson('data', columns).join(', ')} FROM (${source}) WHERE true
    ON CONFLICT(id) DO UPDATE SET ${filled.map((column) => `${column} = excluded.${column}`).join(', ')}`
  const removeAll = db.prepare(`DELETE FROM ${target}`)
  const json = `SELECT ${jsonFromColumns(columns)} FROM ${target} WHERE id = ps_oplog.row_id`
  return {
    rowType,
    view: viewName(name, table),
    keepsData: false,
    putArrived: db.prepare(put(ARRIVED)),
    removeArrived: db.prepare(`DELETE FROM ${target} WHERE id IN (${REMOVED})`),
    open: db.prepare(open(json)),
    putWinners: db.prepare(put(WINNERS)),
    removeLost: db.prepare(`DELETE FROM ${target} WHERE id IN (${LOST})`),
    openAll: db.prepare(openAll(json)),
    removeAll: { run: () => removeAll.run() },
  }
}

export function untypedTable(db: Connection, rowType: number): RowTable {
  const put = (source: string) => `
    INSERT INTO ps_untyped(row_type, id, data) SELECT ${rowType}, row_id, data FROM (${source}) WHERE true
    ON CONFLICT(row_type, id) DO UPDATE SET data = excluded.data`
  const remove = (ids: string) => `DELETE FROM ps_untyped WHERE row_type = ${rowType} AND id IN (${ids})`
  const json = 'SELECT data FROM ps_untyped WHERE row_type = ps_oplog.row_type AND id = ps_oplog.row_id'
  return {
    rowType,
    view: null,
    keepsData: false,
    putArrived: db.prepare(put(ARRIVED)),
    removeArrived: db.prepare(remove(REMOVED)),
    open: db.prepare(open(json)),
    putWinners: db.prepare(put(WINNERS)),
    removeLost: db.prepare(remove(LOST)),
    openAll: db.prepare(openAll(json)),
    removeAll: db.prepare('DELETE FROM ps_untyped WHERE row_type = ?'),
  }
}

/** A condition on a row `i` of `incoming`. */
export const UNCONTESTED = `
  NOT EXISTS (SELECT 1 FROM temp.contested c WHERE c.row_type = i.row_type AND c.row_id = i.row_id)`

const ARRIVED = `
  SELECT row_id, data FROM temp.incoming i WHERE row_type = ? AND data IS NOT NULL AND ${UNCONTESTED}`

const REMOVED = `SELECT row_id FROM temp.incoming i INDEXED BY incoming_removed WHERE row_type = ? AND data IS NULL AND ${UNCONTESTED}`

export const WINNERS = `
  SELECT c.row_id AS row_id, coalesce(i.data, o.data) AS data
  FROM temp.contested c
    CROSS JOIN ps_oplog o ON o.row_type = c.row_type AND o.row_id = c.row_id AND o.bucket = c.bucket AND o.subkey = c.subkey
    LEFT JOIN temp.incoming i ON i.row_type = c.row_type AND i.row_id = c.row_id AND i.bucket = c.bucket AND i.subkey = c.subkey
  WHERE c.row_type = ? AND (i.data IS NOT NULL OR o.data IS NOT NULL)`

export const LOST = `SELECT row_id FROM temp.contested WHERE row_type = ? AND bucket IS NULL`

function open(json: string): string {
  return `
    UPDATE ps_oplog SET data = (${json})
    WHERE (row_type, row_id, bucket, subkey) IN (
      SELECT o.row_type, o.row_id, o.bucket, o.subkey FROM temp.contested c CROSS JOIN ps_oplog o
        ON o.row_type = c.row_type AND o.row_id = c.row_id
      WHERE c.row_type = ? AND o.data IS NULL AND (o.bucket, o.subkey) IS NOT (c.bucket, c.subkey))`
}

function openAll(json: string): string {
  return `UPDATE ps_oplog SET data = (${json}) WHERE row_type = ? AND data IS NULL`
}

/**
 * Ops wait here until their checkpoint is complete. Appending is all that a data line costs: no index, no look-up,
 * and row data goes through untouched. SQLite checks that it is JSON (its own dialect, which reads the bare NaN
 * and Infinity that services send), so that a merge cannot fail later.
 *
 * They are appended in runs, sorted by row, those of a row in the order of arrival (see staged-runs.ts).
 */
import type { DataLine } from '../sync/event.ts'
import type { OpId } from '../wire/line.ts'
import type { BucketTarget } from './bucket-rows.ts'
import type { Buckets } from './buckets.ts'
import { type Connection, isSqliteError, type Statement } from './connection.ts'
import type { RowTypes } from './row-types.ts'
import { nextRun } from './staged-runs.ts'
import { StorageError } from './storage.ts'

/** Rows that one statement takes: the calls into SQLite cost as much as what it does with a row. */
const ROWS_AT_ONCE = 16
/** A turn with more rows makes several runs: what waits stays in the processor's cache, and dies young. */
const RUN_ROWS = 1000
const COLUMNS = ['bucket', 'row_type', 'row_id', 'subkey', 'op_id', 'data'] as const

const ROW_TYPE = 1
const ROW_ID = 2

type Row = [bucket: number, rowType: number, rowId: string, subkey: string, opId: OpId, data: string | null]

export class Staging {
  readonly #buckets: Buckets
  readonly #rowTypes: RowTypes
  readonly #lastRowid: Statement
  readonly #appendFirst: Statement
  readonly #appendOne: Statement
  readonly #appendMany: Statement
  readonly #blame: Statement
  /** Of this turn, not written yet. */
  #waiting: Row[] = []

  constructor(db: Connection, buckets: Buckets, rowTypes: RowTypes) {
    this.#buckets = buckets
    this.#rowTypes = rowTypes
    const row = `(${COLUMNS.map(() => '?').join(', ')})`
    const append = (rows: number) =>
      db.prepare(`INSERT INTO ps_staged(${COLUMNS.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`)
    this.#lastRowid = db.prepare('SELECT max(rowid) FROM ps_staged').pluck()
    this.#appendFirst = db.prepare(
      `INSERT INTO ps_staged(${COLUMNS.join(', ')}, rowid) VALUES (${COLUMNS.map(() => '?').join(', ')}, ?)`,
    )
    this.#appendOne = append(1)
    this.#appendMany = append(ROWS_AT_ONCE)
    this.#blame = db.prepare('SELECT name FROM ps_row_types WHERE id = ? AND NOT json_valid(?, 2)').pluck()
  }

  /** Keep a line's ops. Returns what the checkpoint says of their bucket. */
  save(line: DataLine): BucketTarget | null {
    const bucket = this.#buckets.receive(line.bucket)
    const last = line.ops.at(-1)
    if (!last) return bucket.target
    let checksum = 0
    for (const op of line.ops) {
      switch (op.op) {
        case 'PUT':
          this.#waiting.push([
            bucket.id,
            this.#rowTypes.idOf(op.rowType),
            op.rowId,
            op.subkey,
            op.opId,
            op.data,
          ])
          break
        case 'REMOVE':
          this.#waiting.push([bucket.id, this.#rowTypes.idOf(op.rowType), op.rowId, op.subkey, op.opId, null])
          break
        case 'CLEAR':
          this.#buckets.clear(bucket)
          checksum = 0
          break
        case 'MOVE':
          break
        default:
          op satisfies never
      }
      checksum += op.checksum
    }
    if (this.#waiting.length >= RUN_ROWS) this.flush()
    this.#buckets.advance(bucket, line.ops.length, checksum, last.opId)
    return bucket.target
  }

  /** Write what waits: at the end of a turn, and before a statement needs it. Throws `invalid_row`. */
  flush(): void {
    if (this.#waiting.length === 0) return
    const rows = sorted(this.#waiting)
    this.#waiting = []
    this.#write(this.#appendFirst, [rows[0]!], nextRun(this.#lastRowid.get() as number | null))
    let next = 1
    for (; next + ROWS_AT_ONCE <= rows.length; next += ROWS_AT_ONCE) {
      this.#write(this.#appendMany, rows.slice(next, next + ROWS_AT_ONCE))
    }
    for (; next < rows.length; next++) this.#write(this.#appendOne, [rows[next]!])
  }

  /** After a rollback: what waits does not stand. */
  forget(): void {
    this.#waiting = []
  }

  #write(statement: Statement, rows: readonly Row[], ...more: readonly number[]): void {
    try {
      statement.run(rows.flat(), ...more)
    } catch (error) {
      throw this.#translate(rows, error)
    }
  }

  /** The error to throw on: it names the row that is not JSON, if there is one. */
  #translate(rows: readonly Row[], error: unknown): unknown {
    if (!(isSqliteError(error) && error.code === 'SQLITE_CONSTRAINT_CHECK')) return error
    for (const [, rowType, rowId, , opId, data] of rows) {
      const type = this.#blame.get(rowType, data)
      if (type === undefined) continue
      const row = `type "${type}", id "${rowId}", op ${opId}`
      return new StorageError('invalid_row', `The service sent a row that is not JSON: ${row}.`, error)
    }
    return error
  }
}

/** Only where ids hold characters beyond U+FFFF does the order of strings differ from SQLite's, by UTF-8. */
const BEYOND = /[\ud800-\udfff]/

function sorted(rows: Row[]): Row[] {
  const compare = rows.some((row) => BEYOND.test(row[ROW_ID]))
    ? (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
    : (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return rows.sort((a, b) => a[ROW_TYPE] - b[ROW_TYPE] || compare(a[ROW_ID], b[ROW_ID]))
}

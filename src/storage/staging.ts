/**
 * Ops wait here, in the order of arrival, until their checkpoint is complete. Appending is all that a data line
 * costs: no index, no look-up, and row data goes through untouched. SQLite checks that it is JSON (its own
 * dialect, which reads the bare NaN and Infinity that services send), so that a merge cannot fail later.
 */
import type { DataLine } from '../sync/event.ts'
import type { OpId } from '../wire/line.ts'
import type { BucketTarget } from './bucket-rows.ts'
import type { Buckets } from './buckets.ts'
import { type Connection, isSqliteError, type Statement } from './connection.ts'
import type { RowTypes } from './row-types.ts'
import { StorageError } from './storage.ts'

/** Rows that one statement takes: the calls into SQLite cost as much as what it does with a row. */
const ROWS_AT_ONCE = 16
const COLUMNS = ['bucket', 'row_type', 'row_id', 'subkey', 'op_id', 'data'] as const

type Row = [bucket: number, rowType: number, rowId: string, subkey: string, opId: OpId, data: string | null]

export class Staging {
  readonly #buckets: Buckets
  readonly #rowTypes: RowTypes
  readonly #appendOne: Statement
  readonly #appendMany: Statement
  readonly #blame: Statement
  /** Rows that no statement has taken yet, one value after another. */
  #waiting: Row[number][] = []

  constructor(db: Connection, buckets: Buckets, rowTypes: RowTypes) {
    this.#buckets = buckets
    this.#rowTypes = rowTypes
    const row = `(${COLUMNS.map(() => '?').join(', ')})`
    const append = (rows: number) =>
      db.prepare(`INSERT INTO ps_staged(${COLUMNS.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`)
    this.#appendOne = append(1)
    this.#appendMany = append(ROWS_AT_ONCE)
    this.#blame = db.prepare('SELECT name FROM ps_row_types WHERE id = ? AND NOT json_valid(?, 2)').pluck()
  }

  /** Keep a line's ops. Returns what the checkpoint says of their bucket. Throws `invalid_row`, perhaps later. */
  save(line: DataLine): BucketTarget | null {
    const bucket = this.#buckets.receive(line.bucket)
    const last = line.ops.at(-1)
    if (!last) return bucket.target
    let checksum = 0
    for (const op of line.ops) {
      switch (op.op) {
        case 'PUT':
          this.#append(bucket.id, this.#rowTypes.idOf(op.rowType), op.rowId, op.subkey, op.opId, op.data)
          break
        case 'REMOVE':
          this.#append(bucket.id, this.#rowTypes.idOf(op.rowType), op.rowId, op.subkey, op.opId, null)
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
    this.#buckets.advance(bucket, line.ops.length, checksum, last.opId)
    return bucket.target
  }

  /** Write what waits: at the end of a turn, and before a statement needs it. Throws `invalid_row`. */
  flush(): void {
    const rows = this.#waiting
    for (let next = 0; next < rows.length; next += COLUMNS.length) {
      this.#write(this.#appendOne, rows.slice(next, next + COLUMNS.length))
    }
    this.#waiting = []
  }

  /** After a rollback: what waits does not stand. */
  forget(): void {
    this.#waiting = []
  }

  #append(...row: Row): void {
    this.#waiting.push(...row)
    if (this.#waiting.length < ROWS_AT_ONCE * COLUMNS.length) return
    this.#write(this.#appendMany, this.#waiting)
    this.#waiting = []
  }

  #write(statement: Statement, values: readonly unknown[]): void {
    try {
      statement.run(values)
    } catch (error) {
      throw this.#translate(values, error)
    }
  }

  /** The error to throw on: it names the row that is not JSON, if there is one. */
  #translate(values: readonly unknown[], error: unknown): unknown {
    if (!(isSqliteError(error) && error.code === 'SQLITE_CONSTRAINT_CHECK')) return error
    for (let next = 0; next < values.length; next += COLUMNS.length) {
      const [, rowType, rowId, , opId, data] = values.slice(next, next + COLUMNS.length) as Row
      const type = this.#blame.get(rowType, data)
      if (type === undefined) continue
      const row = `type "${type}", id "${rowId}", op ${opId}`
      return new StorageError('invalid_row', `The service sent a row that is not JSON: ${row}.`, error)
    }
    return error
  }
}

/**
 * Ops wait here, in the order of arrival, until their checkpoint is complete. Appending is all that a data line
 * costs: no index, no look-up, and row data goes through untouched. SQLite checks that it is JSON (its own
 * dialect, which reads the bare NaN and Infinity that services send), so that a merge cannot fail later.
 */
import type { DataLine } from '../sync/event.ts'
import type { Op, OpId } from '../wire/line.ts'
import type { Target } from './bucket-rows.ts'
import type { Buckets } from './buckets.ts'
import { type Connection, isSqliteError, type Statement } from './connection.ts'
import type { RowTypes } from './row-types.ts'
import { StorageError } from './storage.ts'

/** Rows that one statement takes: the calls into SQLite cost as much as what it does with a row. */
const ROWS_AT_ONCE = 16
const COLUMNS = 'bucket, row_type, row_id, subkey, op_id, data'
const VALUES_PER_ROW = 6

type Value = number | string | OpId | null

export class Staging {
  readonly #buckets: Buckets
  readonly #rowTypes: RowTypes
  readonly #appendOne: Statement
  readonly #appendMany: Statement
  readonly #isJson: Statement

  constructor(db: Connection, buckets: Buckets, rowTypes: RowTypes) {
    this.#buckets = buckets
    this.#rowTypes = rowTypes
    const append = (rows: number) =>
      db.prepare(
        `INSERT INTO ps_staged(${COLUMNS}) VALUES ${Array(rows).fill('(?, ?, ?, ?, ?, ?)').join(', ')}`,
      )
    this.#appendOne = append(1)
    this.#appendMany = append(ROWS_AT_ONCE)
    this.#isJson = db.prepare('SELECT json_valid(?, 2)').pluck()
  }

  /** Keep a line's ops. Returns what the checkpoint says of their bucket. Throws `invalid_row`. */
  save(line: DataLine): Target | null {
    const bucket = this.#buckets.receive(line.bucket)
    const last = line.ops.at(-1)
    if (!last) return bucket.target
    const rows: Value[] = []
    let checksum = 0
    for (const op of line.ops) {
      switch (op.op) {
        case 'PUT':
          rows.push(bucket.id, this.#rowTypes.idOf(op.rowType), op.rowId, op.subkey, op.opId, op.data)
          break
        case 'REMOVE':
          rows.push(bucket.id, this.#rowTypes.idOf(op.rowType), op.rowId, op.subkey, op.opId, null)
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
    try {
      this.#append(rows)
    } catch (error) {
      throw this.#blame(line.ops, error)
    }
    this.#buckets.advance(bucket, line.ops.length, checksum, last.opId)
    return bucket.target
  }

  #append(values: readonly Value[]): void {
    const many = ROWS_AT_ONCE * VALUES_PER_ROW
    let next = 0
    for (; next + many <= values.length; next += many) this.#appendMany.run(values.slice(next, next + many))
    for (; next < values.length; next += VALUES_PER_ROW) {
      this.#appendOne.run(values.slice(next, next + VALUES_PER_ROW))
    }
  }

  /** The error to throw on: it names the row that is not JSON, if there is one. */
  #blame(ops: readonly Op[], error: unknown): unknown {
    if (!(isSqliteError(error) && error.code === 'SQLITE_CONSTRAINT_CHECK')) return error
    const op = ops.find((each) => each.op === 'PUT' && this.#isJson.get(each.data) !== 1)
    if (op?.op !== 'PUT') return error
    const row = `type "${op.rowType}", id "${op.rowId}", op ${op.opId}`
    return new StorageError('invalid_row', `The service sent a row that is not JSON: ${row}.`, error)
  }
}

/**
 * Ops wait here, in the order of arrival, until their checkpoint is complete. Appending is all that a data line
 * costs: no index, no look-up, and row data goes through untouched. SQLite checks that it is JSON (its own
 * dialect, which reads the bare NaN and Infinity that services send), so that a merge cannot fail later.
 */
import Sqlite from 'better-sqlite3'
import type { DataLine } from '../sync/event.ts'
import type { Op } from '../wire/line.ts'
import type { Buckets, Target } from './buckets.ts'
import type { Connection, Statement } from './connection.ts'
import type { RowTypes } from './row-types.ts'
import { StorageError } from './storage.ts'

export class Staging {
  readonly #buckets: Buckets
  readonly #rowTypes: RowTypes
  readonly #append: Statement

  constructor(db: Connection, buckets: Buckets, rowTypes: RowTypes) {
    this.#buckets = buckets
    this.#rowTypes = rowTypes
    this.#append = db.prepare(
      'INSERT INTO ps_staged(bucket, row_type, row_id, subkey, op_id, data) VALUES (?, ?, ?, ?, ?, ?)',
    )
  }

  /** Keep a line's ops. Returns what the checkpoint says of their bucket. Throws `invalid_row`. */
  save(line: DataLine): Target | null {
    const bucket = this.#buckets.receive(line.bucket)
    const last = line.ops.at(-1)
    if (!last) return bucket.target
    let checksum = 0
    for (const op of line.ops) {
      switch (op.op) {
        case 'PUT':
          this.#appendPut(bucket.id, op)
          break
        case 'REMOVE':
          this.#append.run(bucket.id, this.#rowTypes.idOf(op.rowType), op.rowId, op.subkey, op.opId, null)
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

  #appendPut(bucket: number, op: Extract<Op, { op: 'PUT' }>): void {
    try {
      this.#append.run(bucket, this.#rowTypes.idOf(op.rowType), op.rowId, op.subkey, op.opId, op.data)
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError && error.code === 'SQLITE_CONSTRAINT_CHECK')) throw error
      throw new StorageError(
        'invalid_row',
        `The service sent a row that is not JSON: type "${op.rowType}", id "${op.rowId}", op ${op.opId}.`,
        error,
      )
    }
  }
}

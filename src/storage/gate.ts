/**
 * The write gate: what the service sends may overwrite the user's own changes only when it has seen them all.
 * Closed while local writes wait for their upload, and after it until a checkpoint carries the write checkpoint
 * that was given for them.
 */
import type { OpId } from '../wire/line.ts'
import type { Connection, Statement } from './connection.ts'

export class WriteGate {
  readonly #closed: Statement
  readonly #see: Statement

  constructor(db: Connection) {
    this.#closed = db
      .prepare(
        `SELECT EXISTS (SELECT 1 FROM ps_crud) OR EXISTS (
           SELECT 1 FROM ps_kv WHERE key = 'write_target'
             AND value > coalesce((SELECT value FROM ps_kv WHERE key = 'write_seen'), 0))`,
      )
      .pluck()
    this.#see = db.prepare(
      `INSERT INTO ps_kv(key, value) VALUES ('write_seen', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
    )
  }

  isOpen(): boolean {
    return this.#closed.get() === 0
  }

  /** A validated checkpoint carries this write checkpoint. */
  see(writeCheckpoint: OpId): void {
    this.#see.run(writeCheckpoint)
  }
}

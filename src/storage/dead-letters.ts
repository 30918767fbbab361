/**
 * `ps_dead_letters`: local transactions that the backend would not accept and that the app gave up, so that
 * nothing disappears without a trace.
 */
import type { Connection } from './connection.ts'
import type { CrudEntry } from './storage.ts'

export interface DeadLetter {
  readonly transactionId: number
  readonly entries: readonly CrudEntry[]
  /** Why the backend would not have it. */
  readonly error: { readonly code: string; readonly message: string }
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly discardedAt: number
}

export class DeadLetters {
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: Connection) {
    this.#sql = prepare(db)
  }

  /** Keeping the same transaction again replaces it. */
  keep({ transactionId, entries, error, attempts, discardedAt }: DeadLetter): void {
    const text = JSON.stringify(entries)
    this.#sql.keep.run(transactionId, text, error.code, error.message, attempts, discardedAt)
  }

  /** The newest, at most `limit` (null: all), oldest first. */
  newest(limit: number | null): DeadLetter[] {
    return (this.#sql.newest.all(limit ?? -1) as Row[]).map((row) => ({
      transactionId: row.tx_id,
      entries: JSON.parse(row.entries) as CrudEntry[],
      error: { code: row.error_code, message: row.error_message },
      attempts: row.attempts,
      discardedAt: row.discarded_at,
    }))
  }

  delete(transactionId: number): void {
    this.#sql.delete.run(transactionId)
  }
}

interface Row {
  readonly tx_id: number
  readonly entries: string
  readonly error_code: string
  readonly error_message: string
  readonly attempts: number
  readonly discarded_at: number
}

function prepare(db: Connection) {
  return {
    keep: db.prepare('INSERT OR REPLACE INTO ps_dead_letters VALUES (?, ?, ?, ?, ?, ?)'),
    newest: db.prepare(
      'SELECT * FROM (SELECT * FROM ps_dead_letters ORDER BY tx_id DESC LIMIT ?) ORDER BY tx_id',
    ),
    delete: db.prepare('DELETE FROM ps_dead_letters WHERE tx_id = ?'),
  }
}

/** `ps_crud`: local writes that wait for their upload, in the order in which they were made. */
import type { Connection } from './connection.ts'
import type { CrudEntry, QueueOptions, QueueSize } from './storage.ts'

export class UploadQueue {
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: Connection) {
    this.#sql = prepare(db)
  }

  read({ after = 0, limit, wholeTransactions }: QueueOptions): CrudEntry[] {
    const entries: CrudEntry[] = []
    let transaction: CrudEntry[] = []
    for (const entry of this.#sql.after.iterate(after) as Iterable<CrudEntry>) {
      if (entry.transactionId !== transaction[0]?.transactionId || !wholeTransactions) {
        entries.push(...transaction)
        transaction = []
        if (entries.length >= limit) return entries
      }
      transaction.push(entry)
      if (entries.length > 0 && entries.length + transaction.length > limit) return entries
    }
    return [...entries, ...transaction]
  }

  size(): QueueSize {
    return this.#sql.size.get() as QueueSize
  }

  isEmpty(): boolean {
    return this.#sql.any.get() === undefined
  }

  /** The last id that was ever given. */
  lastId(): number {
    return (this.#sql.lastId.get() as number | undefined) ?? 0
  }

  /** The transaction that is about to commit: when it was, if it recorded anything. */
  noteTime(): void {
    this.#sql.noteTime.run()
  }

  /** These are uploaded; null: all. */
  remove(through: number | null): void {
    if (through === null) this.#sql.removeAll.run()
    else this.#sql.remove.run(through)
    this.#sql.forgetTimes.run()
  }
}

function prepare(db: Connection) {
  return {
    after: db.prepare(`
      SELECT id, tx_id AS transactionId, op, type AS "table", row_id AS rowId, data,
        old_values AS previousValues, metadata, queued_at AS queuedAt
      FROM ps_crud LEFT JOIN ps_queued USING (tx_id) WHERE id > ? ORDER BY id`),
    size: db.prepare(`
      SELECT count(*) AS entries, count(DISTINCT tx_id) AS transactions,
        coalesce(sum(octet_length(coalesce(data, '')) + octet_length(coalesce(old_values, ''))
          + octet_length(coalesce(metadata, ''))), 0) AS bytes
      FROM ps_crud`),
    any: db.prepare('SELECT 1 FROM ps_crud LIMIT 1'),
    lastId: db.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'ps_crud'`).pluck(),
    noteTime: db.prepare(`
      INSERT INTO ps_queued(tx_id, queued_at)
      SELECT tx_id, CAST(unixepoch('subsec') * 1000 AS INTEGER)
      FROM (SELECT tx_id FROM ps_crud ORDER BY id DESC LIMIT 1)
      WHERE tx_id = (SELECT value FROM ps_kv WHERE key = 'next_transaction')`),
    forgetTimes: db.prepare(`
      DELETE FROM ps_queued
      WHERE NOT tx_id >= (SELECT tx_id FROM ps_crud ORDER BY id LIMIT 1)
        OR NOT EXISTS (SELECT 1 FROM ps_crud)`),
    remove: db.prepare('DELETE FROM ps_crud WHERE id <= ?'),
    removeAll: db.prepare('DELETE FROM ps_crud'),
  }
}

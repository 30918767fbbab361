/**
 * Forgetting what was synced: all of it (hard), what is seen of it (soft), or only how far it came (resync).
 */
import type { Connection, Statement } from './connection.ts'
import type { RowTable } from './row-table.ts'
import type { Tables } from './tables.ts'

export class Clearing {
  readonly #tables: Tables
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: Connection, tables: Tables) {
    this.#tables = tables
    this.#sql = prepare(db)
  }

  /**
   * Rows, upload queue, subscriptions, sync state and gate go. What numbers must never come twice go on
   * counting: ids of entries and transactions, and of checkpoint requests, since the client id stays.
   *
   * Hard: the buckets too. Soft: every row becomes an unrecorded local delete, and its entries keep the data, so
   * the next checkpoint that is applied brings all back without a download. Gives the views that changed.
   */
  clear({ clearLocal, soft }: { readonly clearLocal: boolean; readonly soft: boolean }): Set<string> {
    const types = this.#types()
    if (soft) this.#noteAll(types)
    else runAll(this.#sql.emptyBuckets)
    const views = new Set(clearLocal ? this.#tables.clearLocal() : [])
    for (const { rowType, view, removeAll } of types) {
      const { changes } = removeAll.run(rowType)
      if (changes > 0 && view !== null) views.add(view)
    }
    runAll(this.#sql.emptyRest)
    return views
  }

  /** Every bucket is as if dropped: its rows stay until the next merge that includes its priority. */
  resync(): void {
    runAll(this.#sql.dropBuckets)
  }

  #types(): RowTable[] {
    const untyped = this.#sql.untypedTypes.all() as number[]
    return [...this.#tables.synced(), ...untyped.map((rowType) => this.#tables.tableOf(rowType))]
  }

  #noteAll(types: readonly RowTable[]): void {
    for (const { rowType, openAll } of types) openAll.run(rowType)
    runAll(this.#sql.noteAll)
  }
}

function runAll(statements: readonly Statement[]): void {
  for (const statement of statements) statement.run()
}

function prepare(db: Connection) {
  const all = (...statements: readonly string[]) => statements.map((sql) => db.prepare(sql))
  return {
    untypedTypes: db.prepare('SELECT DISTINCT row_type FROM ps_untyped').pluck(),
    noteAll: all(
      'DELETE FROM ps_updated_rows',
      'INSERT INTO ps_updated_rows(row_type, row_id) SELECT DISTINCT row_type, row_id FROM ps_oplog',
    ),
    emptyBuckets: all(
      'DELETE FROM ps_oplog',
      'DELETE FROM ps_staged',
      'DELETE FROM ps_buckets',
      'DELETE FROM ps_dropped',
      'DELETE FROM ps_applied',
      'DELETE FROM ps_updated_rows',
    ),
    emptyRest: all(
      'DELETE FROM ps_crud',
      'DELETE FROM ps_queued',
      'DELETE FROM ps_dead_letters',
      'DELETE FROM ps_stream_subscriptions',
      'DELETE FROM ps_sync_state',
      `DELETE FROM ps_kv WHERE key IN ('write_target', 'write_seen')`,
    ),
    dropBuckets: all(
      'DELETE FROM ps_staged',
      `UPDATE ps_dropped SET priority = b.priority FROM ps_buckets b WHERE b.name = ps_dropped.name`,
      'INSERT INTO ps_dropped(name, id, priority) SELECT name, id, priority FROM ps_buckets',
      'DELETE FROM ps_buckets',
    ),
  }
}

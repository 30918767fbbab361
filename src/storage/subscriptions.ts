/**
 * `ps_stream_subscriptions` and `ps_sync_state`: what the machine decided, kept for the next start. The columns
 * of the first are published; times and TTLs in it are milliseconds.
 */
import { type Loaded, NEVER, type SubscriptionRow } from '../sync/event.ts'
import type { Connection } from './connection.ts'

type PriorityStatus = Loaded['priorities'][number]

export class Subscriptions {
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: Connection) {
    this.#sql = prepare(db)
  }

  /** By id: the order in which they were made. */
  all(): SubscriptionRow[] {
    return (this.#sql.all.all() as StoredSubscription[]).map((row) => ({
      id: Number(row.id),
      name: row.stream_name,
      params: row.local_params === NO_PARAMETERS ? null : row.local_params,
      active: row.active !== 0n,
      isDefault: row.is_default !== 0n,
      priority: toNumber(row.local_priority),
      ttl: row.ttl === STORED_NEVER ? NEVER : toNumber(row.ttl),
      expiresAt: toNumber(row.expires_at),
      lastSyncedAt: toNumber(row.last_synced_at),
    }))
  }

  put(row: SubscriptionRow): void {
    this.#sql.put.run(
      row.id,
      row.name,
      row.active ? 1 : 0,
      row.isDefault ? 1 : 0,
      row.priority,
      row.params ?? NO_PARAMETERS,
      row.ttl === NEVER ? STORED_NEVER : row.ttl,
      row.expiresAt,
      row.lastSyncedAt,
    )
  }

  delete(id: number): void {
    this.#sql.delete.run(id)
  }

  /** @param ids ascending */
  markSynced(ids: readonly number[], at: number): void {
    for (const [first, last] of runsOf(ids)) this.#sql.markSynced.run(at, first, last)
  }

  /** Ascending. */
  priorities(): PriorityStatus[] {
    return this.#sql.priorities.all() as PriorityStatus[]
  }

  /** A sync of this priority implies those of lower numbers, so their entries go. */
  completed(priority: number, at: number): void {
    this.#sql.removeImplied.run(priority)
    this.#sql.complete.run(priority, at)
  }
}

const NO_PARAMETERS = 'null'
const STORED_NEVER = 2n ** 63n - 1n

interface StoredSubscription {
  readonly id: bigint
  readonly stream_name: string
  readonly active: bigint
  readonly is_default: bigint
  readonly local_priority: bigint | null
  readonly local_params: string
  readonly ttl: bigint | null
  readonly expires_at: bigint | null
  readonly last_synced_at: bigint | null
}

/** Ascending numbers as runs without a gap: nearly always all of them are one, and one statement. */
function runsOf(ids: readonly number[]): [first: number, last: number][] {
  const runs: [number, number][] = []
  for (const id of ids) {
    const run = runs.at(-1)
    if (run?.[1] === id - 1) run[1] = id
    else runs.push([id, id])
  }
  return runs
}

function toNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value)
}

function prepare(db: Connection) {
  return {
    all: db.prepare('SELECT * FROM ps_stream_subscriptions ORDER BY id').safeIntegers(),
    put: db.prepare(`
      INSERT INTO ps_stream_subscriptions(id, stream_name, active, is_default, local_priority, local_params, ttl,
        expires_at, last_synced_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(id) DO UPDATE SET stream_name = excluded.stream_name, active = excluded.active,
        is_default = excluded.is_default, local_priority = excluded.local_priority,
        local_params = excluded.local_params, ttl = excluded.ttl, expires_at = excluded.expires_at,
        last_synced_at = excluded.last_synced_at`),
    delete: db.prepare('DELETE FROM ps_stream_subscriptions WHERE id = ?'),
    markSynced: db.prepare('UPDATE ps_stream_subscriptions SET last_synced_at = ? WHERE id BETWEEN ? AND ?'),
    priorities: db.prepare(
      'SELECT priority, last_synced_at AS lastSyncedAt FROM ps_sync_state ORDER BY priority',
    ),
    removeImplied: db.prepare(`DELETE FROM ps_sync_state WHERE priority < ?`),
    complete: db.prepare(`
      INSERT INTO ps_sync_state(priority, last_synced_at) VALUES (?, ?)
      ON CONFLICT(priority) DO UPDATE SET last_synced_at = excluded.last_synced_at`),
  }
}

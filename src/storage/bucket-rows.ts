/**
 * The rows of `ps_buckets` as values, and the statements on them.
 */
import type { OpId } from '../wire/line.ts'
import type { Connection, Statement } from './connection.ts'

/** Stands for "the whole checkpoint" wherever a priority limits something; also the status of a full sync. */
export const ALL_PRIORITIES = 2147483647

/** What the last checkpoint says of a bucket. */
export interface BucketTarget {
  readonly checksum: number
  readonly count: number | null
  readonly priority: number
  /** JSON list of subscription ids. */
  readonly subscriptions: string
}

export interface Bucket {
  /** As the row was read: where to write it back. Null: not written yet. */
  storedId: number | null
  /** What staged ops and entries carry. */
  id: number
  readonly name: string
  ordinal: number | null
  position: OpId
  era: number
  checksum: number
  countAtLast: number
  countSinceLast: number
  /** Null: the checkpoint does not list it, so it is never validated and only published with all others. */
  target: BucketTarget | null
}

/** Integers come as bigints: op ids need all 64 bits. */
export interface StoredBucket {
  readonly id: bigint
  readonly name: string
  readonly ordinal: bigint | null
  readonly position: bigint
  readonly era: bigint
  readonly checksum: bigint
  readonly count_at_last: bigint
  readonly count_since_last: bigint
  readonly target_checksum: bigint | null
  readonly target_count: bigint | null
  readonly priority: bigint | null
  readonly subscriptions: string
}

export function fromRow(row: StoredBucket): Bucket {
  const { target_checksum: checksum, target_count: count, priority, subscriptions } = row
  return {
    storedId: Number(row.id),
    id: Number(row.id),
    name: row.name,
    ordinal: row.ordinal === null ? null : Number(row.ordinal),
    position: row.position,
    era: Number(row.era),
    checksum: Number(row.checksum),
    countAtLast: Number(row.count_at_last),
    countSinceLast: Number(row.count_since_last),
    target:
      checksum === null || priority === null
        ? null
        : {
            checksum: Number(checksum),
            count: count === null ? null : Number(count),
            priority: Number(priority),
            subscriptions,
          },
  }
}

/** The columns of `insert` and `update`, in their order; the name apart. */
export function toValues(bucket: Bucket): unknown[] {
  return [
    bucket.id,
    bucket.ordinal,
    bucket.position,
    bucket.era,
    bucket.checksum,
    bucket.countAtLast,
    bucket.countSinceLast,
    bucket.target?.checksum ?? null,
    bucket.target?.count ?? null,
    bucket.target?.priority ?? null,
    bucket.target?.subscriptions ?? '[]',
  ]
}

/** `INDEXED BY` is a promise: should an index no longer serve, the statement is refused instead of being slow. */
export function prepareBucketSql(db: Connection) {
  return statements({
    one: db.prepare('SELECT * FROM ps_buckets WHERE name = ?').safeIntegers(),
    all: db.prepare('SELECT * FROM ps_buckets').safeIntegers(),
    insert: db.prepare(`
      INSERT INTO ps_buckets(name, id, ordinal, position, era, checksum, count_at_last, count_since_last,
        target_checksum, target_count, priority, subscriptions)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    update: db.prepare(`
      UPDATE ps_buckets SET id = ?, ordinal = ?, position = ?, era = ?, checksum = ?, count_at_last = ?,
        count_since_last = ?, target_checksum = ?, target_count = ?, priority = ?, subscriptions = ?
      WHERE id = ?`),
    delete: db.prepare('DELETE FROM ps_buckets WHERE id = ?'),
    retire: db.prepare('INSERT INTO ps_dropped(name, id, priority) VALUES (?, ?, ?)'),
    setDroppedPriority: db.prepare('UPDATE ps_dropped SET priority = ? WHERE name = ?'),
    next: db.prepare(`
      SELECT
        1 + max(coalesce((SELECT max(id) FROM ps_buckets), 0), coalesce((SELECT max(id) FROM ps_dropped), 0)) AS id,
        1 + coalesce((SELECT max(ordinal) FROM ps_buckets), 0) AS ordinal,
        coalesce((SELECT max(era) FROM ps_applied), 0) AS era`),
    positions: db
      .prepare(
        `SELECT b.name, coalesce((SELECT CASE WHEN a.era > b.era THEN a.op_id END FROM ps_applied a
           WHERE a.priority >= b.priority ORDER BY a.priority LIMIT 1), b.position) AS after
         FROM ps_buckets b WHERE b.ordinal IS NOT NULL ORDER BY b.ordinal`,
      )
      .safeIntegers(),
    reached: db
      .prepare(
        `SELECT op_id FROM (SELECT * FROM ps_applied WHERE priority >= ? ORDER BY priority LIMIT 1) WHERE era > ?`,
      )
      .pluck()
      .safeIntegers(),
    mismatches: db.prepare(`
      SELECT name AS bucket, target_checksum AS expected, checksum AS actual
      FROM ps_buckets INDEXED BY ps_buckets_unequal
      WHERE checksum <> target_checksum AND priority <= ? ORDER BY id`),
    forgetReached: db.prepare('DELETE FROM ps_applied WHERE priority <= ?'),
    reach: db.prepare('INSERT INTO ps_applied(priority, op_id, era) VALUES (?, ?, ?)'),
    // A bucket without a count keeps what it received there instead, so the sums of all are nought.
    rollOver: db.prepare(`
      UPDATE ps_buckets INDEXED BY ps_buckets_counting SET
        count_at_last = coalesce(target_count, count_at_last + count_since_last), count_since_last = 0
      WHERE target_checksum IS NOT NULL AND (count_since_last <> 0 OR count_at_last <> target_count)`),
    overfull: db.prepare(`
      SELECT 1 FROM ps_buckets INDEXED BY ps_buckets_overfull
      WHERE target_checksum IS NOT NULL AND count_at_last + count_since_last > coalesce(target_count, 0) LIMIT 1`),
    resetCounters: db.prepare(
      'UPDATE ps_buckets SET count_at_last = 0, count_since_last = 0 WHERE count_at_last <> 0 OR count_since_last <> 0',
    ),
    groups: db.prepare(`
      SELECT priority, subscriptions, count(*) AS buckets, sum(coalesce(target_count, 0)) AS total, 0 AS downloaded
      FROM ps_buckets WHERE target_checksum IS NOT NULL GROUP BY priority, subscriptions`),
  })
}

function statements<Name extends string>(
  prepared: Readonly<Record<Name, Statement>>,
): Readonly<Record<Name, Statement>> {
  return prepared
}

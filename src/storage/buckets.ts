/**
 * Buckets: what each must hold, what it has received, and where it stands. Every operation costs what it
 * changes, never the number of buckets.
 *
 * A bucket's checksum is the sum of the op checksums since its start or its last CLEAR, so nothing need be
 * looked up to validate it.
 *
 * Its position, from which the service goes on, is the later of two: the last op of its last data line, or the
 * op id of the last validated checkpoint that it took part in. The second is written once for all buckets
 * (`ps_applied`), so the two need an order: `era` counts validated checkpoints, and a bucket notes the era in
 * which its own position was written.
 *
 * Rows are read once and written back at the end of a turn, or before a statement needs them (`flush`).
 */
import type { Mismatch, ProgressChange, TrackedBucket } from '../sync/event.ts'
import type { OpId } from '../wire/line.ts'
import { type Bucket, fromRow, prepareBucketSql, type StoredBucket, toValues } from './bucket-rows.ts'
import type { Connection } from './connection.ts'
import { ProgressSums } from './progress.ts'

/** How many buckets may stay in memory between turns. */
const CACHE_SIZE = 20_000

export class Buckets {
  readonly #sql: ReturnType<typeof prepareBucketSql>
  readonly #cache = new Map<string, Bucket>()
  readonly #dirty = new Set<Bucket>()
  #next: { id: number; ordinal: number; era: number } | null = null

  constructor(db: Connection) {
    this.#sql = prepareBucketSql(db)
  }

  /** Where each bucket stands that received a data line, in the order of their first ones. */
  positions(): { name: string; after: OpId }[] {
    this.flush()
    return this.#sql.positions.all() as { name: string; after: OpId }[]
  }

  /** All buckets of a checkpoint; those that it does not list are dropped. Gives the sums of all. */
  trackCheckpoint(listed: readonly TrackedBucket[]): { reset: boolean; changes: ProgressChange[] } {
    this.flush()
    const absent = new Map<string, Bucket>()
    for (const row of this.#sql.all.iterate() as Iterable<StoredBucket>) {
      const bucket = this.#cache.get(row.name) ?? fromRow(row)
      absent.set(bucket.name, bucket)
    }
    const sums = new ProgressSums()
    for (const tracked of new Map(listed.map((each) => [each.bucket, each])).values()) {
      const bucket = absent.get(tracked.bucket) ?? this.#create(tracked.bucket)
      absent.delete(tracked.bucket)
      this.#retarget(bucket, tracked)
      sums.add(bucket)
    }
    for (const bucket of absent.values()) this.#drop(bucket)
    return this.#resetIfOverfull() ?? { reset: true, changes: sums.changes() }
  }

  /** The change of a checkpoint. Gives the differences of the sums. */
  trackDiff(
    updated: readonly TrackedBucket[],
    removed: readonly string[],
  ): { reset: boolean; changes: ProgressChange[] } {
    const sums = new ProgressSums()
    for (const name of removed) {
      const bucket = this.find(name)
      if (!bucket) continue
      sums.remove(bucket)
      this.#drop(bucket)
    }
    for (const tracked of updated) {
      const bucket = this.find(tracked.bucket) ?? this.#create(tracked.bucket)
      sums.remove(bucket)
      this.#retarget(bucket, tracked)
      sums.add(bucket)
    }
    return this.#resetIfOverfull() ?? { reset: false, changes: sums.changes() }
  }

  find(name: string): Bucket | null {
    const cached = this.#cache.get(name)
    if (cached) return cached
    const row = this.#sql.one.get(name) as StoredBucket | undefined
    if (!row) return null
    const bucket = fromRow(row)
    this.#cache.set(name, bucket)
    return bucket
  }

  /** The bucket of a data line; one that no checkpoint lists is kept too. */
  receive(name: string): Bucket {
    const bucket = this.find(name) ?? this.#create(name)
    if (bucket.ordinal === null) {
      // Checkpoints that it took part in while it was empty do not count: it starts from nothing.
      bucket.ordinal = this.#counters().ordinal++
      bucket.position = 0n
      bucket.era = this.#counters().era
    }
    this.#dirty.add(bucket)
    return bucket
  }

  /** Note what a data line brought: `checksum` is the sum of its ops'. */
  advance(bucket: Bucket, ops: number, checksum: number, lastOpId: OpId): void {
    bucket.checksum = (bucket.checksum + checksum) % 2 ** 32
    bucket.countSinceLast += ops
    bucket.position = lastOpId
    bucket.era = this.#counters().era
    this.#dirty.add(bucket)
  }

  /** A CLEAR: what the bucket held and what is staged for it goes, its position and counters stay. */
  clear(bucket: Bucket): void {
    this.#retire(bucket)
    bucket.id = this.#counters().id++
    bucket.checksum = 0
    this.#dirty.add(bucket)
  }

  drop(names: readonly string[]): void {
    for (const name of names) {
      const bucket = this.find(name)
      if (bucket) this.#drop(bucket)
    }
  }

  /** Buckets up to this priority whose ops do not add up. */
  mismatches(priority: number): Mismatch[] {
    this.flush()
    return this.#sql.mismatches.all(priority) as Mismatch[]
  }

  /** The checkpoint is downloaded and valid up to this priority: its buckets stand at its op id. */
  reach(priority: number, opId: OpId): void {
    const era = ++this.#counters().era
    this.#sql.forgetReached.run(priority)
    this.#sql.reach.run(priority, opId, era)
  }

  /** The checkpoint is published: progress begins anew from what the buckets hold now. */
  rollOver(): void {
    this.flush()
    this.#sql.rollOver.run()
    this.#cache.clear()
  }

  /** Write what changed. */
  flush(): void {
    for (const bucket of this.#dirty) this.#write(bucket)
    this.#dirty.clear()
    if (this.#cache.size > CACHE_SIZE) this.#cache.clear()
  }

  /** After a rollback: what was changed in memory does not stand. */
  forget(): void {
    this.#cache.clear()
    this.#dirty.clear()
    this.#next = null
  }

  #create(name: string): Bucket {
    const { era } = this.#counters()
    const bucket: Bucket = {
      storedId: null,
      id: this.#counters().id++,
      name,
      ordinal: null,
      position: 0n,
      era,
      checksum: 0,
      countAtLast: 0,
      countSinceLast: 0,
      target: null,
    }
    this.#cache.set(name, bucket)
    this.#dirty.add(bucket)
    return bucket
  }

  #retarget(bucket: Bucket, tracked: TrackedBucket): void {
    const { checksum, count, priority } = tracked
    const subscriptions = JSON.stringify(tracked.subscriptions)
    const old = bucket.target
    if (
      old?.checksum === checksum &&
      old.count === count &&
      old.priority === priority &&
      old.subscriptions === subscriptions
    ) {
      return
    }
    // Which checkpoints it took part in depends on its priority: settle that before the priority changes. In
    // those before it was listed it took no part.
    if (!old) bucket.era = this.#counters().era
    else if (old.priority !== priority) this.#settlePosition(bucket, old.priority)
    bucket.target = { checksum, count, priority, subscriptions }
    this.#cache.set(bucket.name, bucket)
    this.#dirty.add(bucket)
  }

  #settlePosition(bucket: Bucket, priority: number): void {
    const reached = this.#sql.reached.get(priority, bucket.era) as OpId | undefined
    if (reached !== undefined) bucket.position = reached
    bucket.era = this.#counters().era
  }

  #drop(bucket: Bucket): void {
    this.#retire(bucket)
    if (bucket.storedId !== null) this.#sql.delete.run(bucket.storedId)
    this.#dirty.delete(bucket)
    this.#cache.delete(bucket.name)
  }

  /** Its id stands for nothing any more; what carries it goes with the next merge. */
  #retire({ id, name, target }: Bucket): void {
    const priority = target?.priority ?? null
    this.#sql.setDroppedPriority.run(priority, name)
    this.#sql.retire.run(name, id, priority)
  }

  /** A bucket that received more than it should hold shrank at the service: all counters begin anew. */
  #resetIfOverfull(): { reset: true; changes: ProgressChange[] } | null {
    this.flush()
    if (this.#sql.overfull.get() === undefined) return null
    this.#sql.resetCounters.run()
    this.#cache.clear()
    const groups = this.#sql.groups.all() as (Omit<ProgressChange, 'subscriptions'> & {
      subscriptions: string
    })[]
    const changes = groups.map((group) => ({
      ...group,
      subscriptions: JSON.parse(group.subscriptions) as number[],
    }))
    return { reset: true, changes }
  }

  #counters(): { id: number; ordinal: number; era: number } {
    return (this.#next ??= this.#sql.next.get() as { id: number; ordinal: number; era: number })
  }

  #write(bucket: Bucket): void {
    const values = toValues(bucket)
    if (bucket.storedId === null) this.#sql.insert.run(bucket.name, ...values)
    else this.#sql.update.run(...values, bucket.storedId)
    bucket.storedId = bucket.id
  }
}

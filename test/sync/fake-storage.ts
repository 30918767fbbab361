/**
 * A storage in memory for tests of the machine: buckets as sums, rows left out. It answers like the real one
 * and can go back to where a turn began.
 */
import type { PriorityStatus } from '../../src/status/status.ts'
import { FULL_SYNC } from '../../src/status/status.ts'
import type {
  Loaded,
  ProgressChange,
  StorageCommand,
  StorageOutcome,
  SubscriptionRow,
  TrackedBucket,
} from '../../src/sync/event.ts'
import type { OpId } from '../../src/wire/line.ts'

interface Bucket {
  after: OpId
  checksum: number
  countAtLast: number
  countSinceLast: number
  /** What the checkpoint wants of it; null: it names no such bucket. */
  target: TrackedBucket | null
}

export class FakeStorage {
  buckets = new Map<string, Bucket>()
  rows = new Map<number, SubscriptionRow>()
  priorities: readonly PriorityStatus[] = []
  /** Local writes that wait for their upload. */
  queue: readonly number[] = []
  /** The write checkpoint that the gate waits for; null: none. */
  gate: OpId | null = null
  /** The newest write checkpoint that came since the last local write. */
  seen: OpId = 0n
  lastRequest: OpId = 0n
  #writes = 0

  load(): Loaded {
    const subscriptions = [...this.rows.values()].sort((a, b) => a.id - b.id)
    return { clientId: 'client', subscriptions, priorities: this.priorities }
  }

  /** Call the result to undo everything since. */
  savepoint(): () => void {
    const before = structuredClone({ ...this })
    return () => Object.assign(this, before)
  }

  /** The user changes a row. Gives its place in the queue. */
  write(): number {
    this.#writes++
    this.queue = [...this.queue, this.#writes]
    this.gate = NOT_KNOWN_YET
    this.seen = 0n
    return this.#writes
  }

  /** Whether what comes from the service may replace local rows. */
  get isOpen(): boolean {
    return this.queue.length === 0 && (this.gate === null || this.seen >= this.gate)
  }

  execute(command: StorageCommand): StorageOutcome | null {
    switch (command.do) {
      case 'read_positions': {
        const buckets = [...this.buckets].map(([name, { after }]) => ({ name, after }))
        return { kind: 'positions', buckets }
      }
      case 'track_checkpoint': {
        const named = new Set(command.buckets.map(({ bucket }) => bucket))
        for (const name of this.buckets.keys()) if (!named.has(name)) this.buckets.delete(name)
        for (const target of command.buckets) this.#bucket(target.bucket).target = target
        return this.#retold()
      }
      case 'track_diff': {
        return this.#trackDiff(command)
      }
      case 'save': {
        const bucket = this.#bucket(command.line.bucket)
        const { ops } = command.line
        for (const op of ops) {
          bucket.checksum = (bucket.checksum + op.checksum) % 2 ** 32
          if (op.opId > bucket.after) bucket.after = op.opId
        }
        bucket.countSinceLast += ops.length
        if (bucket.target === null) return null
        const { priority, subscriptions } = bucket.target
        return { kind: 'saved', priority, subscriptions, ops: ops.length }
      }
      case 'apply': {
        return this.#apply(command)
      }
      case 'drop_buckets': {
        for (const name of command.buckets) this.buckets.delete(name)
        return null
      }
      case 'put_subscription': {
        this.rows.set(command.row.id, command.row)
        return null
      }
      case 'delete_subscription': {
        this.rows.delete(command.id)
        return null
      }
      case 'mark_synced': {
        for (const id of command.ids) {
          const row = this.rows.get(id)
          if (row !== undefined) this.rows.set(id, { ...row, lastSyncedAt: command.at })
        }
        return null
      }
      case 'complete_upload': {
        const { through, writeCheckpoint } = command
        this.queue = through === null ? [] : this.queue.filter((id) => id > through)
        if (this.queue.length === 0) this.gate = writeCheckpoint ?? NOT_KNOWN_YET
        return null
      }
      case 'set_target': {
        if (this.queue.length === 0) this.gate = command.id
        return null
      }
      case 'allocate_request': {
        this.lastRequest++
        return { kind: 'request_allocated', id: this.lastRequest }
      }
      case 'seed_requests': {
        this.lastRequest = command.id
        return null
      }
      case 'clear': {
        if (!command.soft) this.buckets = new Map()
        Object.assign(this, { rows: new Map(), priorities: [], queue: [], gate: null, seen: 0n })
        return null
      }
      case 'resync': {
        this.buckets = new Map()
        return null
      }
    }
  }

  #bucket(name: string): Bucket {
    const known = this.buckets.get(name)
    if (known !== undefined) return known
    const bucket = { after: 0n, checksum: 0, countAtLast: 0, countSinceLast: 0, target: null }
    this.buckets.set(name, bucket)
    return bucket
  }

  #trackDiff({ updated, removed }: Extract<StorageCommand, { do: 'track_diff' }>): StorageOutcome {
    const changes: ProgressChange[] = []
    for (const name of removed) {
      const bucket = this.buckets.get(name)
      if (bucket?.target) changes.push(share(bucket, -1))
      this.buckets.delete(name)
    }
    for (const target of updated) {
      const bucket = this.#bucket(target.bucket)
      if (bucket.target) changes.push(share(bucket, -1))
      bucket.target = target
      if (hasShrunk(bucket)) return this.#retold()
      changes.push(share(bucket, 1))
    }
    return { kind: 'tracked', reset: false, changes }
  }

  /** All sums anew. A bucket that shrank makes all of them begin at 0. */
  #retold(): StorageOutcome {
    const buckets = [...this.buckets.values()].filter(({ target }) => target !== null)
    if (buckets.some(hasShrunk)) {
      for (const bucket of buckets) Object.assign(bucket, { countAtLast: 0, countSinceLast: 0 })
    }
    return { kind: 'tracked', reset: true, changes: buckets.map((bucket) => share(bucket, 1)) }
  }

  #apply({
    priority,
    lastOpId,
    writeCheckpoint,
    now,
  }: Extract<StorageCommand, { do: 'apply' }>): StorageOutcome {
    const included = [...this.buckets.values()].flatMap((bucket) => {
      const { target } = bucket
      if (target === null || (priority !== null && target.priority > priority)) return []
      return [{ bucket, target }]
    })
    const mismatches = included
      .filter(({ bucket, target }) => bucket.checksum !== target.checksum)
      .map(({ bucket, target }) => ({
        bucket: target.bucket,
        expected: target.checksum,
        actual: bucket.checksum,
      }))
    if (mismatches.length > 0) return { kind: 'mismatched', mismatches }
    for (const { bucket } of included) bucket.after = lastOpId
    if (priority === null && writeCheckpoint !== null) this.seen = writeCheckpoint
    if (!this.isOpen && priority !== 0) return { kind: 'blocked' }
    for (const { bucket, target } of included) {
      if (priority === null) Object.assign(bucket, { countAtLast: target.count ?? 0, countSinceLast: 0 })
    }
    const reached = priority ?? FULL_SYNC
    const others = this.priorities.filter((entry) => entry.priority > reached)
    this.priorities = [{ priority: reached, lastSyncedAt: now }, ...others]
    return { kind: 'applied', priorities: this.priorities }
  }
}

/** No write checkpoint is as high: the gate is closed until the service named one. */
const NOT_KNOWN_YET = 2n ** 63n - 1n

function hasShrunk({ target, countAtLast, countSinceLast }: Bucket): boolean {
  return target !== null && (target.count ?? 0) < countAtLast + countSinceLast
}

function share({ target, countAtLast, countSinceLast }: Bucket, sign: 1 | -1): ProgressChange {
  return {
    priority: target!.priority,
    subscriptions: target!.subscriptions,
    buckets: sign,
    total: sign * ((target!.count ?? 0) - countAtLast),
    downloaded: sign * countSinceLast,
  }
}

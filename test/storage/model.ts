/**
 * Storage as simply as it can be said: plain maps, walked as often as need be. What the database must be equal
 * to after every turn.
 */
import type { Op, OpId } from '../../src/wire/line.ts'
import type { TrackedBucket } from '../../src/sync/event.ts'

export interface ModelEntry {
  readonly key: string
  readonly row: string
  readonly opId: OpId
  readonly data: string
}

export interface ModelBucket {
  readonly name: string
  /** What the last checkpoint says; null: not listed. */
  target: TrackedBucket | null
  position: OpId | null
  checksum: number
  countAtLast: number
  countSinceLast: number
  /** Ops that wait, since the last CLEAR. */
  staged: Op[]
  entries: Map<string, ModelEntry>
  /** Entries of earlier lives, that go with the next merge. */
  doomed: ModelEntry[]
}

/** A bucket that is gone, whose entries still stand. */
interface Ghost {
  readonly name: string
  readonly priority: number | null
  readonly entries: readonly ModelEntry[]
}

export class Model {
  buckets = new Map<string, ModelBucket>()
  ghosts: Ghost[] = []
  /** Rows changed locally: what the table shows; null: deleted. */
  local = new Map<string, string | null>()
  /** How many writes wait for their upload. */
  queue = 0
  /** The write gate: what it waits for ('unknown': the service must be asked), and what it has seen. */
  target: OpId | 'unknown' = 0n
  seen: OpId = 0n

  get gateOpen(): boolean {
    return this.queue === 0 && this.target !== 'unknown' && this.target <= this.seen
  }

  /** Null: the user deletes the row; nothing happens if it is not there. */
  write(row: string, text: string | null): void {
    if (text === null && this.rows()[row] === undefined) return
    this.local.set(row, text)
    this.queue++
    this.target = 'unknown'
    this.seen = 0n
  }

  completeUpload(entries: number, writeCheckpoint: OpId | null): void {
    this.queue -= entries
    this.target = this.queue === 0 && writeCheckpoint !== null ? writeCheckpoint : 'unknown'
  }

  setTarget(id: OpId): void {
    if (this.queue === 0 && this.target === 'unknown') this.target = id
  }

  /** All rows are as if deleted by the user, and nothing waits. */
  clearSoftly(): void {
    this.local = new Map([...this.winners().keys()].map((row) => [row, null]))
    this.queue = 0
    this.target = this.seen = 0n
  }

  resync(): void {
    for (const name of this.buckets.keys()) this.drop(name)
  }

  trackCheckpoint(listed: readonly TrackedBucket[]): void {
    const names = new Set(listed.map((each) => each.bucket))
    for (const name of this.buckets.keys()) if (!names.has(name)) this.drop(name)
    for (const each of listed) this.#bucket(each.bucket).target = each
    this.#resetIfShrunk()
  }

  trackDiff(updated: readonly TrackedBucket[], removed: readonly string[]): void {
    for (const name of removed) this.drop(name)
    for (const each of updated) this.#bucket(each.bucket).target = each
    this.#resetIfShrunk()
  }

  drop(name: string): void {
    const bucket = this.buckets.get(name)
    if (!bucket) return
    const entries = [...bucket.entries.values(), ...bucket.doomed]
    const earlier = this.ghosts.filter((ghost) => ghost.name === name).flatMap((ghost) => ghost.entries)
    this.ghosts = this.ghosts.filter((ghost) => ghost.name !== name)
    this.ghosts.push({ name, priority: bucket.target?.priority ?? null, entries: [...earlier, ...entries] })
    this.buckets.delete(name)
  }

  save(name: string, ops: readonly Op[]): void {
    const bucket = this.#bucket(name)
    bucket.position ??= 0n
    for (const op of ops) {
      bucket.checksum = (bucket.checksum + op.checksum) % 2 ** 32
      bucket.countSinceLast++
      bucket.position = op.opId
      if (op.op === 'CLEAR') {
        bucket.checksum = op.checksum
        bucket.doomed.push(...bucket.entries.values())
        bucket.entries.clear()
        bucket.staged = []
      } else {
        bucket.staged.push(op)
      }
    }
  }

  /** Names of the buckets that do not add up. */
  mismatches(priority: number | null): string[] {
    return [...this.buckets.values()]
      .filter(
        ({ target, checksum }) =>
          target && includes(priority, target.priority) && target.checksum !== checksum,
      )
      .map(({ name }) => name)
  }

  /** False: blocked. */
  apply(priority: number | null, lastOpId: OpId, writeCheckpoint: OpId | null): boolean {
    const included = [...this.buckets.values()].filter((bucket) =>
      includes(priority, bucket.target?.priority),
    )
    for (const bucket of included) if (bucket.target && bucket.position !== null) bucket.position = lastOpId
    if (priority === null && writeCheckpoint !== null) this.seen = writeCheckpoint
    const { gateOpen } = this
    if (!gateOpen && priority !== 0) return false

    const before = this.winners()
    for (const bucket of included) {
      bucket.doomed = []
      for (const op of bucket.staged) {
        if (op.op !== 'PUT' && op.op !== 'REMOVE') continue
        const row = rowOf(op)
        const key = `${row}|${op.subkey}`
        if (op.op === 'PUT') bucket.entries.set(key, { key, row, opId: op.opId, data: op.data })
        else bucket.entries.delete(key)
      }
      bucket.staged = []
    }
    this.ghosts = this.ghosts.filter(
      (ghost) => !includes(priority, this.buckets.get(ghost.name)?.target?.priority ?? ghost.priority),
    )
    if (priority === null) {
      for (const bucket of this.buckets.values()) {
        if (!bucket.target) continue
        bucket.countAtLast = bucket.target.count ?? 0
        bucket.countSinceLast = 0
      }
    }
    if (!gateOpen) {
      const after = this.winners()
      for (const row of this.local.keys()) {
        if (before.get(row)?.opId !== after.get(row)?.opId) this.local.delete(row)
      }
    } else {
      this.local.clear()
    }
    return true
  }

  winners(): Map<string, ModelEntry> {
    const winners = new Map<string, ModelEntry>()
    for (const entry of this.allEntries()) {
      const best = winners.get(entry.row)
      if (!best || entry.opId > best.opId) winners.set(entry.row, entry)
    }
    return winners
  }

  allEntries(): ModelEntry[] {
    return [
      ...[...this.buckets.values()].flatMap((bucket) => [...bucket.entries.values(), ...bucket.doomed]),
      ...this.ghosts.flatMap((ghost) => ghost.entries),
    ]
  }

  /** The property `v` of each row, by type and id. */
  rows(): Record<string, string> {
    const rows: Record<string, string> = {}
    for (const [row, { data }] of this.winners()) rows[row] = String((JSON.parse(data) as { v: unknown }).v)
    for (const [row, text] of this.local) {
      if (text === null) delete rows[row]
      else rows[row] = text
    }
    return rows
  }

  positions(): Record<string, OpId> {
    const known = [...this.buckets.values()].filter((bucket) => bucket.position !== null)
    return Object.fromEntries(known.map(({ name, position }) => [name, position!]))
  }

  /** `[total, downloaded]` by priority and subscriptions; groups that sum to nought are left out. */
  progress(): Record<string, readonly [number, number]> {
    const sums: Record<string, readonly [number, number]> = {}
    for (const { target, countAtLast, countSinceLast } of this.buckets.values()) {
      if (!target) continue
      const key = `${target.priority}:${target.subscriptions.join()}`
      const [total, downloaded] = sums[key] ?? [0, 0]
      sums[key] = [total + (target.count ?? 0) - countAtLast, downloaded + countSinceLast]
    }
    return Object.fromEntries(Object.entries(sums).filter(([, [total, downloaded]]) => total || downloaded))
  }

  #bucket(name: string): ModelBucket {
    const known = this.buckets.get(name)
    if (known) return known
    const bucket: ModelBucket = {
      name,
      target: null,
      position: null,
      checksum: 0,
      countAtLast: 0,
      countSinceLast: 0,
      staged: [],
      entries: new Map(),
      doomed: [],
    }
    this.buckets.set(name, bucket)
    return bucket
  }

  #resetIfShrunk(): void {
    const buckets = [...this.buckets.values()]
    const shrunk = buckets.some(
      ({ target, countAtLast, countSinceLast }) =>
        target && countAtLast + countSinceLast > (target.count ?? 0),
    )
    if (shrunk) for (const bucket of buckets) bucket.countAtLast = bucket.countSinceLast = 0
  }
}

export function rowOf(op: { readonly rowType: string; readonly rowId: string }): string {
  return `${op.rowType}/${op.rowId}`
}

function includes(limit: number | null, priority: number | null | undefined): boolean {
  return limit === null || (priority !== null && priority !== undefined && priority <= limit)
}

/**
 * What one client has been told and what comes next: the download side of the protocol, one line per `next()`,
 * without a clock or a socket.
 *
 *     checkpoint ─▶ data… ─▶ partial… ─▶ data… ─▶ complete ─▶ (idle) ─▶ diff ─▶ data… ─▶ complete ─▶ (idle)
 *                     └────────── something changed: diff, and on with what is left ──────────┘
 *
 * Invariant: a data, partial or complete line is made only while the last checkpoint or diff describes the
 * store as it is, so every line belongs to that checkpoint and its checksums hold.
 */
import type { Stream } from './declare.ts'
import { opEntry, type BucketEntry, type Line } from './lines.ts'
import { resolve, type Grant, type Question, type Resolution } from './resolve.ts'
import type { Commit, Store } from './store.ts'
import { tooManyBuckets } from './refusal.ts'

export interface FeedContext {
  readonly store: Store
  readonly streams: readonly Stream[]
  /** Number in front of every bucket name; a new one makes all buckets new. */
  readonly generation: number
  readonly bucketLimit: number
  /** The client's latest write checkpoint, if it ever asked for one. */
  readonly writeCheckpoint: () => bigint | undefined
}

type Phase = 'new' | 'downloading' | 'idle'

export class Feed {
  readonly #context: FeedContext
  readonly #question: Question
  readonly #positions: Map<string, number>
  #resolution: Resolution
  #phase: Phase = 'new'
  /** Buckets still to be completed, by priority; those of one priority sorted so that the next is the last. */
  #queue: { readonly priority: number; readonly names: string[] }[] = []
  #lastOpId = 0

  readonly #changedBuckets = new Set<string>()
  #mustResolve = false
  #writeCheckpointMoved = false

  /** Throws a `Refusal` when the client would get more buckets than the limit. */
  constructor(context: FeedContext, question: Question) {
    this.#context = context
    this.#question = question
    this.#resolution = this.#resolve()
    const prefix = `${context.generation}#`
    this.#positions = new Map()
    for (const { name, after } of question.request.buckets) {
      if (name.startsWith(prefix)) this.#positions.set(name.slice(prefix.length), Number(after))
    }
  }

  /** The next line, or null when the client has everything. Throws a `Refusal` as the constructor does. */
  next(): Line | null {
    if (this.#phase === 'new') return this.#checkpoint()
    if (this.#changedBuckets.size > 0 || this.#mustResolve || this.#writeCheckpointMoved) {
      const diff = this.#diff()
      if (diff !== null) return diff
    }
    return this.#phase === 'downloading' ? this.#download() : null
  }

  /** Takes note of a commit; true when it concerns this client. */
  noteCommit(commit: Commit): boolean {
    let concerned = false
    for (const name of commit.buckets) {
      if (!this.#resolution.grants.has(name)) continue
      this.#changedBuckets.add(name)
      concerned = true
    }
    for (const table of commit.tables) {
      if (this.#resolution.lookups.has(table)) this.#mustResolve = concerned = true
    }
    return concerned
  }

  /** Takes note that the client's write checkpoint moved. */
  noteWriteCheckpoint(): void {
    this.#writeCheckpointMoved = true
  }

  #checkpoint(): Line {
    const { grants, streams } = this.#resolution
    this.#start(grants.keys())
    const buckets = Array.from(grants.keys(), (name) => this.#entry(name))
    return { checkpoint: { ...this.#head(), buckets, streams } }
  }

  /** Null when nothing that the client can see has changed. */
  #diff(): Line | null {
    const before = this.#resolution.grants
    const removed: string[] = []
    if (this.#mustResolve) {
      this.#resolution = this.#resolve()
      for (const name of before.keys()) if (!this.#resolution.grants.has(name)) removed.push(name)
      for (const [name, grant] of this.#resolution.grants) {
        if (!sameGrant(before.get(name), grant)) this.#changedBuckets.add(name)
      }
    }
    const updated = [...this.#changedBuckets].filter((name) => this.#resolution.grants.has(name))
    const worthTelling = updated.length > 0 || removed.length > 0 || this.#writeCheckpointMoved
    if (!worthTelling) {
      this.#forgetChanges()
      return null
    }

    for (const name of removed) this.#positions.delete(name)
    const left = this.#queue.flatMap(({ names }) => names).filter((name) => this.#resolution.grants.has(name))
    this.#start(new Set([...left, ...updated]))
    return {
      checkpoint_diff: {
        ...this.#head(),
        removed_buckets: removed.map((name) => this.#wireName(name)),
        updated_buckets: updated.map((name) => this.#entry(name)),
      },
    }
  }

  #download(): Line {
    for (let current = this.#queue[0]; current !== undefined; current = this.#queue[0]) {
      for (let name = current.names.at(-1); name !== undefined; name = current.names.at(-1)) {
        const line = this.#data(name)
        if (line !== null) return line
        current.names.pop()
      }
      this.#queue.shift()
      if (this.#queue.length > 0) {
        return {
          partial_checkpoint_complete: { last_op_id: String(this.#lastOpId), priority: current.priority },
        }
      }
    }
    this.#phase = 'idle'
    return { checkpoint_complete: { last_op_id: String(this.#lastOpId) } }
  }

  #data(name: string): Line | null {
    const position = this.#positions.get(name) ?? 0
    const batch = this.#context.store.bucket(name)?.after(position)
    const last = batch?.ops.at(-1)
    if (batch === undefined || last === undefined) return null
    this.#positions.set(name, last.opId)
    const raw = this.#question.request.raw_data
    return {
      data: {
        bucket: this.#wireName(name),
        after: String(position),
        has_more: batch.hasMore,
        data: batch.ops.map((op) => opEntry(op, raw)),
        next_after: String(last.opId),
      },
    }
  }

  /** Begins to bring these buckets to the store's present state. */
  #start(names: Iterable<string>): void {
    const byPriority = new Map<number, string[]>()
    for (const name of names) {
      const { priority } = this.#resolution.grants.get(name)!
      const group = byPriority.get(priority)
      if (group === undefined) byPriority.set(priority, [name])
      else group.push(name)
    }
    this.#queue = Array.from(byPriority, ([priority, group]) => ({ priority, names: group.sort().reverse() }))
    this.#queue.sort((a, b) => a.priority - b.priority)
    this.#phase = 'downloading'
    this.#lastOpId = this.#context.store.lastOpId
    this.#forgetChanges()
  }

  #forgetChanges(): void {
    this.#changedBuckets.clear()
    this.#mustResolve = false
    this.#writeCheckpointMoved = false
  }

  #head(): { last_op_id: string; write_checkpoint?: string } {
    const last_op_id = String(this.#lastOpId)
    const id = this.#context.writeCheckpoint()
    return id === undefined ? { last_op_id } : { last_op_id, write_checkpoint: String(id) }
  }

  #entry(name: string): BucketEntry {
    const bucket = this.#context.store.bucket(name)
    const { priority, reasons } = this.#resolution.grants.get(name)!
    return {
      bucket: this.#wireName(name),
      checksum: bucket?.checksum ?? 0,
      count: bucket?.count ?? 0,
      priority,
      subscriptions: reasons,
    }
  }

  #wireName(name: string): string {
    return `${this.#context.generation}#${name}`
  }

  #resolve(): Resolution {
    const { streams, store, bucketLimit } = this.#context
    const resolution = resolve(streams, store, this.#question)
    if (resolution.grants.size > bucketLimit) throw tooManyBuckets(resolution.grants.size, bucketLimit)
    return resolution
  }
}

function sameGrant(a: Grant | undefined, b: Grant): boolean {
  return (
    a !== undefined && a.priority === b.priority && JSON.stringify(a.reasons) === JSON.stringify(b.reasons)
  )
}

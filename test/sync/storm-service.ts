/**
 * The service of the storm: lines that make sense often enough for checkpoints to complete, and do not often
 * enough to hurt.
 */
import type { CheckpointStream, SyncLine } from '../../src/wire/line.ts'
import type { FakeStorage } from './fake-storage.ts'
import { checkpoint, complete, data, diff, keepalive, partial, stream } from './lines.ts'
import type { Random } from './random.ts'

/** Streams that it knows; the first two are default ones. */
export const SERVED = ['d', 'e', 'a', 'b']

const bucketNames = ['b0', 'b1', 'b2', 'b3', 'b4']

export class StormService {
  /** The last one that it gave. */
  writeCheckpoint = 0n
  readonly #random: Random
  /** It looks into it to know what it has not sent yet. */
  readonly #storage: FakeStorage

  constructor(random: Random, storage: FakeStorage) {
    this.#random = random
    this.#storage = storage
  }

  /** What it sends next; `isFirst`: no checkpoint came on this stream yet. */
  lines(isFirst: boolean): SyncLine[] {
    const random = this.#random
    const weights = { data: 20, complete: 8, partial: 4, checkpoint: 5, diff: 5, keepalive: 2, unknown: 1 }
    switch (isFirst && random.chance(0.8) ? 'checkpoint' : random.weighted(weights)) {
      case 'data': {
        const bucket = random.pick(bucketNames)
        return [data(bucket, random.chance(0.02) ? 3 : Math.min(3, this.#missing(bucket)))]
      }
      case 'complete': {
        return [...this.#missed(), complete]
      }
      case 'partial': {
        return [...this.#missed(), partial(random.below(4))]
      }
      case 'checkpoint': {
        const named = bucketNames.filter(() => random.chance(0.6))
        const buckets = named.map((name) => this.#bucket(name))
        return [checkpoint(buckets, this.#streams(), random.pick([null, this.writeCheckpoint]))]
      }
      case 'diff': {
        const [removed, ...updated] = bucketNames.filter(() => random.chance(0.4))
        const gone = removed === undefined ? [] : [removed]
        const buckets = updated.map((name) => this.#bucket(name))
        return [diff(buckets, gone, random.pick([null, this.writeCheckpoint]))]
      }
      case 'keepalive': {
        return [keepalive(random.pick([60, 60, 60, 20, 0]))]
      }
      case 'unknown': {
        return [{ kind: 'unknown', name: 'x' }]
      }
    }
  }

  #streams(): readonly CheckpointStream[] {
    const random = this.#random
    return SERVED.filter(() => random.chance(0.8)).map((name) => {
      const place = random.pick(['default', 0, 1, 2] as const)
      const errors = random.chance(0.1) ? [{ subscription: place, message: 'No.' }] : []
      return stream(name, name === 'd' || name === 'e', errors)
    })
  }

  #bucket(name: string) {
    const random = this.#random
    const more = random.chance(0.03) ? -1 : random.pick([0, 0, 1, 2, 5, 9])
    const count = Math.max(0, (this.#storage.buckets.get(name)?.checksum ?? 0) + more)
    const reasons = [{ default: random.below(3) }, { sub: random.below(4) }].filter(() => random.chance(0.6))
    return { name, count, priority: random.below(4), reasons }
  }

  /** How many ops it still has of a bucket. */
  #missing(name: string): number {
    const bucket = this.#storage.buckets.get(name)
    return Math.max(0, (bucket?.target?.checksum ?? 0) - (bucket?.checksum ?? 0))
  }

  /** All that is missing: mostly it comes before a completion. */
  #missed(): readonly SyncLine[] {
    if (this.#random.chance(0.1)) return []
    return bucketNames
      .filter((name) => this.#missing(name) > 0)
      .map((name) => data(name, this.#missing(name)))
  }
}

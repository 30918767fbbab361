/**
 * Sums of what there is to download and what came, by priority and subscriptions: all that the machine needs to
 * know of buckets. Only groups whose sums changed come out.
 */
import type { ProgressChange } from '../sync/event.ts'
import type { Bucket } from './bucket-rows.ts'

type Group = { -readonly [K in keyof ProgressChange]: ProgressChange[K] }

export class ProgressSums {
  readonly #groups = new Map<string, Group>()

  /** A bucket joins its group. One that the checkpoint does not list is in none. */
  add(bucket: Bucket): void {
    this.#count(bucket, 1)
  }

  /** A bucket leaves its group. */
  remove(bucket: Bucket): void {
    this.#count(bucket, -1)
  }

  changes(): ProgressChange[] {
    return [...this.#groups.values()].filter((group) => group.buckets || group.total || group.downloaded)
  }

  #count({ target, countAtLast, countSinceLast }: Bucket, sign: 1 | -1): void {
    if (!target) return
    const group = this.#group(target.priority, target.subscriptions)
    group.buckets += sign
    group.total += target.count === null ? 0 : sign * (target.count - countAtLast)
    group.downloaded += sign * countSinceLast
  }

  #group(priority: number, subscriptions: string): Group {
    const key = `${priority} ${subscriptions}`
    const known = this.#groups.get(key)
    if (known) return known
    const ids = JSON.parse(subscriptions) as number[]
    const group = { priority, subscriptions: ids, buckets: 0, total: 0, downloaded: 0 }
    this.#groups.set(key, group)
    return group
  }
}

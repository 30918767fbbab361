/**
 * Running sums of what there is to download: by priority, and for each stream. They change by what storage
 * tells, never by walking buckets.
 *
 * Ops can come in larger numbers than a checkpoint counts (compaction), so `downloaded` is bounded by `total`
 * where it is shown, not where it is counted.
 */
import type { DownloadProgress, Progress } from '../status/status.ts'
import type { ProgressChange } from './event.ts'

/** The checkpoint's buckets of one priority. */
export interface PrioritySum {
  readonly priority: number
  readonly buckets: number
  readonly total: number
  readonly downloaded: number
}

/** The buckets of one stream. */
export interface Share {
  readonly total: number
  readonly downloaded: number
  /** How many buckets of which priority, ascending. */
  readonly buckets: readonly { readonly priority: number; readonly count: number }[]
}

export const NO_SHARE: Share = { total: 0, downloaded: 0, buckets: [] }

type Sums = Pick<ProgressChange, 'priority' | 'buckets' | 'total' | 'downloaded'>

/** The sums after a change; a priority whose last bucket went is gone. */
export function addToPriorities(sums: readonly PrioritySum[], change: Sums): readonly PrioritySum[] {
  const { priority, buckets, total, downloaded } = change
  const old = sums.find((sum) => sum.priority === priority) ?? { buckets: 0, total: 0, downloaded: 0 }
  const others = sums.filter((sum) => sum.priority !== priority)
  if (old.buckets + buckets <= 0) return others
  const sum = {
    priority,
    buckets: old.buckets + buckets,
    total: old.total + total,
    downloaded: old.downloaded + downloaded,
  }
  return [...others, sum].sort((a, b) => a.priority - b.priority)
}

export function addToShare(share: Share, change: Sums): Share {
  const { priority, buckets, total, downloaded } = change
  return {
    total: share.total + total,
    downloaded: share.downloaded + downloaded,
    buckets: buckets === 0 ? share.buckets : addBuckets(share.buckets, priority, buckets),
  }
}

/** The next checkpoint counts from here. The buckets stay. */
export function applied<Sum extends Progress>(sum: Sum): Sum {
  return sum.total === 0 && sum.downloaded === 0 ? sum : { ...sum, total: 0, downloaded: 0 }
}

/** The numerically largest priority of the stream's buckets; null without buckets. */
export function priorityOf({ buckets }: Share): number | null {
  return buckets.at(-1)?.priority ?? null
}

export function progressOf({ total, downloaded }: Progress): Progress {
  return { total, downloaded: Math.max(0, Math.min(total, downloaded)) }
}

export function downloadOf(sums: readonly PrioritySum[]): DownloadProgress {
  let total = 0
  let downloaded = 0
  const byPriority = sums.map((sum) => {
    const progress = progressOf(sum)
    total += progress.total
    downloaded += progress.downloaded
    return { priority: sum.priority, ...progress }
  })
  return { total, downloaded, byPriority }
}

function addBuckets(buckets: Share['buckets'], priority: number, more: number): Share['buckets'] {
  const count = (buckets.find((some) => some.priority === priority)?.count ?? 0) + more
  const others = buckets.filter((some) => some.priority !== priority)
  return count <= 0 ? others : [...others, { priority, count }].sort((a, b) => a.priority - b.priority)
}

/** Questions to a status, the same in the main process and in a window. */
import { canonicalParameters } from './parameters.ts'
import type { StreamParameters } from './parameters.ts'
import type { DownloadProgress, PriorityStatus, Progress, Status, StreamStatus } from './status.ts'
import { FULL_SYNC } from './status.ts'

/** How much of a download is done, from 0 to 1. Nothing to download counts as done. */
export function fractionOf({ total, downloaded }: Progress): number {
  return total === 0 ? 1 : Math.min(1, downloaded / total)
}

/**
 * The part of a download that has this priority or a lower number: what must come before such data is usable.
 *
 * @example
 * fractionOf(untilPriority(status.downloading, 1)) // 0.4
 */
export function untilPriority(download: DownloadProgress, priority: number): Progress {
  let total = 0
  let downloaded = 0
  for (const part of download.byPriority) {
    if (part.priority > priority) continue
    total += part.total
    downloaded += part.downloaded
  }
  return { total, downloaded }
}

/**
 * The last sync that included this priority; null: there was none. A sync of priority p implies those with
 * lower numbers. Default: a full sync.
 */
export function lastSync(status: Status, priority: number = FULL_SYNC): PriorityStatus | null {
  return status.priorities.find((synced) => synced.priority >= priority) ?? null
}

/** The stream of this name and these parameters, whatever their spelling; null: not known. */
export function findStream(status: Status, name: string, parameters: StreamParameters): StreamStatus | null {
  const canonical = canonicalParameters(parameters)
  for (const stream of status.streams.values()) {
    if (stream.name === name && canonicalParameters(stream.params) === canonical) return stream
  }
  return null
}

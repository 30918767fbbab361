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
  return streamByKey(status, streamKey(name, parameters))
}

/** Equal wishes for a stream have equal keys. Throws a `TypeError` for what JSON cannot carry. */
export function streamKey(name: string, parameters: StreamParameters): string {
  return JSON.stringify([name, canonicalParameters(parameters)])
}

/** The stream of this `streamKey`; null: not known. Looks up, but for the first question to a changed status. */
export function streamByKey({ streams }: Pick<Status, 'streams'>, key: string): StreamStatus | null {
  let index = indexes.get(streams)
  if (index === undefined) {
    index = new Map(Array.from(streams.values(), (stream) => [keyOf(stream), stream]))
    indexes.set(streams, index)
  }
  return index.get(key) ?? null
}

const indexes = new WeakMap<Status['streams'], ReadonlyMap<string, StreamStatus>>()

/** By parameters, which keep their identity while all else of a stream changes. */
const keys = new WeakMap<object, { readonly name: string; readonly key: string }>()

function keyOf({ name, params }: StreamStatus): string {
  if (params === null) return streamKey(name, null)
  const known = keys.get(params)
  if (known?.name === name) return known.key
  const key = streamKey(name, params)
  keys.set(params, { name, key })
  return key
}

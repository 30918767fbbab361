/**
 * The laws of deltas, pure, the same in the main process and in a window:
 * `applyDelta(applyDelta(s, a), b)` equals `applyDelta(s, mergeDelta(a, b))`.
 */
import type { PriorityStatus, Status, StatusDelta, StreamStatus } from './status.ts'
import { afterSync, namesStanding } from './synced.ts'

/** The status after `delta`. What the delta does not name keeps its identity. */
export function applyDelta(status: Status, delta: StatusDelta): Status {
  const { streams: changed, synced = [], ...rest } = delta
  if (changed === undefined && synced.length === 0) return { ...status, ...rest }
  const streams = new Map(status.streams)
  for (const sync of synced) {
    for (const [id, stream] of streams) streams.set(id, afterSync(stream, sync))
  }
  for (const [id, change] of changed ?? []) {
    if (change === null) streams.delete(id)
    else streams.set(id, { ...streams.get(id), ...change } as StreamStatus)
  }
  return { ...status, ...rest, streams }
}

/** One delta that does what `first` and then `second` do. */
export function mergeDelta(first: StatusDelta, second: StatusDelta): StatusDelta {
  const buffer = new DeltaBuffer()
  buffer.add(first)
  buffer.add(second)
  return buffer.take() ?? {}
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Collects deltas into one, at a cost that follows each delta and not what was collected before.
 *
 * @example
 * buffer.add({ downloading: { total: 2, downloaded: 1, byPriority: [] } })
 * buffer.add({ downloading: null })
 * buffer.take() // { downloading: null }
 * buffer.take() // null
 */
export class DeltaBuffer {
  #merged: Mutable<StatusDelta> | null = null
  #streams: Map<number, StreamStatus | Partial<StreamStatus> | null> | null = null

  add(delta: StatusDelta): void {
    const { streams, synced = [], ...rest } = delta
    this.#merged = Object.assign(this.#merged ?? {}, rest)
    for (const sync of synced) this.#addSync(this.#merged, sync)
    if (streams === undefined) return
    this.#streams ??= new Map()
    for (const [id, change] of streams) {
      const earlier = this.#streams.get(id)
      this.#streams.set(id, change !== null && earlier ? { ...earlier, ...change } : change)
    }
  }

  /** It is later than all that was collected, and implies those of lower numbers. */
  #addSync(merged: Mutable<StatusDelta>, sync: PriorityStatus): void {
    const others = (merged.synced ?? []).filter(({ priority }) => priority > sync.priority)
    merged.synced = [...others, sync]
    for (const [id, change] of this.#streams ?? []) {
      if (change !== null && namesStanding(change)) this.#streams!.set(id, afterSync(change, sync))
    }
  }

  /** How many streams the collected delta names. */
  get streamCount(): number {
    return this.#streams?.size ?? 0
  }

  /** What was collected, and begin anew; null when there was nothing. */
  take(): StatusDelta | null {
    const merged = this.#merged
    if (merged !== null && this.#streams !== null) merged.streams = this.#streams
    this.#merged = null
    this.#streams = null
    return merged
  }
}

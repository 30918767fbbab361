/**
 * The two laws of deltas, pure, the same in the main process and in a window:
 * `applyDelta(applyDelta(s, a), b)` equals `applyDelta(s, mergeDelta(a, b))`.
 */
import type { Status, StatusDelta, StreamStatus } from './status.ts'

/** The status after `delta`. What the delta does not name keeps its identity. */
export function applyDelta(status: Status, delta: StatusDelta): Status {
  const { streams: changed, ...rest } = delta
  if (changed === undefined) return { ...status, ...rest }
  const streams = new Map(status.streams)
  for (const [id, change] of changed) {
    if (change === null) streams.delete(id)
    else streams.set(id, { ...streams.get(id), ...change } as StreamStatus)
  }
  return { ...status, ...rest, streams }
}

/** One delta that does what `first` and then `second` do. */
export function mergeDelta(first: StatusDelta, second: StatusDelta): StatusDelta {
  if (first.streams === undefined || second.streams === undefined) return { ...first, ...second }
  const streams = new Map(first.streams)
  for (const [id, change] of second.streams) {
    const earlier = streams.get(id)
    streams.set(id, change === null || earlier === undefined || earlier === null ? change : { ...earlier, ...change })
  }
  return { ...first, ...second, streams }
}

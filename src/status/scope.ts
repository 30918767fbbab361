/**
 * How much of the status one document sees. The law: a status in scope, after a delta in scope, is the scope of
 * the status after the delta.
 */
import type { Status, StatusDelta } from './status.ts'

/**
 * - `summary`: everything but the streams.
 * - `held`: the streams that the document holds, each with its own progress, and the summary without
 *   `downloading` (always null): so a document hears nothing of the downloads of others.
 * - `all`: everything.
 */
export type StatusScope = 'summary' | 'held' | 'all'

/** @param isHeld whether the document holds the stream of this id; asked in scope `held` only. */
export function statusInScope(
  status: Status,
  scope: StatusScope,
  isHeld: (stream: number) => boolean,
): Status {
  switch (scope) {
    case 'all':
      return status
    case 'summary':
      return { ...status, streams: new Map() }
    case 'held':
      return { ...status, downloading: null, streams: heldOnly(status.streams, isHeld) }
  }
}

/** Null: nothing of the delta is in scope. */
export function deltaInScope(
  delta: StatusDelta,
  scope: StatusScope,
  isHeld: (stream: number) => boolean,
): StatusDelta | null {
  if (scope === 'all') return delta
  const { streams, synced, downloading, ...rest } = delta
  const seen: { -readonly [K in keyof StatusDelta]: StatusDelta[K] } = rest
  if (scope === 'summary') {
    if (downloading !== undefined) seen.downloading = downloading
  } else {
    if (synced !== undefined) seen.synced = synced
    const held = heldOnly(streams ?? new Map(), isHeld)
    if (held.size > 0) seen.streams = held
  }
  return Object.keys(seen).length > 0 ? seen : null
}

function heldOnly<T>(
  streams: ReadonlyMap<number, T>,
  isHeld: (stream: number) => boolean,
): ReadonlyMap<number, T> {
  const held = new Map<number, T>()
  for (const [id, stream] of streams) if (isHeld(id)) held.set(id, stream)
  return held
}

/**
 * Statuses and deltas as the messages of one `status.watch`. Maps become entries, so that a message is plain
 * JSON whatever carries it; nothing else changes, and `decode…(encode…(x))` equals `x`.
 */
import type { Status, StatusDelta, StreamStatus } from './status.ts'

/** A `Status` as plain JSON. */
export interface PlainStatus extends Omit<Status, 'streams'> {
  readonly streams: [id: number, stream: StreamStatus][]
}

/** A `StatusDelta` as plain JSON. */
export interface PlainDelta extends Omit<StatusDelta, 'streams'> {
  readonly streams?: [id: number, change: StreamStatus | Partial<StreamStatus> | null][]
}

/**
 * What one watch delivers. `epoch` names a run of the daemon. `sequence` counts the messages of this watch
 * from 0: a gap or another epoch means that the receiver must watch anew. The first message is a snapshot.
 */
export type StatusMessage =
  | {
      readonly kind: 'snapshot'
      readonly epoch: string
      readonly sequence: number
      readonly status: PlainStatus
    }
  | { readonly kind: 'delta'; readonly epoch: string; readonly sequence: number; readonly delta: PlainDelta }

export function encodeStatus(status: Status): PlainStatus {
  return { ...status, streams: [...status.streams] }
}

export function decodeStatus(plain: PlainStatus): Status {
  return { ...plain, streams: new Map(plain.streams) }
}

export function encodeDelta(delta: StatusDelta): PlainDelta {
  const { streams, ...rest } = delta
  return streams === undefined ? rest : { ...rest, streams: [...streams] }
}

export function decodeDelta(plain: PlainDelta): StatusDelta {
  const { streams, ...rest } = plain
  return streams === undefined ? rest : { ...rest, streams: new Map(streams) }
}

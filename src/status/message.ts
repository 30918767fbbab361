/**
 * Statuses and deltas as the messages of one `status.watch`: short tuples of plain JSON, the same over every
 * carrier. `decode…(encode…(x))` equals `x`.
 *
 *     message     [0, sequence, epoch, status] a snapshot      [1, sequence, delta]
 *     status      [connection, downloading, priorities, streams, downloadError, upload, uploadError]
 *     delta       [code, value, code, value, …], a code for each changed part of the status:
 *                 0 connection   1 downloading   2 priorities   3 streams   4 downloadError   5 upload
 *                 6 uploadError   7 synced; the value of `streams` is a list of stream changes
 *     connection  0 offline   1 connecting   2 connected   [retryAt, error] waiting
 *     error       null, or [code, message]
 *     downloading null, or [total, downloaded, [[priority, total, downloaded], …]]
 *     priorities, synced
 *                 [[priority, lastSyncedAt], …]
 *     upload      [entries, transactions, uploading, attempts, retryAt, heldTransaction, lastUploadedAt]
 *     stream      [id, name, params, priority, active, isDefault, hasExplicitSubscription, expiresAt,
 *                 lastSyncedAt, progress, error, holders]; progress is null or [total, downloaded]
 *     stream change
 *                 [stream] it is new, or another one; [id, code, value, …] these fields changed, a code is
 *                 the place in `stream`, from 0; [id] it is gone
 *
 * True and false are 1 and 0.
 */
import type { Json } from '../wire/request.ts'
import { asIs, flag, listOf, nullable, recordOf, type Form } from './form.ts'
import type {
  ConnectionStatus,
  DownloadProgress,
  ErrorInfo,
  PriorityStatus,
  Progress,
  Status,
  StatusDelta,
  StreamStatus,
  UploadStatus,
} from './status.ts'

/**
 * What one watch delivers. `sequence` counts its messages from 0. `epoch` names a run of the daemon: it comes
 * with each snapshot, and a delta belongs to the snapshot before it. The first message is a snapshot.
 */
export type StatusMessage =
  | {
      readonly kind: 'snapshot'
      readonly sequence: number
      readonly epoch: string
      readonly status: Status
    }
  | { readonly kind: 'delta'; readonly sequence: number; readonly delta: StatusDelta }

/** A `StatusMessage` as it crosses. */
export type WireMessage =
  | [kind: 0, sequence: number, epoch: string, status: Json]
  | [kind: 1, sequence: number, delta: Json]

/**
 * @example
 * encodeMessage({ kind: 'delta', sequence: 7, delta: { connection: { state: 'connected' } } }) // [1, 7, [0, 2]]
 */
export function encodeMessage(message: StatusMessage): WireMessage {
  return message.kind === 'snapshot'
    ? [0, message.sequence, message.epoch, encodeStatus(message.status)]
    : [1, message.sequence, encodeDelta(message.delta)]
}

export function decodeMessage(wire: WireMessage): StatusMessage {
  return wire[0] === 0
    ? { kind: 'snapshot', sequence: wire[1], epoch: wire[2], status: decodeStatus(wire[3]) }
    : { kind: 'delta', sequence: wire[1], delta: decodeDelta(wire[2]) }
}

export function encodeStatus(status: Status): Json {
  return statusForm.write(status)
}

export function decodeStatus(wire: Json): Status {
  return statusForm.read(wire)
}

export function encodeDelta(delta: StatusDelta): Json {
  return deltaForm.part.write(delta)
}

export function decodeDelta(wire: Json): StatusDelta {
  return deltaForm.part.read(wire as readonly Json[])
}

const number = asIs<number>()
const text = asIs<string>()

const error = recordOf<ErrorInfo>({ code: text, message: text })

const states = ['offline', 'connecting', 'connected'] as const

const connection: Form<ConnectionStatus> = {
  write: (value) =>
    value.state === 'waiting' ? [value.retryAt, error.write(value.reason)] : states.indexOf(value.state),
  read: (wire) => {
    if (!Array.isArray(wire)) return { state: states[wire as number]! }
    const [retryAt, reason] = wire as [number, Json]
    return { state: 'waiting', reason: error.read(reason), retryAt }
  },
}

const downloading = recordOf<DownloadProgress>({
  total: number,
  downloaded: number,
  byPriority: listOf(
    recordOf<Progress & { readonly priority: number }>({
      priority: number,
      total: number,
      downloaded: number,
    }),
  ),
})

const upload = recordOf<UploadStatus>({
  entries: number,
  transactions: number,
  uploading: flag,
  attempts: number,
  retryAt: nullable(number),
  heldTransaction: nullable(number),
  lastUploadedAt: nullable(number),
})

const stream = recordOf<StreamStatus>({
  id: number,
  name: text,
  params: asIs<StreamStatus['params']>(),
  priority: nullable(number),
  active: flag,
  isDefault: flag,
  hasExplicitSubscription: flag,
  expiresAt: nullable(number),
  lastSyncedAt: nullable(number),
  progress: nullable(recordOf<Progress>({ total: number, downloaded: number })),
  error: nullable(error),
  holders: listOf(text),
})

const streams: Form<Status['streams']> = {
  write: (value) => Array.from(value.values(), stream.write),
  read: (wire) => new Map((wire as readonly Json[]).map(stream.read).map((read) => [read.id, read])),
}

type StreamChange = readonly [id: number, change: StreamStatus | Partial<StreamStatus> | null]

const streamChange: Form<StreamChange> = {
  write: ([id, change]) => {
    if (change === null) return [id]
    return isWhole(change) ? [stream.write(change)] : [id, ...stream.part.write(change)]
  },
  read: (wire) => {
    const [first, ...changed] = wire as readonly Json[]
    if (Array.isArray(first)) {
      const whole = stream.read(first)
      return [whole.id, whole]
    }
    return [first as number, changed.length === 0 ? null : stream.part.read(changed)]
  },
}

const streamChanges: Form<NonNullable<StatusDelta['streams']>> = {
  write: (value) => Array.from(value, streamChange.write),
  read: (wire) => new Map((wire as readonly Json[]).map(streamChange.read)),
}

function isWhole(change: StreamStatus | Partial<StreamStatus>): change is StreamStatus {
  return Object.keys(change).length === stream.size
}

const priorities = listOf(recordOf<PriorityStatus>({ priority: number, lastSyncedAt: number }))

const parts = {
  connection,
  downloading: nullable(downloading),
  priorities,
  streams,
  downloadError: nullable(error),
  upload,
  uploadError: nullable(error),
}

const statusForm = recordOf<Status>(parts)
const deltaForm = recordOf<Required<StatusDelta>>({
  ...parts,
  streams: streamChanges,
  synced: priorities,
})

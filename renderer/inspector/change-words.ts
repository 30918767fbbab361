/** What a status message changed, in words, pure. */
import type { StatusHeard } from '../../src/ipc/client/index.ts'
import {
  FULL_SYNC,
  type PriorityStatus,
  type Progress,
  type Status,
  type StatusDelta,
  type StreamStatus,
  type UploadStatus,
} from '../../src/status/status.ts'
import { isIncluded } from '../../src/status/synced.ts'
import { number } from '../parts/Bar.tsx'
import { timeLeft } from './countdown.ts'
import { count } from './queue-words.ts'

/** Streams named in one line; the rest are counted. */
const NAMED = 3

/**
 * @param now when the message came, in milliseconds since 1970.
 *
 * @example
 * changeWords(heard, before, Date.now()) // 'download: 1,200 of 10,000 · archive: 1,200 of 10,000'
 */
export function changeWords({ delta, status }: StatusHeard, before: Status, now: number): string {
  if (delta === null)
    return `whole status: ${status.connection.state}, ${count(status.streams.size, 'stream')}`
  const changes = [
    ...otherChanges(delta, before),
    ...streamsSynced(delta, before),
    ...streamChanges(delta, before, now),
  ]
  return changes.length === 0 ? 'nothing' : changes.join(' · ')
}

function otherChanges(delta: StatusDelta, before: Status): readonly string[] {
  const { connection, downloading, priorities, downloadError, upload, uploadError } = delta
  const changes: string[] = []
  if (connection !== undefined) {
    changes.push(
      connection.state === 'waiting' ? `waiting, ${connection.reason.code}` : `now ${connection.state}`,
    )
  }
  if (downloading !== undefined) {
    changes.push(downloading === null ? 'download over' : `download: ${progressWords(downloading)}`)
  }
  if (priorities !== undefined) changes.push(...syncedWords(priorities, before.priorities))
  if (downloadError !== undefined) changes.push(errorWords('download', downloadError))
  if (upload !== undefined) changes.push(...uploadChanges(upload, before.upload))
  if (uploadError !== undefined) changes.push(errorWords('upload', uploadError))
  return changes
}

/** Streams that checkpoints brought, without being named one by one. */
function streamsSynced({ synced = [] }: StatusDelta, { streams }: Status): readonly string[] {
  const brought = [...streams.values()].filter((stream) =>
    synced.some(({ priority }) => isIncluded(stream, priority)),
  )
  if (brought.length === 0) return []
  return [`${brought.length === 1 ? brought[0]!.name : count(brought.length, 'stream')} synced`]
}

function uploadChanges(upload: UploadStatus, before: UploadStatus): readonly string[] {
  const { entries, uploading, attempts, retryAt, heldTransaction, lastUploadedAt } = upload
  const changes = [
    entries !== before.entries && (entries === 0 ? 'all uploaded' : `${count(entries, 'change')} to upload`),
    uploading && !before.uploading && 'uploading',
    !uploading && before.uploading && 'upload call over',
    attempts !== before.attempts && attempts > 0 && `upload attempt ${attempts} failed`,
    retryAt !== before.retryAt && retryAt !== null && 'upload waits',
    heldTransaction !== before.heldTransaction &&
      heldTransaction !== null &&
      `transaction ${heldTransaction} held`,
    heldTransaction === null &&
      before.heldTransaction !== null &&
      `transaction ${before.heldTransaction} free`,
    lastUploadedAt !== before.lastUploadedAt && lastUploadedAt !== null && 'upload accepted',
  ].filter((change) => change !== false)
  return changes.length === 0 ? ['upload queue'] : changes
}

function streamChanges({ streams }: StatusDelta, before: Status, now: number): readonly string[] {
  if (streams === undefined) return []
  const named = [...streams].slice(0, NAMED).map(([id, change]) => {
    const known = before.streams.get(id)
    const name = known?.name ?? change?.name ?? `stream ${id}`
    if (change === null) return `${name} gone`
    if (known === undefined) return `${name} is new${holderWords(change, ', ')}`
    return `${name}: ${fieldWords(change, now).join(', ')}`
  })
  return streams.size > NAMED ? [...named, `${streams.size - NAMED} more streams`] : named
}

function fieldWords(change: Partial<StreamStatus>, now: number): readonly string[] {
  const { priority, active, isDefault, hasExplicitSubscription, expiresAt, lastSyncedAt, progress } = change
  const words: string[] = []
  if (change.holders !== undefined) words.push(holderWords(change, '') || 'nobody holds it')
  if (progress !== undefined) words.push(progress === null ? 'download over' : progressWords(progress))
  if (lastSyncedAt !== undefined) words.push(lastSyncedAt === null ? 'not synced any more' : 'synced')
  if (expiresAt !== undefined) {
    words.push(expiresAt === null ? 'does not run out' : `runs out in ${timeLeft(expiresAt - now)}`)
  }
  if (active !== undefined) words.push(active ? 'active' : 'not active')
  if (priority !== undefined) words.push(priority === null ? 'no priority' : `priority ${priority}`)
  if (isDefault !== undefined) words.push(isDefault ? 'default' : 'not default')
  if (hasExplicitSubscription !== undefined) {
    words.push(hasExplicitSubscription ? 'explicit' : 'not explicit')
  }
  if (change.error !== undefined) words.push(errorWords('', change.error))
  return words
}

function holderWords({ holders = [] }: Partial<StreamStatus>, before: string): string {
  return holders.length === 0 ? '' : `${before}held by ${holders.join(', ')}`
}

function syncedWords(now: readonly PriorityStatus[], before: readonly PriorityStatus[]): readonly string[] {
  const isKnown = (synced: PriorityStatus) =>
    before.some(
      ({ priority, lastSyncedAt }) => priority === synced.priority && lastSyncedAt === synced.lastSyncedAt,
    )
  const fresh = now.filter((synced) => !isKnown(synced))
  if (fresh.length === 0) return ['last syncs forgotten']
  return fresh.map(({ priority }) =>
    priority === FULL_SYNC ? 'fully synced' : `priority ${priority} synced`,
  )
}

function errorWords(of: string, error: { readonly code: string } | null): string {
  return `${of} ${error === null ? 'error over' : `error ${error.code}`}`.trim()
}

function progressWords({ downloaded, total }: Progress): string {
  if (total === 0) return 'nothing to download'
  return `${number.format(downloaded)} of ${number.format(total)}`
}

/** A stream's state in words, pure. */
import type { StreamStatus } from '../../src/status/status.ts'
import type { Tone } from '../parts/connection-words.ts'

export interface StreamState {
  readonly tone: Tone
  readonly label: string
}

/** In the order of urgency: what needs somebody, what moves, what is good, what sleeps. */
export const streamState = oncePerStream(readState)

function readState({ error, progress, active, lastSyncedAt }: StreamStatus): StreamState {
  if (error !== null) return { tone: 'bad', label: 'Error' }
  if (progress !== null && progress.downloaded < progress.total) return { tone: 'busy', label: 'Downloading' }
  if (lastSyncedAt === null) return { tone: active ? 'busy' : 'off', label: 'Never synced' }
  return active ? { tone: 'good', label: 'Synced' } : { tone: 'off', label: 'Not active' }
}

/** `default, explicit, active`: why the stream is here, and whether the service resolved it. */
export function streamFlags({ isDefault, hasExplicitSubscription, active }: StreamStatus): string {
  const flags = [
    isDefault && 'default',
    hasExplicitSubscription && 'explicit',
    active ? 'active' : 'not active',
  ]
  return flags.filter((flag) => flag !== false).join(', ')
}

/** The parameters as JSON; empty when there are none. */
export function paramsText({ params }: Pick<StreamStatus, 'params'>): string {
  return params === null ? '' : JSON.stringify(params)
}

/** Whether everything that a row shows contains each word of the search. */
export function matchesStream(stream: StreamStatus, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = searchText(stream)
  return words.every((word) => text.includes(word))
}

const searchText = oncePerStream((stream) => {
  const { name, holders, error } = stream
  const state = streamState(stream).label
  return [name, paramsText(stream), ...holders, streamFlags(stream), state, error?.message ?? '']
    .join(' ')
    .toLowerCase()
})

export type StreamSort = 'name' | 'state' | 'priority' | 'kept' | 'holders' | 'progress' | 'synced'

const tones: readonly Tone[] = ['bad', 'busy', 'good', 'off']

/** What streams are sorted by; null stands at the end whatever the direction. */
export function sortValue(stream: StreamStatus, sort: StreamSort): string | number | null {
  const { priority, expiresAt, holders, progress, lastSyncedAt } = stream
  switch (sort) {
    case 'name':
      return fullName(stream)
    case 'state':
      return tones.indexOf(streamState(stream).tone)
    case 'priority':
      return priority
    case 'kept':
      return expiresAt
    case 'holders':
      return holders.length
    case 'progress':
      return progress === null ? null : progress.total - progress.downloaded
    case 'synced':
      return lastSyncedAt
  }
}

const fullName = oncePerStream((stream) => `${stream.name} ${paramsText(stream)}`)

/** A stream keeps its identity until it changes, so what is read of it need not be read again before. */
function oncePerStream<T>(read: (stream: StreamStatus) => T): (stream: StreamStatus) => T {
  const known = new WeakMap<StreamStatus, T>()
  return (stream) => {
    const earlier = known.get(stream)
    if (earlier !== undefined) return earlier
    const value = read(stream)
    known.set(stream, value)
    return value
  }
}

import { expect, test } from 'vitest'
import type { StatusHeard } from '../../src/ipc/client/index.ts'
import { applyDelta } from '../../src/status/delta.ts'
import {
  EMPTY_STATUS,
  FULL_SYNC,
  type Status,
  type StatusDelta,
  type StreamStatus,
} from '../../src/status/status.ts'
import { changeWords } from '../../renderer/inspector/change-words.ts'
import { timeLeft } from '../../renderer/inspector/countdown.ts'
import { parsePlace, placeHash } from '../../renderer/inspector/place.ts'
import { sorted } from '../../renderer/inspector/sorted.ts'
import { matchesStream, sortValue, streamFlags, streamState } from '../../renderer/inspector/stream-words.ts'
import { bytesInWords } from '../../renderer/parts/bytes.ts'

const now = 1_800_000_000_000
const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]

const archive: StreamStatus = {
  id: 7,
  name: 'archive',
  params: null,
  priority: 3,
  active: true,
  isDefault: false,
  hasExplicitSubscription: true,
  expiresAt: null,
  lastSyncedAt: now,
  progress: null,
  error: null,
  holders: ['main 1'],
}

const known: Status = { ...EMPTY_STATUS, streams: new Map([[7, archive]]) }

function heard(delta: StatusDelta, before: Status = known): string {
  const status = applyDelta(before, delta)
  const message = { kind: 'delta', epoch: 'e', sequence: 1, bytes: 10, delta, status } as StatusHeard
  return changeWords(message, before, now)
}

test.each([
  [60 * second, '1 min'],
  [42_500, '43 s'],
  [1, '1 s'],
  [0, 'over'],
  [-5 * second, 'over'],
  [4 * minute + 12 * second, '4 min 12 s'],
  [23 * hour + 59 * minute, '23 h 59 min'],
  [2 * day + 3 * hour, '2 d 3 h'],
])('%i ms left: %s', (left, words) => {
  expect(timeLeft(left)).toBe(words)
})

test('a delta says what it changed of a stream, by the stream’s name', () => {
  const change = (fields: Partial<StreamStatus>) => heard({ streams: new Map([[7, fields]]) })
  expect(change({ progress: { total: 10_000, downloaded: 1200 } })).toBe('archive: 1,200 of 10,000')
  expect(change({ holders: [], expiresAt: now + minute })).toBe('archive: nobody holds it, runs out in 1 min')
  expect(change({ holders: ['main 1', 'main 2'] })).toBe('archive: held by main 1, main 2')
  expect(change({ error: { code: 'stream_failed', message: '' } })).toBe('archive: error stream_failed')
  expect(change({ error: null, active: false, priority: null })).toBe(
    'archive: not active, no priority, error over',
  )
})

test('streams that come, go and are many', () => {
  expect(heard({ streams: new Map([[8, { ...archive, id: 8, name: 'todos' }]]) })).toBe(
    'todos is new, held by main 1',
  )
  expect(heard({ streams: new Map([[7, null]]) })).toBe('archive gone')
  const many = new Map([1, 2, 3, 4, 5].map((id) => [id, { ...archive, id, name: `s${id}`, holders: [] }]))
  expect(heard({ streams: many })).toBe('s1 is new · s2 is new · s3 is new · 2 more streams')
})

test('what concerns all streams stands first', () => {
  const waiting = { state: 'waiting', reason: { code: 'silent', message: '' }, retryAt: now } as const
  expect(heard({ connection: waiting, streams: new Map([[7, { active: false }]]) })).toBe(
    'waiting, silent · archive: not active',
  )
  expect(heard({ downloading: { total: 5, downloaded: 2, byPriority: [] } })).toBe('download: 2 of 5')
  expect(heard({ downloadError: null })).toBe('download error over')
})

test('only the priorities that synced anew are named', () => {
  const before = { ...known, priorities: [{ priority: 1, lastSyncedAt: 5 }] }
  const priorities = [
    { priority: 1, lastSyncedAt: 5 },
    { priority: FULL_SYNC, lastSyncedAt: 9 },
  ]
  expect(heard({ priorities }, before)).toBe('fully synced')
  expect(heard({ priorities: [] }, before)).toBe('last syncs forgotten')
})

test('a checkpoint that brings streams says which, or how many', () => {
  const one = { ...archive, id: 8, name: 'todos', priority: 1 }
  const gone = { ...archive, id: 9, name: 'gone', active: false }
  const before = { ...known, streams: new Map([archive, one, gone].map((stream) => [stream.id, stream])) }
  const synced = (priority: number) => [{ priority, lastSyncedAt: 9 }]
  expect(heard({ synced: synced(FULL_SYNC) }, before)).toBe('2 streams synced')
  expect(heard({ priorities: synced(1), synced: synced(1) }, before)).toBe('priority 1 synced · todos synced')
  expect(heard({ synced: synced(0) }, before)).toBe('nothing')
})

test('the upload queue says what moved', () => {
  const { upload } = EMPTY_STATUS
  const some = { ...upload, entries: 3, transactions: 1 }
  expect(heard({ upload: { ...some, uploading: true } })).toBe('3 changes to upload · uploading')
  const before = (queue: Status['upload']) => ({ ...known, upload: queue })
  const failed = { ...some, attempts: 2, retryAt: now }
  expect(heard({ upload: failed }, before({ ...some, attempts: 1, uploading: true }))).toBe(
    'upload call over · upload attempt 2 failed · upload waits',
  )
  const held = { ...some, heldTransaction: 5 }
  expect(heard({ upload: held }, before(some))).toBe('transaction 5 held')
  expect(heard({ upload: some }, before(held))).toBe('transaction 5 free')
  expect(heard({ upload: { ...upload, lastUploadedAt: now } }, before(some))).toBe(
    'all uploaded · upload accepted',
  )
})

test('a snapshot says what it is', () => {
  const message = { kind: 'snapshot', epoch: 'e', sequence: 0, bytes: 10, delta: null, status: known }
  expect(changeWords(message as StatusHeard, EMPTY_STATUS, now)).toBe('whole status: offline, 1 stream')
})

test('a stream’s state names the worst thing first', () => {
  const error = { code: 'stream_unknown', message: 'Not known.' }
  const progress = { total: 2, downloaded: 1 }
  expect(streamState({ ...archive, error, progress })).toEqual({ tone: 'bad', label: 'Error' })
  expect(streamState({ ...archive, progress })).toEqual({ tone: 'busy', label: 'Downloading' })
  expect(streamState({ ...archive, lastSyncedAt: null })).toEqual({ tone: 'busy', label: 'Never synced' })
  expect(streamState(archive)).toEqual({ tone: 'good', label: 'Synced' })
  expect(streamState({ ...archive, active: false })).toEqual({ tone: 'off', label: 'Not active' })
  expect(streamFlags(archive)).toBe('explicit, active')
})

test('a search finds a stream by its parameters, its holders and its state', () => {
  const stream = { ...archive, params: { list: 'Atlas' } }
  expect(matchesStream(stream, ['atlas', 'main'])).toBe(true)
  expect(matchesStream(stream, ['synced'])).toBe(true)
  expect(matchesStream(stream, ['atlas', 'main 2'])).toBe(false)
})

test('sorting keeps what has no value at the end, in both directions', () => {
  const streams = [null, 30, 10].map((expiresAt, id) => ({ ...archive, id, expiresAt }))
  const ids = (direction: 'ascending' | 'descending') =>
    sorted(streams, (stream) => sortValue(stream, 'kept'), direction).map(({ id }) => id)
  expect([ids('ascending'), ids('descending')]).toEqual([
    [2, 1, 0],
    [1, 2, 0],
  ])
})

test('a place survives its way through the fragment; what is no place is the streams', () => {
  for (const place of [
    { panel: 'log', stream: null },
    { panel: 'buckets', stream: 12 },
  ] as const) {
    expect(parsePlace(placeHash(place))).toEqual(place)
  }
  expect(parsePlace('#/buckets/x')).toEqual({ panel: 'buckets', stream: null })
  expect(parsePlace('#/streams/3')).toEqual({ panel: 'streams', stream: null })
  expect(parsePlace('#token=abc')).toEqual({ panel: 'streams', stream: null })
})

test('amounts of data are short', () => {
  expect([0, 999, 1234, 3_449_999].map(bytesInWords)).toEqual(['0 B', '999 B', '1.2 kB', '3.4 MB'])
})

import { expect, test } from 'vitest'
import { paneState, type PaneFacts, type PaneState } from '../../renderer/app/pane-state.ts'
import type { ConnectionStatus, StreamStatus } from '../../src/status/status.ts'

const now = Date.UTC(2026, 10, 23, 12)
const minute = 60_000

const stream: StreamStatus = {
  id: 1,
  name: 'project_issues',
  params: { project: 'p' },
  priority: 2,
  active: true,
  isDefault: false,
  hasExplicitSubscription: true,
  expiresAt: null,
  lastSyncedAt: null,
  progress: null,
  error: null,
  holders: [],
}

const waiting: ConnectionStatus = {
  state: 'waiting',
  reason: { code: 'unreachable', message: 'ECONNREFUSED' },
  retryAt: now + 9000,
}

const facts: PaneFacts = {
  what: 'issues of Quotes',
  early: 'only issues assigned to you are here',
  rowCount: 0,
  shownCount: 0,
  isLoading: false,
  isKnownEmpty: false,
  link: 'open',
  connection: { state: 'connected' },
  stream,
  streamError: null,
  queryError: null,
}

const some = { rowCount: 3, shownCount: 3 }
const synced = (ago: number): StreamStatus => ({ ...stream, lastSyncedAt: now - ago })
const wait = (title: string, more: Partial<PaneState> = {}) => ({
  kind: 'wait',
  title,
  text: null,
  progress: null,
  canConnect: false,
  ...more,
})

const cases: readonly [name: string, facts: Partial<PaneFacts>, state: object][] = [
  ['the first answer of the query is on its way', { isLoading: true }, wait('Opening issues of Quotes')],
  [
    'connected, and the service has not said anything yet',
    {},
    wait('Asking the service for issues of Quotes'),
  ],
  [
    'the first download runs',
    { stream: { ...stream, progress: { downloaded: 120, total: 400 } } },
    wait('Downloading issues of Quotes', { progress: { downloaded: 120, total: 400 } }),
  ],
  [
    'connecting for the first time',
    { connection: { state: 'connecting' } },
    wait('Connecting, to download issues of Quotes'),
  ],
  [
    'never downloaded, and the service does not answer',
    { connection: waiting },
    wait('Issues of Quotes: not downloaded yet', {
      text: 'The sync service does not answer. The download begins by itself once that is over.',
    }),
  ],
  [
    'never downloaded, and offline by choice: going online ends it',
    { connection: { state: 'offline' } },
    wait('Issues of Quotes: not downloaded yet', {
      text: 'You are offline. The download begins when you go online.',
      canConnect: true,
    }),
  ],
  [
    'just synced, and its rows were not read since: that is no emptiness yet',
    { stream: synced(0) },
    wait('Opening issues of Quotes'),
  ],
  [
    'synced, and a later read found nothing',
    { stream: synced(0), isKnownEmpty: true },
    { kind: 'empty', title: 'No issues of Quotes yet' },
  ],
  [
    'synced earlier, nothing there, offline now',
    { stream: synced(minute), isKnownEmpty: true, connection: { state: 'offline' } },
    { kind: 'empty', title: 'No issues of Quotes yet' },
  ],
  ['rows, all well', { ...some, stream: synced(0) }, { kind: 'rows', notice: null, progress: null }],
  [
    'rows while connecting: nothing to worry about yet',
    { ...some, stream: synced(minute), connection: { state: 'connecting' } },
    { kind: 'rows', notice: null, progress: null },
  ],
  [
    'rows, offline',
    { ...some, stream: synced(5 * minute), connection: { state: 'offline' } },
    { kind: 'rows', notice: 'Offline: showing what was synced 5 minutes ago.', progress: null },
  ],
  [
    'rows, waiting for another attempt',
    { ...some, stream: synced(5 * minute), connection: waiting },
    { kind: 'rows', notice: 'Offline: showing what was synced 5 minutes ago.', progress: null },
  ],
  [
    'rows of other streams, offline, its own never came',
    { ...some, connection: waiting },
    {
      kind: 'rows',
      notice: 'Offline, and not downloaded yet: only issues assigned to you are here.',
      progress: null,
    },
  ],
  [
    'rows of other streams, and its own is not on its way yet',
    some,
    {
      kind: 'rows',
      notice: 'Not downloaded yet: only issues assigned to you are here.',
      progress: null,
    },
  ],
  [
    'rows of other streams, none of them left by the filter, while the download runs: says nothing of all rows',
    { rowCount: 3, shownCount: 0, stream: { ...stream, progress: { downloaded: 1, total: 9 } } },
    wait('Downloading issues of Quotes', { progress: { downloaded: 1, total: 9 } }),
  ],
  [
    'rows of other streams, none of them left by the filter, offline',
    { rowCount: 3, shownCount: 0, connection: { state: 'offline' } },
    wait('Issues of Quotes: not downloaded yet', {
      text: 'You are offline, and only issues assigned to you are here. The rest downloads when you go online.',
      canConnect: true,
    }),
  ],
  [
    'all rows are here and the filter leaves none: the pane says so itself',
    { rowCount: 3, shownCount: 0, stream: synced(0) },
    { kind: 'rows', notice: null, progress: null },
  ],
  [
    'rows of other streams while its own first download runs, however small',
    { ...some, stream: { ...stream, progress: { downloaded: 1, total: 9 } } },
    { kind: 'rows', notice: null, progress: { downloaded: 1, total: 9 } },
  ],
  [
    'a small update is too quick for a bar',
    { ...some, stream: { ...synced(minute), progress: { downloaded: 1, total: 9 } } },
    { kind: 'rows', notice: null, progress: null },
  ],
  [
    'a large update has a bar',
    { ...some, stream: { ...synced(minute), progress: { downloaded: 1, total: 900 } } },
    { kind: 'rows', notice: null, progress: { downloaded: 1, total: 900 } },
  ],
]

test.each(cases)('%s', (_name, part, state) => {
  expect(paneState({ ...facts, ...part }, now)).toEqual(state)
})

test('a lost link wins over what the sync was doing', () => {
  const lost = { ...facts, link: 'lost' } as const
  expect(paneState(lost, now)).toMatchObject({ kind: 'wait', title: 'Headwater does not answer this page' })
  expect(paneState({ ...lost, isLoading: true }, now)).toMatchObject({
    title: 'Headwater does not answer this page',
  })
  expect(paneState({ ...lost, ...some }, now)).toMatchObject({
    kind: 'rows',
    notice: 'Headwater does not answer this page: what you see may be old.',
  })
})

test('a failed query says what is safe and what to do', () => {
  const state = paneState({ ...facts, queryError: { code: 'internal', message: 'It broke.' } }, now)
  expect(state).toMatchObject({ kind: 'failed', title: 'The issues of Quotes could not be read' })
  expect(state).toHaveProperty('text', expect.stringMatching(/^It broke\. Nothing is lost/))
})

test('a stream that the service refuses fails without rows, and qualifies the rows that are here', () => {
  const streamError = { code: 'stream_error', message: 'No access to this project' }
  expect(paneState({ ...facts, streamError }, now)).toMatchObject({
    kind: 'failed',
    title: 'The issues of Quotes cannot be synced',
  })
  expect(paneState({ ...facts, ...some, streamError }, now)).toMatchObject({
    kind: 'rows',
    notice: 'Showing what was synced before. The service says: No access to this project.',
  })
})

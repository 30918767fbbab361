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
  rowCount: 0,
  isLoading: false,
  link: 'open',
  connection: { state: 'connected' },
  stream,
  streamError: null,
  queryError: null,
}

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
      text: 'The sync service does not answer. They download by themselves once that is over.',
    }),
  ],
  [
    'never downloaded, and offline by choice: going online ends it',
    { connection: { state: 'offline' } },
    wait('Issues of Quotes: not downloaded yet', {
      text: 'You are offline, and they were not here before. They download when you go online.',
      canConnect: true,
    }),
  ],
  [
    'synced, and there is nothing',
    { stream: synced(0) },
    { kind: 'empty', title: 'No issues of Quotes yet' },
  ],
  [
    'synced earlier, nothing there, offline now',
    { stream: synced(minute), connection: { state: 'offline' } },
    { kind: 'empty', title: 'No issues of Quotes yet' },
  ],
  ['rows, all well', { rowCount: 3, stream: synced(0) }, { kind: 'rows', notice: null, progress: null }],
  [
    'rows while connecting: nothing to worry about yet',
    { rowCount: 3, stream: synced(minute), connection: { state: 'connecting' } },
    { kind: 'rows', notice: null, progress: null },
  ],
  [
    'rows, offline',
    { rowCount: 3, stream: synced(5 * minute), connection: { state: 'offline' } },
    { kind: 'rows', notice: 'Offline: showing what was synced 5 minutes ago.', progress: null },
  ],
  [
    'rows, waiting for another attempt',
    { rowCount: 3, stream: synced(5 * minute), connection: waiting },
    { kind: 'rows', notice: 'Offline: showing what was synced 5 minutes ago.', progress: null },
  ],
  [
    'rows of other streams, offline, its own never came',
    { rowCount: 3, connection: waiting },
    {
      kind: 'rows',
      notice: 'Offline: showing only what came with other lists. The rest was never downloaded.',
      progress: null,
    },
  ],
  [
    'rows of other streams while its own first download runs, however small',
    { rowCount: 3, stream: { ...stream, progress: { downloaded: 1, total: 9 } } },
    { kind: 'rows', notice: null, progress: { downloaded: 1, total: 9 } },
  ],
  [
    'a small update is too quick for a bar',
    { rowCount: 3, stream: { ...synced(minute), progress: { downloaded: 1, total: 9 } } },
    { kind: 'rows', notice: null, progress: null },
  ],
  [
    'a large update has a bar',
    { rowCount: 3, stream: { ...synced(minute), progress: { downloaded: 1, total: 900 } } },
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
  expect(paneState({ ...lost, rowCount: 3 }, now)).toMatchObject({
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
  expect(paneState({ ...facts, rowCount: 3, streamError }, now)).toMatchObject({
    kind: 'rows',
    notice: 'Showing what was synced before. The service says: No access to this project.',
  })
})

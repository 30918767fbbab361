/** No token, header or path of this computer reaches a window, whoever wrote the text. */
import { expect, test, vi } from 'vitest'
import { publicDelta, publicText } from '../../src/ipc/public.ts'
import { createRouter } from '../../src/ipc/router.ts'
import { EMPTY_STATUS, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'
import { collect, openDocument } from './collect.ts'
import { fakeDaemon } from './fake-daemon.ts'

const secrets: [text: string, expected: string][] = [
  ['the token eyJhbGciOiJI.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl is old', 'the token (token) is old'],
  ['sent Authorization: Token abc123', 'sent Authorization: (hidden)'],
  ['Bearer abc-123, twice', 'Bearer (token), twice'],
  ['set-cookie: session=7', 'set-cookie: (hidden)'],
  ['cannot open /home/ada/Library/app.db', 'cannot open (path)'],
  ['cannot open "/var/lib/app.db-wal" now', 'cannot open "(path)" now'],
  ['cannot open C:\\Users\\ada\\app.db', 'cannot open (path)'],
  ['cannot open \\\\server\\share\\app.db', 'cannot open (path)'],
  ['cannot open ~/data/app.db', 'cannot open (path)'],
  ['at file:///home/ada/main.cjs:12', 'at (path)'],
  ['cannot open /Users/ada/Library/Application Support/Headwater/app.db now', 'cannot open (path) now'],
  ['cannot open C:\\Users\\Ada Lovelace\\my data.db now', 'cannot open (path) now'],
  ['cannot open "C:\\Users\\Ada Lovelace\\my data" now', 'cannot open "(path)" now'],
  ["ENOENT: no such file, open '/Users/Ada Lovelace/a b/c d'", "ENOENT: no such file, open '(path)'"],
  ['cannot open C:\\app.db', 'cannot open (path)'],
  ['copy /home/ada/a.db to /home/ada/b.db failed', 'copy (path) to (path) failed'],
  [
    'GET https://x.example/sync?token=abc123&page=2 failed',
    'GET https://x.example/sync?token=(hidden)&page=2 failed',
  ],
  ['https://ada:hunter2@x.example/sync', 'https://(hidden)@x.example/sync'],
  ['{"refreshToken": "a b c", "page": 2}', '{"refreshToken": (hidden), "page": 2}'],
  ['api_key=abc; password: hunter2', 'api_key=(hidden); password: (hidden)'],
  ['X-Amz-Signature=00ff', 'X-Amz-Signature=(hidden)'],
  ['the key sk_live_4eC39HqLyjWDarjtT1zdp7dc is old', 'the key (token) is old'],
  ['session 9f86d081884c7d659a2feaa0c55ad015 ended', 'session (token) ended'],
  [`${'x'.repeat(1990)} eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl`, `${'x'.repeat(1990)} (token)`],
]
test.each(secrets)('%s', (text, expected) => expect(publicText(text)).toBe(expected))

test.each([
  'The service at https://sync.example.com/sync/stream answered 503.',
  'Bucket project_issues|0["atlas"] does not add up: 12/34.',
  'Expected and/or got nothing.',
  'at 12:30:05 on 2026/11/23',
  'The row 9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d of project_issues_by_priority_and_assignee_2 is gone.',
  'The author=Ada wrote page 2 of 3: https://sync.example.com/a/b?page=2',
  'near "token": syntax error',
  'unrecognized token: "#"',
])('says what it said: %s', (text) => expect(publicText(text)).toBe(text))

const pieces = [
  'x',
  '/',
  '\\',
  'a/',
  ' /a',
  ' /a b',
  ' /a/b c',
  '"/a/',
  'a.',
  '~',
  ':',
  'token ',
  'token',
  'a-',
  'aA0',
  '://',
  ' token=',
]
test.each([...pieces, 'file://', 'cookie', ' C:\\a b', "'/a/b c"])(
  'a long text of %j takes no longer than it is',
  (piece) => {
    // With a pattern that begins anew at every character this would take minutes.
    expect(publicText(piece.repeat(300_000)).length).toBeLessThanOrEqual(300_000 * piece.length * 2)
  },
)

const path = '/home/ada/app.db'
const error = { code: 'database_failed', message: `cannot open ${path}` }
const stream: StreamStatus = {
  id: 1,
  name: 'lists',
  params: null,
  priority: null,
  active: false,
  isDefault: false,
  hasExplicitSubscription: true,
  expiresAt: null,
  lastSyncedAt: null,
  progress: null,
  error,
  holders: [],
}

test.each<StatusDelta>([
  { downloadError: error },
  { uploadError: error },
  { connection: { state: 'waiting', reason: error, retryAt: 0 } },
  { streams: new Map([[1, stream]]) },
  { streams: new Map([[1, { error }]]) },
])('a path in an error crosses neither in a delta nor in a snapshot: %#', async (delta) => {
  vi.useFakeTimers()
  const before = { ...EMPTY_STATUS, streams: new Map([[1, { ...stream, error: null }]]) }
  const daemon = fakeDaemon({ status: before })
  const router = createRouter({ daemon })
  const watch = async () => {
    const document = openDocument(router)
    return await collect<[number, number]>(
      document.status.watch({ watchId: 'w' }),
      ([, sequence]) => void document.status.ack({ watchId: 'w', sequence }),
    )
  }
  const deltas = await watch()
  await vi.advanceTimersByTimeAsync(20)
  daemon.report(delta)
  const snapshots = await watch()
  for (const { messages } of [deltas, snapshots]) {
    expect(JSON.stringify(messages)).not.toContain('ada')
    expect(JSON.stringify(messages)).toContain('database_failed')
  }
  vi.useRealTimers()
})

test('what has nothing to hide keeps its identity', () => {
  const clean = { code: 'x', message: 'It broke.' }
  expect(publicDelta({ downloadError: clean }).downloadError).toBe(clean)
})

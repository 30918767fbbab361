/** What a sync costs on the way to a window, in bytes, with a clock of one line a millisecond. */
import { serialize } from 'node:v8'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRouter } from '../../src/ipc/router.ts'
import type { WireMessage } from '../../src/status/message.ts'
import type { StatusScope } from '../../src/status/scope.ts'
import { EMPTY_STATUS, type Status, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'
import { collect, openDocument } from './collect.ts'
import { fakeDaemon } from './fake-daemon.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const at = 1_795_000_000_000

function stream(id: number): StreamStatus {
  return {
    id,
    name: 'project_issues',
    params: { project: `project-${id}` },
    priority: 3,
    active: true,
    isDefault: false,
    hasExplicitSubscription: true,
    expiresAt: null,
    lastSyncedAt: at,
    progress: { total: 100_000, downloaded: 0 },
    error: null,
    holders: ['main 1'],
  }
}

/** While a checkpoint of these streams is tracked. */
function tracking(streams: number): Status {
  return {
    ...EMPTY_STATUS,
    connection: { state: 'connected' },
    downloading: progressOf(0),
    priorities: [{ priority: 2147483647, lastSyncedAt: at }],
    streams: new Map(Array.from({ length: streams }, (_, i) => [i + 1, stream(i + 1)])),
  }
}

const progressOf = (downloaded: number) => ({
  total: 100_000,
  downloaded,
  byPriority: [{ priority: 3, total: 100_000, downloaded }],
})

/** What the machine reports of a data line for one stream. */
function line(id: number, downloaded: number): StatusDelta {
  return {
    downloading: progressOf(downloaded),
    streams: new Map([[id, { progress: { total: 100_000, downloaded } }]]),
  }
}

/** A window that reads; `bytes` is what came since the snapshot, in tRPC's envelope, the larger of both carriers. */
async function openWindow(router: ReturnType<typeof createRouter>, scope: StatusScope, holds: number) {
  const document = openDocument(router)
  await collect(document.streams.hold({ name: 'project_issues', params: { project: `project-${holds}` } }))
  let bytes = 0
  const { messages } = await collect<WireMessage>(document.status.watch({ watchId: 'w', scope }), (data) => {
    const envelope = { id: 1000, result: { type: 'data', data } }
    const acked = { id: 1001, result: { type: 'data' } }
    if (data[0] === 1) {
      for (const sent of [envelope, acked]) {
        bytes += Math.max(serialize(sent).byteLength, Buffer.byteLength(JSON.stringify(sent)))
      }
    }
    void document.status.ack({ watchId: 'w', sequence: data[1] })
  })
  await vi.advanceTimersByTimeAsync(50)
  return { messages, bytes: () => bytes }
}

test('one data line, 500 subscriptions: at most 150 bytes to who watches all, none to who watches others', async () => {
  const daemon = fakeDaemon({ status: tracking(500) })
  const router = createRouter({ daemon })
  const all = await openWindow(router, 'all', 1)
  const concerned = await openWindow(router, 'held', 250)
  const others = await openWindow(router, 'held', 251)
  daemon.report(line(250, 100_000))
  await vi.advanceTimersByTimeAsync(100)
  const size = (messages: readonly WireMessage[]) =>
    messages.slice(1).map((data) => {
      const sent = { id: 1000, result: { type: 'data', data } }
      return Math.max(serialize(sent).byteLength, Buffer.byteLength(JSON.stringify(sent)))
    })
  expect(size(all.messages)).toEqual([expect.toSatisfy((bytes: number) => bytes <= 150)])
  expect(size(concerned.messages)).toEqual([expect.toSatisfy((bytes: number) => bytes <= 100)])
  expect(others.messages).toHaveLength(1)
})

test('100,000 ops in lines of 100: at most 20 KB of status in all to one window', async () => {
  const daemon = fakeDaemon({ status: tracking(1) })
  const window = await openWindow(createRouter({ daemon }), 'all', 1)
  for (let ops = 100; ops <= 100_000; ops += 100) {
    daemon.report(line(1, ops))
    await vi.advanceTimersByTimeAsync(1)
  }
  daemon.report({ downloading: null, streams: new Map([[1, { progress: null, lastSyncedAt: at }]]) })
  await vi.advanceTimersByTimeAsync(100)
  expect(window.messages.length).toBeLessThan(70)
  expect(window.bytes()).toBeLessThan(20_000)
})

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRouter } from '../../src/ipc/router.ts'
import { describeError } from '../../src/ipc/error.ts'
import { applyDelta } from '../../src/status/delta.ts'
import type { WireMessage } from '../../src/status/message.ts'
import { statusInScope, type StatusScope } from '../../src/status/scope.ts'
import { EMPTY_STATUS, type Status, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'
import { RandomStatus } from '../status/random-status.ts'
import { collect, fold, openDocument, type Caller } from './collect.ts'
import { fakeDaemon } from './fake-daemon.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function stream(id: number, list = `list-${id}`): StreamStatus {
  return {
    id,
    name: 'lists',
    params: { list },
    priority: 3,
    active: true,
    isDefault: false,
    hasExplicitSubscription: true,
    expiresAt: null,
    lastSyncedAt: null,
    progress: { total: 10, downloaded: 0 },
    error: null,
    holders: [],
  }
}

function statusOf(...ids: number[]): Status {
  return { ...EMPTY_STATUS, streams: new Map(ids.map((id) => [id, stream(id)])) }
}

const progress = (id: number, downloaded: number): StatusDelta => ({
  streams: new Map([[id, { progress: { total: 10, downloaded } }]]),
})

function setUp(status = EMPTY_STATUS) {
  const daemon = fakeDaemon({ epoch: 'e', status })
  const router = createRouter({ daemon, onUnexpected: vi.fn() })
  return { daemon, router, call: openDocument(router) }
}

interface WatchOptions {
  readonly scope?: StatusScope
  /** Acknowledge each message at once. Default true. */
  readonly acks?: boolean
}

async function watch(call: Caller, { scope = 'all', acks = true }: WatchOptions = {}) {
  const ack = (sequence: number) => call.status.ack({ watchId: 'w', sequence })
  const collected = await collect<WireMessage>(call.status.watch({ watchId: 'w', scope }), (message) => {
    // It may end before its last message is acknowledged.
    if (acks) ack(message[1]).catch(() => undefined)
  })
  const passes = async (ms = 16) => void (await vi.advanceTimersByTimeAsync(ms))
  await passes()
  return { ...collected, ack, passes, seen: () => fold(collected.messages) }
}

describe('a watch that is read', () => {
  test('gives a snapshot, then numbered deltas; applied, they are the status', async () => {
    const { daemon, call } = setUp(statusOf(1))
    const { messages, seen, passes } = await watch(call)
    for (let i = 1; i <= 100; i++) {
      daemon.report(progress(1, i / 10))
      if (i === 50) daemon.report({ connection: { state: 'connected' }, streams: new Map([[2, stream(2)]]) })
      if (i === 90) daemon.report({ streams: new Map([[2, null]]) })
      await passes(3)
    }
    await passes()
    expect(messages.map(([kind, sequence]) => [kind, sequence])).toEqual(
      messages.map((_, i) => [i === 0 ? 0 : 1, i]),
    )
    expect(seen()).toEqual(daemon.status)
  })

  test('gets at most one message in 16 ms, the first at once', async () => {
    const { daemon, call } = setUp()
    const { messages, passes } = await watch(call)
    const counts: number[] = []
    for (let ms = 0; ms < 64; ms++) {
      daemon.report({ downloadError: { code: 'x', message: String(ms) } })
      counts.push(messages.length)
      await passes(1)
    }
    expect([counts[0], counts[15], counts[16], counts[63]]).toEqual([2, 2, 3, 5])
  })

  test('gets nothing after it ended, and leaves no timer and no listener', async () => {
    const { daemon, call } = setUp()
    const { messages, stop, passes } = await watch(call)
    daemon.report({ connection: { state: 'connecting' } })
    daemon.report({ connection: { state: 'connected' } })
    stop()
    await passes(100)
    expect(messages).toHaveLength(2)
    expect([vi.getTimerCount(), daemon.listeners]).toEqual([0, 0])
  })

  test('gets a new snapshot over the same watch when the epoch is another', async () => {
    const { daemon, call } = setUp()
    const { messages, passes } = await watch(call)
    Object.assign(daemon, { epoch: 'f' })
    daemon.report({ connection: { state: 'connecting' } })
    await passes()
    expect(messages.map((message) => message.slice(0, 3))).toMatchObject([
      [0, 0, 'e'],
      [0, 1, 'f'],
    ])
  })
})

describe('acknowledgements', () => {
  test('at most one message is in flight, and what changes meanwhile goes as one delta', async () => {
    const { daemon, call } = setUp(statusOf(1))
    const { messages, ack, passes, seen } = await watch(call, { acks: false })
    for (let i = 0; i <= 10; i++) {
      daemon.report(progress(1, i))
      await passes(100)
    }
    expect(messages).toHaveLength(1)
    await ack(0)
    expect(messages.slice(1)).toEqual([[1, 1, [3, [[1, 9, [10, 10]]]]]])
    daemon.report({ connection: { state: 'connecting' } })
    await passes(100)
    expect(messages).toHaveLength(2)
    await ack(1)
    expect([messages.length, seen()]).toEqual([3, daemon.status])
  })

  test('of an older message say that one was missed: a new snapshot comes over the same watch', async () => {
    const { daemon, call } = setUp(statusOf(1))
    const { messages, ack, passes, seen } = await watch(call, { acks: false })
    await ack(0)
    daemon.report(progress(1, 5))
    await passes()
    messages.length = 0
    await ack(0)
    daemon.report(progress(1, 6))
    await passes()
    expect(messages.map(([kind, sequence]) => [kind, sequence])).toEqual([[0, 2]])
    await ack(2)
    expect(seen()).toEqual(daemon.status)
  })

  test('that come twice change nothing', async () => {
    const { daemon, call } = setUp()
    const { messages, ack, passes } = await watch(call, { acks: false })
    await ack(0)
    await ack(0)
    await ack(-1)
    expect(messages).toHaveLength(1)
    daemon.report({ connection: { state: 'connecting' } })
    await passes()
    expect(messages).toHaveLength(2)
  })

  test('of what was never sent, and from another document, are refused and free nothing', async () => {
    const { daemon, router, call } = setUp()
    const other = openDocument(router, 'inspector')
    const { messages, passes } = await watch(call, { acks: false })
    daemon.report({ connection: { state: 'connecting' } })
    const refused = async (attempt: Promise<unknown>) =>
      describeError(await attempt.catch((error: unknown) => error)).info.code
    expect(await refused(call.status.ack({ watchId: 'w', sequence: 1 }))).toBe('unknown_message')
    expect(await refused(other.status.ack({ watchId: 'w', sequence: 0 }))).toBe('unknown_watch')
    expect(await refused(call.status.ack({ watchId: 'x', sequence: 0 }))).toBe('unknown_watch')
    await passes(100)
    expect(messages).toHaveLength(1)
  })

  test('a second watch of the same id is refused, and the first goes on', async () => {
    const { daemon, call } = setUp()
    const { messages, passes } = await watch(call)
    const second = await watch(call)
    expect(describeError(second.errors[0]).info.code).toBe('watch_exists')
    second.stop()
    daemon.report({ connection: { state: 'connecting' } })
    await passes()
    expect(messages).toHaveLength(2)
  })
})

describe('scopes', () => {
  const line: StatusDelta = {
    ...progress(1, 1),
    downloading: { total: 10, downloaded: 1, byPriority: [] },
  }

  test('summary: never a stream', async () => {
    const { daemon, call } = setUp(statusOf(1, 2))
    const { messages, seen, passes } = await watch(call, { scope: 'summary' })
    daemon.report(progress(1, 1))
    await passes()
    expect(messages).toHaveLength(1)
    daemon.report(line)
    await passes()
    expect(seen()).toEqual({ ...daemon.status, streams: new Map() })
  })

  test('held: a data line of a stream that others hold sends nothing at all', async () => {
    const { daemon, call } = setUp(statusOf(1, 2))
    await collect(call.streams.hold({ name: 'lists', params: { list: 'list-2' } }))
    const { messages, seen, passes } = await watch(call, { scope: 'held' })
    daemon.report(line)
    await passes()
    expect(messages).toHaveLength(1)
    daemon.report(progress(2, 3))
    await passes()
    expect([...seen().streams.values()]).toEqual([daemon.status.streams.get(2)])
  })

  test('held: widens with each hold, known stream or not yet, and narrows with the last release', async () => {
    const { daemon, call } = setUp(statusOf(1))
    const { seen, passes } = await watch(call, { scope: 'held' })
    const ids = async () => {
      await passes()
      return [...seen().streams.keys()]
    }
    expect(await ids()).toEqual([])
    const first = await collect(call.streams.hold({ name: 'lists', params: { list: 'list-1' } }))
    const again = await collect(call.streams.hold({ name: 'lists', params: { list: 'list-1' }, ttl: 5 }))
    expect(await ids()).toEqual([1])
    await collect(call.streams.hold({ name: 'lists', params: { list: 'late' } }))
    expect(await ids()).toEqual([1])
    daemon.report({ streams: new Map([[7, stream(7, 'late')]]) })
    expect(await ids()).toEqual([1, 7])
    first.stop()
    expect(await ids()).toEqual([1, 7])
    again.stop()
    expect(await ids()).toEqual([7])
    daemon.report(progress(1, 9))
    expect(await ids()).toEqual([7])
    daemon.report({ streams: new Map([[7, null]]) })
    expect(await ids()).toEqual([])
    daemon.report({ streams: new Map([[9, stream(9, 'late')]]) })
    expect(await ids()).toEqual([9])
  })

  test('held: an id that names another stream is no longer seen', async () => {
    const { daemon, call } = setUp(statusOf(1))
    await collect(call.streams.hold({ name: 'lists', params: { list: 'list-1' } }))
    const { seen, passes } = await watch(call, { scope: 'held' })
    daemon.report({ streams: new Map([[1, stream(1, 'another')]]) })
    await passes()
    expect(seen().streams.size).toBe(0)
  })

  test.each(['summary', 'held', 'all'] as const)(
    'over seeded chance, with slow and deaf readers, the document ends with what is in scope: %s',
    async (scope) => {
      for (let seed = 0; seed < 40; seed++) {
        const random = new RandomStatus(seed)
        const { chance } = random
        const { daemon, call } = setUp(random.status(6))
        const held = [...daemon.status.streams.values()].filter(() => chance.chance(0.5))
        for (const { name, params } of held) await collect(call.streams.hold({ name: name || 'x', params }))
        const { messages, ack, seen, passes, stop } = await watch(call, { scope, acks: false })
        let taken = -1
        for (let step = 0; step < 60; step++) {
          daemon.report(random.delta(daemon.status))
          await passes(chance.below(20))
          // Now and then a message is lost on its way.
          if (chance.chance(0.1) && messages.length > 1 && messages.at(-1)![1] > taken) messages.pop()
          if (chance.chance(0.4)) await ack((taken = messages.at(-1)?.[1] ?? -1))
        }
        while ((messages.at(-1)?.[1] ?? -1) !== taken || taken === -1) {
          await ack((taken = messages.at(-1)?.[1] ?? -1))
          await passes()
        }
        await ack(taken)
        await passes()
        await ack(messages.at(-1)![1])
        await passes()
        const keys = new Set(held.map(({ name, params }) => JSON.stringify([name || 'x', params])))
        const isHeld = (id: number) => {
          const { name, params } = daemon.status.streams.get(id)!
          return keys.has(JSON.stringify([name, params]))
        }
        expect(seen(), `seed ${seed}`).toEqual(statusInScope(daemon.status, scope, isHeld))
        stop()
      }
    },
  )
})

describe('a document that never reads', () => {
  test('has one message in flight and one merged delta, and the others get theirs', async () => {
    const { daemon, router } = setUp(statusOf(1))
    const deaf = await watch(openDocument(router), { acks: false })
    const hearing = await watch(openDocument(router))
    for (let i = 0; i < 1000; i++) {
      daemon.report(progress(1, i))
      await hearing.passes(16)
    }
    expect([deaf.messages.length, hearing.messages.length]).toEqual([1, 1001])
    await deaf.ack(0)
    expect(deaf.messages).toHaveLength(2)
    expect(deaf.seen()).toEqual(daemon.status)
  })

  test('gets a snapshot where streams that came and went would make the delta larger', async () => {
    const { daemon, call } = setUp()
    const { messages, ack, seen, passes } = await watch(call, { acks: false })
    await ack(0)
    daemon.report({ connection: { state: 'connecting' } })
    await passes()
    for (let id = 1; id <= 1000; id++) {
      daemon.report({ streams: new Map([[id, stream(id)]]) })
      if (id > 3) daemon.report({ streams: new Map([[id - 3, null]]) })
    }
    await ack(1)
    await passes()
    expect(messages.map(([kind]) => kind)).toEqual([0, 1, 0])
    expect(seen()).toEqual(daemon.status)
  })

  test('100,000 deltas of 2,000 streams grow the host by less than 8 MB', async () => {
    vi.useRealTimers()
    const ids = Array.from({ length: 2000 }, (_, i) => i + 1)
    let status = statusOf(...ids)
    const listeners = new Set<(delta: StatusDelta, status: Status) => void>()
    const daemon = {
      ...fakeDaemon(),
      get status() {
        return status
      },
      onStatus: (listener: (delta: StatusDelta, status: Status) => void) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    }
    const router = createRouter({ daemon })
    const sent: number[] = []
    const stops = await Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const { messages, stop } = await collect<WireMessage>(
          openDocument(router).status.watch({ watchId: 'w' }),
        )
        return () => (sent.push(messages.length), stop(), i)
      }),
    )
    const before = memory()
    for (let i = 0; i < 100_000; i++) {
      const delta = progress(ids[(i * 7919) % ids.length]!, i)
      // The daemon's own copy of 2,000 streams a delta is not what is measured here.
      if (i % 1000 === 0) status = applyDelta(status, delta)
      for (const listener of listeners) listener(delta, status)
    }
    // Four documents that never read, each at most 8 MB.
    expect(memory() - before).toBeLessThan(4 * 8 * 1024 * 1024)
    for (const stop of stops) stop()
    expect(sent).toEqual([1, 1, 1, 1])
  })
})

/** Bytes in use after a full collection. */
function memory(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

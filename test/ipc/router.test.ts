import { TRPCError } from '@trpc/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DaemonError } from '../../src/daemon/daemon.ts'
import { describeError } from '../../src/ipc/error.ts'
import { createRouter, type DemoControl } from '../../src/ipc/router.ts'
import type { TablesMessage } from '../../src/ipc/watch-tables.ts'
import { collect } from './collect.ts'
import { fakeDaemon } from './fake-daemon.ts'

const context = { window: { id: 'd1', name: 'main 1', role: 'app' as const } }
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp(daemon = fakeDaemon(), demo?: DemoControl) {
  const onUnexpected = vi.fn()
  const router = createRouter({ daemon, onUnexpected, ...(demo && { demo }) })
  return { daemon, onUnexpected, call: router.createCaller(context) }
}

test('tables.watch names each changed table once a message', async () => {
  const { daemon, call } = setUp()
  const { messages, stop } = await collect<TablesMessage>(
    call.tables.watch({ watchId: 'w' }),
    ([sequence]) => void call.tables.ack({ watchId: 'w', sequence }),
  )
  daemon.changeTables(['issues'])
  daemon.changeTables(['issues', 'people'])
  daemon.changeTables(['people'])
  await vi.advanceTimersByTimeAsync(16)
  expect(messages).toEqual([
    [0, ['issues']],
    [1, ['issues', 'people']],
  ])
  stop()
  expect([daemon.listeners, vi.getTimerCount()]).toEqual([0, 0])
})

test('tables.watch tells a document that missed a message that any table may have changed', async () => {
  const { daemon, call } = setUp()
  const { messages, stop } = await collect<TablesMessage>(call.tables.watch({ watchId: 'w' }))
  daemon.changeTables(['issues'])
  daemon.changeTables(['people'])
  await vi.advanceTimersByTimeAsync(100)
  expect(messages).toEqual([[0, ['issues']]])
  await call.tables.ack({ watchId: 'w', sequence: -1 })
  expect(messages[1]).toEqual([1, null])
  stop()
})

describe('streams.hold', () => {
  test('holds as long as it lives, under the window’s name, with TTL and priority', async () => {
    const { daemon, call } = setUp()
    const { messages, stop } = await collect(
      call.streams.hold({ name: 'lists', params: { b: 1, a: 2 }, ttl: 'never', priority: 0 }),
    )
    await vi.advanceTimersByTimeAsync(0)
    expect(messages).toEqual([{ state: 'held' }])
    expect(daemon.holds).toEqual(['main 1 lists {"a":2,"b":1}'])
    expect(daemon.holdOptions).toEqual([{ holder: 'main 1', ttl: Infinity, priority: 0 }])
    stop()
    expect(daemon.holds).toEqual([])
  })

  test('is refused with the daemon’s reason, and is then over', async () => {
    const { call, onUnexpected } = setUp()
    const { messages, isCompleted } = await collect(
      call.streams.hold({ name: 'lists', params: null, ttl: -1 }),
    )
    await vi.advanceTimersByTimeAsync(0)
    expect(messages).toEqual([
      { state: 'refused', error: { code: 'invalid_ttl', message: expect.any(String) } },
    ])
    expect(isCompleted()).toBe(true)
    expect(onUnexpected).not.toHaveBeenCalled()
  })

  test('tells the window when others drop the hold, and is then over; it is no longer in scope', async () => {
    const { daemon, call } = setUp()
    const { messages, isCompleted, stop } = await collect(call.streams.hold({ name: 'lists', params: null }))
    await vi.advanceTimersByTimeAsync(0)
    daemon.endHolds(new DaemonError('unsubscribed', 'Somebody dropped all holds.'))
    expect(messages).toEqual([
      { state: 'held' },
      { state: 'ended', error: { code: 'unsubscribed', message: 'Somebody dropped all holds.' } },
    ])
    expect(isCompleted()).toBe(true)
    stop()
    const again = await collect(call.streams.hold({ name: 'lists', params: null }))
    await vi.advanceTimersByTimeAsync(0)
    again.stop()
    expect([again.messages, again.isCompleted(), daemon.holds]).toEqual([[{ state: 'held' }], false, []])
  })

  test('a hold that ends before it is granted is given back when it is', async () => {
    const granted = Promise.withResolvers<void>()
    const { daemon, call } = setUp(fakeDaemon({ beforeHold: () => granted.promise }))
    const { messages, stop } = await collect(call.streams.hold({ name: 'lists', params: null }))
    stop()
    granted.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect([messages, daemon.holds]).toEqual([[], []])
  })
})

test('queries.run passes SQL values both ways', async () => {
  const params = { id: 2n ** 60n, blob: new Uint8Array([1]), none: null, far: Infinity, text: 'x' }
  const query = vi.fn(() => ({ rows: [{ id: 1n }], tables: ['issues'] }))
  const { call } = setUp(fakeDaemon({ query }))
  expect(await call.queries.run({ name: 'all', params })).toEqual({ rows: [{ id: 1n }], tables: ['issues'] })
  expect(query).toHaveBeenCalledWith('all', params)
})

test('sync.connect and sync.disconnect reach the daemon', async () => {
  const { daemon, call } = setUp()
  await call.sync.connect()
  await call.sync.disconnect()
  expect(daemon.calls).toEqual(['connect', 'disconnect'])
})

test('demo.setPaused works where the host runs the demo, and is refused elsewhere', async () => {
  const demo = { paused: false, setPaused: (paused: boolean) => void (demo.paused = paused) }
  const { call } = setUp(fakeDaemon(), demo)
  await call.demo.setPaused({ paused: true })
  expect(await call.demo.state()).toEqual({ available: true, paused: true })

  const without = setUp()
  expect(await without.call.demo.state()).toEqual({ available: false, paused: false })
  await expect(without.call.demo.setPaused({ paused: true })).rejects.toMatchObject({
    cause: { code: 'demo_unavailable' },
  })
})

describe('errors', () => {
  test('about the call keep their code and their sentence', () => {
    expect(describeError(new DaemonError('unknown_query', 'There is no query x.'))).toEqual({
      trpc: 'NOT_FOUND',
      info: { code: 'unknown_query', message: 'There is no query x.' },
      unexpected: false,
    })
  })

  test('of the database keep their code only', () => {
    const { info, unexpected } = describeError(
      new DaemonError('database_failed', 'cannot open /home/ada/app.db'),
    )
    expect([info.code, info.message.includes('/'), unexpected]).toEqual(['database_failed', false, true])
  })

  test('that nobody expected say nothing, however they are wrapped', () => {
    const secret = new Error('token abc at /home/ada/app.db')
    const wrapped = new TRPCError({
      code: 'INTERNAL_SERVER_ERROR',
      cause: new TRPCError({ code: 'FORBIDDEN', cause: secret }),
    })
    for (const error of [secret, wrapped, 'token abc', null]) {
      const described = describeError(error)
      expect([described.info.code, described.unexpected]).toEqual(['internal', true])
      expect(JSON.stringify(described)).not.toMatch(/abc|ada/)
    }
  })

  test('in inputs name the field, not the value', async () => {
    const { call } = setUp()
    const error: unknown = await call.queries
      .run({ name: 'x', params: { a: ['secret'] as never } })
      .catch((e: unknown) => e)
    expect(describeError(error).info).toEqual({
      code: 'bad_input',
      message: `The input's field "params.a" is not valid.`,
    })
  })
})

describe('what a window sends is bounded', () => {
  const nested = (levels: number): object => (levels === 1 ? { a: 1 } : { a: nested(levels - 1) })
  const tooMuch: [string, object][] = [
    ['17 levels', nested(17)],
    ['5,000 levels', nested(5000)],
    ['more than 4 KiB', { a: 'é'.repeat(2048) }],
  ]
  test.each(tooMuch)(
    'parameters of a stream with %s are refused, and nothing is held',
    async (_name, params) => {
      const { daemon, call } = setUp()
      const { messages } = await collect(call.streams.hold({ name: 'lists', params: params as never }))
      await vi.advanceTimersByTimeAsync(0)
      expect(messages).toMatchObject([{ state: 'refused', error: { code: 'invalid_params' } }])
      expect(daemon.holds).toEqual([])
    },
  )

  test('parameters of a stream up to the bounds are held', async () => {
    const { daemon, call } = setUp()
    for (const params of [nested(16), { a: 'x'.repeat(4096 - '{"a":""}'.length) }]) {
      const { stop } = await collect(call.streams.hold({ name: 'lists', params: params as never }))
      await vi.advanceTimersByTimeAsync(0)
      expect(daemon.holds).toHaveLength(1)
      stop()
    }
  })

  test.each([['text', 'x'.repeat(262_145)] as const, ['bytes', new Uint8Array(262_145)] as const])(
    'a parameter of a query that is too long is refused: %s',
    async (_name, a) => {
      const query = vi.fn(() => ({ rows: [], tables: [] }))
      const { call } = setUp(fakeDaemon({ query }))
      const error: unknown = await call.queries.run({ name: 'x', params: { a } }).catch((e: unknown) => e)
      expect([describeError(error).info.code, query.mock.calls]).toEqual(['bad_input', []])
    },
  )
})

describe('a subscription that cannot go on', () => {
  test('ends with its error when a message cannot be sent; who told it and the others go on', async () => {
    const daemon = fakeDaemon()
    const { call } = setUp(daemon)
    const errors: unknown[] = []
    const failed = new Error('cannot be sent')
    const next = () => {
      throw failed
    }
    const deaf = { next, error: (error: unknown) => errors.push(error) }
    ;(await call.tables.watch({ watchId: 'bad' })).subscribe(deaf)
    const good = await collect<TablesMessage>(call.tables.watch({ watchId: 'good' }))
    daemon.changeTables(['issues'])
    expect([errors, good.messages, daemon.listeners]).toEqual([[failed], [[0, ['issues']]], 1])
    good.stop()
    expect([daemon.listeners, vi.getTimerCount()]).toEqual([0, 0])
  })

  test('is undone when it cannot start: no listener, no timer, and its id is free', async () => {
    let fails = true
    const whole = fakeDaemon()
    const daemon = Object.create(whole, {
      status: {
        get: () => {
          if (fails) throw new Error('no status')
          return whole.status
        },
      },
    }) as typeof whole
    const router = createRouter({ daemon, maxSubscriptions: 1 })
    const call = router.createCaller(context)
    const first = await collect(call.status.watch({ watchId: 'w' }))
    expect(first.errors).toEqual([new Error('no status')])
    expect([whole.listeners, vi.getTimerCount()]).toEqual([0, 0])
    fails = false
    const second = await collect(call.status.watch({ watchId: 'w' }))
    expect([second.messages.length, second.errors]).toEqual([1, []])
    second.stop()
    expect([whole.listeners, vi.getTimerCount()]).toEqual([0, 0])
  })
})

import { initTRPC } from '@trpc/server'
import { observable, type Observer } from '@trpc/server/observable'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SqlResult } from '../../src/daemon/daemon.ts'
import { createGuard, type Guard, type MessageEvent } from '../../src/ipc/guard.ts'
import type { MeterMessage } from '../../src/ipc/meter.ts'
import { createRouter } from '../../src/ipc/router.ts'
import { fakeDaemon, type FakeDaemon } from './fake-daemon.ts'
import { Random } from '../sync/random.ts'
import { FakePage, ipcMain, loadElectronTrpc, ORIGIN, settled } from './fake-electron.ts'

const createIPCHandler = await loadElectronTrpc()
const hold = (stream: string) => ({ name: stream, params: null })
const held = { state: 'held' }
const dropped = {
  code: 'INTERNAL_SERVER_ERROR',
  error: expect.objectContaining({ code: 'subscription_dropped' }),
}

let daemon: FakeDaemon
let guard: Guard
let page: FakePage
const rejections: unknown[] = []
const noteRejection = (reason: unknown) => void rejections.push(reason)

beforeEach(() => {
  process.on('unhandledRejection', noteRejection)
  daemon = fakeDaemon()
  guard = createGuard({
    ipcMain,
    createIPCHandler,
    router: createRouter({ daemon, maxSubscriptions: 20 }),
    origin: ORIGIN,
  })
  page = new FakePage()
  guard.register(page, { name: 'main 1', role: 'app' })
})

afterEach(async () => {
  guard.close()
  await settled()
  process.off('unhandledRejection', noteRejection)
  expect(rejections.splice(0)).toEqual([])
  expect(ipcMain.listenerCount('electron-trpc')).toBe(0)
  expect([daemon.holds, daemon.listeners]).toEqual([[], 0])
})

/** A live hold on a stream, with its request's id. */
async function startHold(stream: string, from = page): Promise<number> {
  const id = from.request('subscription', 'streams.hold', hold(stream))
  await settled()
  expect(from.to(id).at(-1)).toEqual(held)
  return id
}

describe('who is served', () => {
  test('the main frame of a registered window, as the window that it is', async () => {
    await startHold('lists')
    expect(daemon.holds).toEqual(['main 1 lists {}'])
  })

  const refused: [string, () => void][] = [
    ['a page that is not registered', () => new FakePage().request('mutation', 'sync.connect')],
    ['a subframe', () => page.send(call(), { processId: 7, routingId: 2, origin: ORIGIN })],
    ['a frame of another process', () => page.send(call(), { processId: 8, routingId: 1, origin: ORIGIN })],
    ['a frame that is gone', () => page.send(call(), null)],
    [
      'another origin',
      () => ((page.mainFrame = { ...page.mainFrame, origin: 'https://evil.example' }), page.send(call())),
    ],
    [
      'an origin that begins like ours',
      () => ((page.mainFrame = { ...page.mainFrame, origin: `${ORIGIN}.evil` }), page.send(call())),
    ],
    ['an opaque origin', () => ((page.mainFrame = { ...page.mainFrame, origin: 'null' }), page.send(call()))],
    ['a destroyed page', () => (page.destroy(), page.send(call()))],
  ]
  test.each(refused)('not %s', async (_name, send) => {
    send()
    await settled()
    expect([daemon.calls, page.answers, guard.ignored]).toEqual([[], [], 1])
  })

  function call() {
    return { method: 'request', operation: { id: 1, type: 'mutation', path: 'sync.connect' } }
  }
})

test('a frame that goes while its message is on the way is not served', async () => {
  Object.defineProperty(page, 'mainFrame', {
    get: () => {
      throw new Error('Render frame was disposed before WebFrameMain could be accessed')
    },
  })
  page.send(
    { method: 'request', operation: { id: 1, type: 'mutation', path: 'sync.connect' } },
    { processId: 7, routingId: 1, origin: ORIGIN },
  )
  page.emit('did-fail-load')
  await settled()
  expect([daemon.calls, page.answers, guard.ignored]).toEqual([[], [], 1])
})

test('a window is registered once: again as the same changes nothing, as another throws', async () => {
  await startHold('lists')
  guard.register(page, { name: 'main 1', role: 'app' })
  expect(() => guard.register(page, { name: 'main 1', role: 'inspector' })).toThrow(TypeError)
  expect(() => guard.register(page, { name: 'main 2', role: 'app' })).toThrow(TypeError)
  expect([daemon.holds, guard.live]).toEqual([['main 1 lists {}'], 1])
})

test('each answer goes to the frame that asked, not to the first of its document', async () => {
  const replies: string[] = []
  const ask = (frame: string, id: number) => {
    const event: MessageEvent = {
      sender: page,
      senderFrame: page.mainFrame,
      reply: (_channel, answer) => replies.push(`${frame} ${(answer as { id: number }).id}`),
    }
    const operation = { id, type: 'query', path: 'demo.state' }
    ipcMain.emit('electron-trpc', event, { method: 'request', operation })
  }
  ask('old', 1)
  await settled()
  page.startNavigation()
  ask('new', 2)
  await settled()
  expect(replies).toEqual(['old 1', 'new 2'])
})

describe('malformed messages', () => {
  const malformed: unknown[] = [
    undefined,
    null,
    0,
    'request',
    [],
    {},
    { method: 'request' },
    { method: 'request', operation: null },
    { method: 'request', operation: { id: '1', type: 'query', path: 'demo.state' } },
    { method: 'request', operation: { id: 1.5, type: 'query', path: 'demo.state' } },
    { method: 'request', operation: { id: 1, type: 'toString', path: 'demo.state' } },
    { method: 'request', operation: { id: 1, type: 'query', path: ['demo', 'state'] } },
    { method: 'subscription.stop' },
    { method: 'subscription.stop', id: '1' },
    { method: 'other', id: 1 },
  ]
  test.each(malformed.map((message) => [JSON.stringify(message), message]))(
    'are ignored and counted: %s',
    async (_text, message) => {
      page.send(message)
      await settled()
      expect([page.answers, guard.ignored]).toEqual([[], 1])
    },
  )

  test('a stop for something that does not live does nothing', async () => {
    page.stop(99)
    await settled()
    expect(page.answers).toEqual([])
  })

  const unreadable: [string, string, unknown][] = [
    ['an unknown procedure', 'nothing.here', {}],
    ['a path into the prototype', 'constructor', {}],
    ['an input of the wrong form', 'queries.run', { name: 1 }],
    ['an input that no codec reads', 'queries.run', { $: 'bigint', v: 'x' }],
    ['an input that is nested too deeply', 'queries.run', nested(1000)],
    ['no input', 'queries.run', undefined],
  ]
  test.each(unreadable)('%s gets an error', async (_name, path, input) => {
    const id = page.request('query', path, input)
    await settled()
    expect(page.to(id)).toEqual([
      {
        code: expect.stringMatching(/^(NOT_FOUND|BAD_REQUEST)$/),
        error: { code: expect.any(String), message: expect.any(String) },
      },
    ])
  })

  test('10,000 forged messages change nothing', async () => {
    for (let i = 0; i < 10_000; i++) {
      const message = malformed[i % malformed.length]
      if (i % 2 === 0) page.send(message)
      else new FakePage().request('subscription', 'streams.hold', hold('lists'))
    }
    await settled()
    expect([guard.ignored, guard.live, daemon.holds, page.answers]).toEqual([10_000, 0, [], []])
  })
})

describe('ids', () => {
  test('an id that lives is refused, and the first subscription goes on', async () => {
    const id = await startHold('lists')
    page.request('subscription', 'streams.hold', hold('other'), id)
    page.request('query', 'demo.state', undefined, id)
    await settled()
    expect([page.to(id), daemon.holds, guard.ignored]).toEqual([[held], ['main 1 lists {}'], 2])
  })

  test('an id is not free while its subscription stops, so that nothing is left behind', async () => {
    const id = await startHold('lists')
    page.stop(id)
    page.request('subscription', 'streams.hold', hold('other'), id)
    await settled()
    expect([daemon.holds, guard.ignored]).toEqual([[], 1])
  })

  test('a stop in the same tick as its subscription stops it, even one that never says anything', async () => {
    const id = page.request('subscription', 'tables.watch', { watchId: 'w' })
    page.stop(id)
    await settled()
    expect([daemon.listeners, guard.live]).toEqual([0, 0])
  })

  test('frames 1 and 10 of one process are told apart', async () => {
    const other = new FakePage({ routingId: 10 })
    guard.register(other, { name: 'main 10', role: 'app' })
    await startHold('lists')
    await startHold('lists', other)
    page.destroy()
    await settled()
    expect(daemon.holds).toEqual(['main 10 lists {}'])
    other.destroy()
  })

  test('a document cannot have more subscriptions than the limit, and stopping one makes room', async () => {
    const ids = Array.from({ length: 21 }, (_, i) =>
      page.request('subscription', 'tables.watch', { watchId: `w${i}` }),
    )
    await settled()
    const refusal = {
      code: 'TOO_MANY_REQUESTS',
      error: expect.objectContaining({ code: 'too_many_subscriptions' }),
    }
    expect(page.to(ids[20]!)).toEqual([refusal])
    expect(guard.live).toBe(20)
    page.stop(ids[0]!)
    await settled()
    await startHold('lists')
  })
})

test('10,000 forged or malformed messages: none is executed, none rejects, what lives goes on', async () => {
  const id = await startHold('lists')
  const chance = new Random(4)
  const stranger = new FakePage({ routingId: 99 })
  const oddities = [undefined, null, 0, -1, 1.5, 2 ** 60, '', '1', 'status.watch', [], {}, true, NaN, 7n]
  const odd = () => chance.pick<unknown>([...oddities, nested(chance.below(200))])
  const paths = [
    'sync.connect',
    'sync.disconnect',
    'demo.setPaused',
    '__proto__',
    'inspect.buckets',
    'a.b',
    '',
  ]
  const operation = () => ({
    id: chance.pick([odd(), chance.below(1000)]),
    type: chance.pick([odd(), 'query', 'subscription', 'toString']),
    path: chance.pick([odd(), ...paths]),
    input: odd(),
  })
  for (let i = 0; i < 10_000; i++) {
    const message = chance.pick<unknown>([
      odd(),
      { method: odd() },
      { method: 'subscription.stop', id: chance.pick([odd(), 10_000 + chance.below(100)]) },
      { method: 'request', operation: chance.pick([odd(), operation(), operation()]) },
    ])
    if (chance.chance(0.3)) stranger.send(message)
    else if (chance.chance(0.2)) page.send(message, { processId: 7, routingId: 2, origin: ORIGIN })
    else page.send(message)
    if (i % 500 === 0) await settled()
  }
  await settled()
  expect([daemon.calls, stranger.answers]).toEqual([[], []])
  expect(daemon.holds).toEqual(['main 1 lists {}'])
  expect(page.to(id)).toEqual([held])
  expect(await startHold('todos')).toBeGreaterThan(0)
})

describe('documents end', () => {
  test('when a navigation commits: the holds go, and the next document starts afresh', async () => {
    const id = await startHold('lists')
    page.startNavigation()
    await settled()
    expect(daemon.holds).toEqual(['main 1 lists {}'])
    page.commit({ routingId: 3 })
    await settled()
    expect([daemon.holds, page.to(id)]).toEqual([[], [held]])
    await startHold('todos')
    expect(daemon.holds).toEqual(['main 1 todos {}'])
  })

  test('when its renderer crashes or its window is destroyed, and nothing is sent to it any more', async () => {
    await startHold('lists')
    page.crash()
    await settled()
    expect([daemon.holds, guard.live]).toEqual([[], 0])
    await startHold('lists')
    page.destroy()
    await settled()
    const { length } = page.answers
    daemon.report({ downloadError: null })
    expect([daemon.holds, page.answers.length]).toEqual([[], length])
  })

  test('and the reads go that it waited for; one that the next document may wait for is answered', async () => {
    const running = new Map<string, { readonly signal: AbortSignal; readonly answer: () => void }>()
    daemon.windowSql.query = (sql, _params, { signal } = {}) => {
      const { promise, resolve } = Promise.withResolvers<SqlResult>()
      running.set(sql, { signal: signal!, answer: () => resolve({ columns: [], rows: [], tables: [] }) })
      return promise
    }
    page.request('query', 'sql.query', { sql: 'old' })
    page.request('query', 'sql.query', { sql: 'old and named', queryId: 'q' })
    page.startNavigation()
    const next = page.request('query', 'sql.query', { sql: 'new' })
    await settled()
    page.commit({ routingId: 3 })
    expect([...running].map(([sql, { signal }]) => [sql, signal.aborted])).toEqual([
      ['old', true],
      ['old and named', true],
      ['new', false],
    ])
    for (const { answer } of running.values()) answer()
    await settled()
    expect(page.answers.map(({ id }) => id)).toEqual([next])
  })

  test('when an error page takes its place, which commits without did-navigate', async () => {
    await startHold('lists')
    page.startNavigation()
    page.mainFrame = { ...page.mainFrame, origin: 'null' }
    page.emit('did-fail-load')
    await settled()
    expect(daemon.holds).toEqual([])
  })

  const kept: [string, () => void][] = [
    ['a download link, a 204 answer or a cancelled navigation', () => page.startNavigation()],
    [
      'an in-page navigation',
      () => (page.startNavigation({ isSameDocument: true }), page.emit('did-navigate-in-page')),
    ],
    [
      'the navigation of a subframe',
      () => (page.startNavigation({ isMainFrame: false }), page.emit('did-frame-navigate')),
    ],
    [
      'a load that fails while the document stays',
      () => (page.startNavigation(), page.emit('did-fail-load')),
    ],
  ]
  test.each(kept)('not by %s: every subscription goes on', async (_name, happen) => {
    const id = page.request('subscription', 'status.watch', { watchId: 'w' })
    await startHold('lists')
    page.request('mutation', 'status.ack', { watchId: 'w', sequence: 0 })
    await settled()
    happen()
    daemon.report({ connection: { state: 'connecting' } })
    await vi.waitFor(() => expect(page.to(id)).toHaveLength(2))
    expect([daemon.holds, guard.live]).toEqual([['main 1 lists {}'], 2])
  })

  test('a subscription that came between start and commit may be the new document’s: it gets an error', async () => {
    const old = await startHold('lists')
    page.startNavigation()
    const early = page.request('subscription', 'streams.hold', hold('todos'))
    await settled()
    page.commit()
    await settled()
    expect([page.to(old), page.to(early)]).toEqual([[held], [held, dropped]])
    expect(daemon.holds).toEqual([])
  })

  test('a query that came between start and commit is answered', async () => {
    page.startNavigation()
    const early = page.request('query', 'demo.state')
    page.commit()
    await settled()
    expect(page.to(early)).toEqual([{ available: false, paused: false }])
  })

  test('after a download, the next navigation disturbs no new document with errors for old ids', async () => {
    page.startNavigation()
    const old = await startHold('lists')
    page.startNavigation()
    page.commit()
    await settled()
    expect(page.to(old)).toEqual([held])
  })

  test('a hold that is granted after its document went is given back', async () => {
    const granted = Promise.withResolvers<void>()
    daemon = fakeDaemon({ beforeHold: () => granted.promise })
    guard.close()
    guard = createGuard({ ipcMain, createIPCHandler, router: createRouter({ daemon }), origin: ORIGIN })
    guard.register(page, { name: 'main 1', role: 'app' })
    page.request('subscription', 'streams.hold', hold('lists'))
    await settled()
    page.startNavigation()
    page.commit()
    await settled()
    granted.resolve()
    await settled()
    expect(daemon.holds).toEqual([])
  })
})

test('a guard that closes tells its living subscriptions, listens to no page, and serves nobody after', async () => {
  const id = await startHold('lists')
  guard.close()
  expect(page.eventNames()).toEqual([])
  await settled()
  expect([page.to(id), daemon.holds]).toEqual([[held, dropped], []])
  page.request('mutation', 'sync.connect')
  await settled()
  expect(daemon.calls).toEqual([])
})

test('a subscription that ends by itself leaves its id free and nothing in electron-trpc', async () => {
  const t = initTRPC.create()
  let emit: Observer<number, unknown> | undefined
  let stops = 0
  const router = t.router({
    count: t.procedure.subscription(() =>
      observable<number>((observer) => ((emit = observer), () => void stops++)),
    ),
  })
  guard.close()
  guard = createGuard({ ipcMain, createIPCHandler, router, origin: ORIGIN })
  guard.register(page, { name: 'main 1', role: 'app' })
  const id = page.request('subscription', 'count')
  await settled()
  emit?.next(1)
  emit?.complete()
  await settled()
  expect([page.to(id), stops, guard.live]).toEqual([[1, undefined], 1, 0])
  page.request('subscription', 'count', undefined, id)
  await settled()
  expect([guard.live, guard.ignored]).toEqual([1, 0])
})

test('a document that waits for 64 answers is refused more; its watches and other documents go on', async () => {
  const answered = Promise.withResolvers<void>()
  let asked = 0
  const slow = () => {
    asked++
    return answered.promise.then(() => ({ rows: [], tables: [] }))
  }
  daemon = fakeDaemon({ query: slow as never })
  guard.close()
  guard = createGuard({ ipcMain, createIPCHandler, router: createRouter({ daemon }), origin: ORIGIN })
  const other = new FakePage({ routingId: 2 })
  guard.register(page, { name: 'main 1', role: 'app' })
  guard.register(other, { name: 'main 2', role: 'app' })
  page.request('subscription', 'status.watch', { watchId: 'w' })
  await settled()
  const ids = Array.from({ length: 70 }, () => page.request('query', 'queries.run', { name: 'slow' }))
  other.request('query', 'queries.run', { name: 'slow' })
  const ack = page.request('mutation', 'status.ack', { watchId: 'w', sequence: 0 })
  await settled()
  const refused = ids.flatMap((id) => page.to(id))
  expect([asked, refused.length, page.to(ack)]).toEqual([65, 6, [undefined]])
  expect(refused[0]).toMatchObject({ error: { code: 'too_many_calls' } })
  answered.resolve()
  await settled()
  const again = page.request('query', 'demo.state')
  await settled()
  expect(page.to(again)).toEqual([{ available: false, paused: false }])
})

test('an answer that cannot be cloned becomes an error, so that the client does not wait for ever', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const t = initTRPC.create()
  const router = t.router({ bad: t.procedure.query(() => ({ call: () => undefined })) })
  guard.close()
  guard = createGuard({ ipcMain, createIPCHandler, router, origin: ORIGIN })
  guard.register(page, { name: 'main 1', role: 'app' })
  const id = page.request('query', 'bad')
  await settled()
  expect(page.to(id)).toEqual([
    { code: 'INTERNAL_SERVER_ERROR', error: expect.objectContaining({ code: 'internal' }) },
  ])
  expect(logged).toHaveBeenCalledOnce()
  logged.mockRestore()
})

test('1,000 windows that open, reload, crash and close in random order leave nothing behind', async () => {
  const chance = new Random(7)
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const timersBefore = timers()
  const open: FakePage[] = []
  const crashed: FakePage[] = []
  /** What had reached each page when it died: nothing may follow. */
  const dead = new Map<FakePage, number>()
  const subscribe = (window: FakePage) => {
    window.request('subscription', 'status.watch', { watchId: 's', scope: chance.pick(['held', 'all']) })
    window.request('subscription', 'tables.watch', { watchId: 't' })
    for (let i = 0; i < 3; i++) window.request('subscription', 'streams.hold', hold(`stream ${i}`))
  }
  const end = (window: FakePage) => {
    open.splice(open.indexOf(window), 1)
    if (chance.chance(0.5)) {
      window.crash()
      crashed.push(window)
    } else {
      window.destroy()
    }
    dead.set(window, window.answers.length)
  }
  for (let opened = 0; opened < 1000;) {
    if (chance.chance(0.5)) {
      const window = new FakePage({ routingId: ++opened + 1 })
      guard.register(window, { name: `main ${opened}`, role: 'app' })
      subscribe(window)
      open.push(window)
    } else if (open.length > 0) {
      const window = chance.pick(open)
      if (chance.chance(0.4)) {
        window.startNavigation()
        window.commit()
        subscribe(window)
      } else if (chance.chance(0.5)) {
        window.request('mutation', 'status.ack', { watchId: 's', sequence: 0 })
      } else {
        end(window)
      }
    }
    if (chance.chance(0.2)) await settled()
    daemon.report({ downloadError: { code: 'x', message: String(opened) } })
    daemon.changeTables(['issues'])
  }
  await settled()
  expect(daemon.holds).toHaveLength(open.length * 3)
  while (open.length > 0) end(open[0]!)
  await settled()
  daemon.report({ downloadError: null })
  await settled()
  expect([guard.live, daemon.holds, daemon.listeners]).toEqual([0, [], 0])
  // A crashed window is still a window, until it closes.
  expect(guard.windows).toBe(1 + crashed.length)
  for (const window of crashed) window.destroy()
  expect(guard.windows).toBe(1)
  const inspector = new FakePage({ routingId: 2000 })
  guard.register(inspector, { name: 'inspector', role: 'inspector' })
  const meter = inspector.request('subscription', 'inspect.meter', { watchId: 'm' })
  inspector.request('subscription', 'status.watch', { watchId: 's' })
  await settled()
  inspector.request('mutation', 'inspect.ack', { watchId: 'm', sequence: 0 })
  await vi.waitFor(() => expect(inspector.to(meter)).toHaveLength(2))
  const known = (inspector.to(meter) as MeterMessage[]).flatMap(({ rows }) => rows)
  expect(new Set(known.map(({ window }) => window))).toEqual(new Set(['inspector']))
  inspector.destroy()
  await settled()
  expect([...dead].filter(([window, count]) => window.answers.length !== count)).toEqual([])
  expect(timers()).toBeLessThanOrEqual(timersBefore)
})

function nested(depth: number): unknown {
  let value: unknown = {}
  for (let i = 0; i < depth; i++) value = { value }
  return value
}

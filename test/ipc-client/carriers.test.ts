/** One suite over both carriers: what a page sees is the same. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DaemonError, type SqlValue } from '../../src/daemon/daemon.ts'
import { failureOf } from '../../src/ipc/client/index.ts'
import type { MeterRow, Readable, StatusHeard } from '../../src/ipc/client/index.ts'
import { EMPTY_STATUS, type Status, type StreamStatus } from '../../src/status/status.ts'
import { fakeDaemon, type FakeDaemon } from '../ipc/fake-daemon.ts'
import { overElectron, overWebSocket, type Carrier, type Page } from './carriers.ts'

const stream = (id: number): StreamStatus => ({
  id,
  name: 'project_issues',
  params: { project: `p${id}` },
  priority: 2,
  active: true,
  isDefault: false,
  hasExplicitSubscription: true,
  expiresAt: null,
  lastSyncedAt: null,
  progress: null,
  error: null,
  holders: [],
})

const status: Status = {
  ...EMPTY_STATUS,
  connection: { state: 'connected' },
  streams: new Map([1, 2].map((id) => [id, stream(id)])),
}

/** Waits as long as it takes; the test's own limit ends it. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 25_000, interval: 5 })
const isOpen = ({ client }: Page) => client.link.getSnapshot() === 'open'

describe.each([
  ['Electron’s IPC', overElectron],
  ['a WebSocket', overWebSocket],
])('over %s', (_name, start) => {
  let daemon: FakeDaemon
  let carrier: Carrier
  const pages: Page[] = []

  let runs: number

  beforeEach(async () => {
    runs = 0
    daemon = fakeDaemon({
      status,
      query: (name, params) => {
        if (name === 'runs') return { rows: [{ runs: ++runs }], tables: ['issues'] }
        if (name === 'broken') throw new Error('cannot open /home/ada/app.db')
        if (name !== 'echo') throw new DaemonError('unknown_query', `There is no query named ${name}.`)
        return { rows: [params], tables: ['issues'] }
      },
      buckets: () => ({ rows: [], next: null, total: 0 }),
    })
    carrier = await start(daemon)
  })

  afterEach(async () => {
    for (const page of pages.splice(0)) await page.vanish()
    await until(() => daemon.holds.length + daemon.listeners === 0)
    await carrier.close()
  })

  async function open(...options: Parameters<Carrier['open']>): Promise<Page> {
    const page = await carrier.open(...options)
    pages.push(page)
    return page
  }

  const values: [string, SqlValue][] = [
    ['null', null],
    ['text', 'naïve \u{1F600} \u0000 "'],
    ['an integer', 2 ** 53 - 1],
    ['an integer beyond 2^53', 2n ** 63n - 1n],
    ['a negative one', -(2n ** 63n)],
    ['a fraction', 0.1],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['NaN', NaN],
    ['negative zero', -0],
    ['bytes', Uint8Array.from({ length: 70_000 }, (_, i) => i % 256)],
    ['no bytes', new Uint8Array()],
  ]
  test.each(values)('%s goes to the daemon and comes back exactly', async (_kind, value) => {
    const { client } = await open('app')
    const { rows, tables } = await client.runQuery('echo', { value })
    expect([rows[0]?.['value'], tables]).toStrictEqual([value, ['issues']])
  })

  test.each([
    ['a date', new Date(0)],
    ['true', true],
    ['a list', [1]],
    ['an object', { a: 1 }],
    ['a function', () => 1],
  ])('%s is no SQL value and is refused', async (_kind, value) => {
    const { client } = await open('app')
    await expect(
      (async () => await client.runQuery('echo', { value: value as never }))(),
    ).rejects.toBeDefined()
    expect((await client.runQuery('echo', { value: 1 })).rows).toEqual([{ value: 1 }])
  })

  test('errors are data: the code to decide by, and no secret', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { client } = await open('app')
    const failure = (call: Promise<unknown>) => call.then(() => null, failureOf)
    expect(await failure(client.runQuery('nothing'))).toEqual({
      code: 'unknown_query',
      message: 'There is no query named nothing.',
    })
    expect(await failure(client.runQuery('broken'))).toMatchObject({ code: 'internal' })
    expect(JSON.stringify(await failure(client.runQuery('broken')))).not.toContain('ada')
    expect(await failure(client.trpc.inspect.buckets.query({ sort: 'name' }))).toMatchObject({
      code: 'forbidden',
    })
    expect(await failure(client.trpc.queries.run.query({ name: '' }))).toMatchObject({ code: 'bad_input' })
    logged.mockRestore()
  })

  test('the status comes whole, then as deltas, the same for all pages', async () => {
    const [one, two] = [await open('app'), await open('app')]
    await until(() => isOpen(one) && isOpen(two))
    const heard: StatusHeard[] = []
    one.client.onStatusMessage((message) => heard.push(message))
    const before = one.client.status.getSnapshot()
    expect(before).toEqual(status)
    daemon.report({ streams: new Map([[2, { progress: { total: 9, downloaded: 4 } }]]) })
    await until(() => two.client.status.getSnapshot().streams.get(2)?.progress?.downloaded === 4)
    await until(() => heard.length === 1)
    expect(one.client.status.getSnapshot()).toEqual(daemon.status)
    expect(one.client.status.getSnapshot().streams.get(1)).toBe(before.streams.get(1))
    expect(heard[0]).toMatchObject({ sequence: 1, bytes: '[1,1,[3,[[2,9,[9,4]]]]]'.length })
  })

  test('a page that sees what it holds widens with its holds', async () => {
    const page = await open('app', { scope: 'held' })
    await until(() => isOpen(page))
    expect(page.client.status.getSnapshot().streams.size).toBe(0)
    const hold = page.client.holdStream({ name: 'project_issues', parameters: { project: 'p2' } })
    await until(() => page.client.status.getSnapshot().streams.has(2))
    expect([...page.client.status.getSnapshot().streams.values()]).toEqual([stream(2)])
    hold.release()
    await until(() => page.client.status.getSnapshot().streams.size === 0)
  })

  test('a page that sees the summary sees no stream', async () => {
    const page = await open('app', { scope: 'summary' })
    await until(() => isOpen(page))
    expect(page.client.status.getSnapshot()).toEqual({ ...status, streams: new Map() })
  })

  test('a hold begins, carries the window’s name, and ends with its signal, its release or its page', async () => {
    const page = await open('app')
    const stopping = new AbortController()
    page.client.holdStream({ name: 'a', ttl: Infinity }, { signal: stopping.signal })
    const released = page.client.holdStream({ name: 'b' })
    page.client.holdStream({ name: 'c' })
    await until(() => daemon.holds.length === 3)
    expect(daemon.holds[0]).toMatch(/^(window|tab) 1 a {}$/)
    expect(daemon.holdOptions[0]).toMatchObject({ ttl: Infinity })
    stopping.abort()
    released.release()
    await until(() => daemon.holds.length === 1)
    await page.vanish()
    await until(() => daemon.holds.length === 0)
  })

  test('a hold with a signal that has aborted throws its reason and holds nothing', async () => {
    const { client } = await open('app')
    const reason = new Error('not any more')
    expect(() => client.holdStream({ name: 'a' }, { signal: AbortSignal.abort(reason) })).toThrow(reason)
    expect(daemon.holds).toEqual([])
  })

  test('a hold that the daemon refuses says why', async () => {
    const { client } = await open('app')
    const hold = client.holdStream({ name: 'a', ttl: -1 })
    await until(() => hold.state.getSnapshot().state === 'refused')
    expect(hold.state.getSnapshot()).toMatchObject({ error: { code: 'invalid_ttl' } })
  })

  test('a hold that others drop is over, and says so; a new wish is a new hold', async () => {
    const { client } = await open('app')
    const hold = client.holdStream({ name: 'a' })
    await until(() => hold.state.getSnapshot().state === 'held')
    daemon.endHolds(new DaemonError('unsubscribed', 'Somebody dropped all holds.'))
    await until(() => hold.state.getSnapshot().state === 'ended')
    expect(hold.state.getSnapshot()).toMatchObject({ error: { code: 'unsubscribed' } })
    expect(daemon.holds).toEqual([])
    const again = client.holdStream({ name: 'a' })
    await until(() => again.state.getSnapshot().state === 'held')
    expect([hold.state.getSnapshot().state, daemon.holds.length]).toEqual(['ended', 1])
  })

  test('a window that nobody sits before holds and reads, and steers nothing', async () => {
    const { client } = await open('headless')
    const hold = client.holdStream({ name: 'a' })
    await until(() => hold.state.getSnapshot().state === 'held')
    expect(daemon.holds[0]).toMatch(/^(window|program) 1 a {}$/)
    expect((await client.runQuery('echo', { id: 1 })).rows).toEqual([{ id: 1 }])
    for (const steer of [client.trpc.sync.connect, client.trpc.sync.disconnect]) {
      const refused = await steer.mutate().then(() => null, failureOf)
      expect(refused?.code).toBe('forbidden')
    }
    expect(daemon.calls).toEqual([])
  })

  test('a page that may not watch what it asks for is told why', async () => {
    const { client } = await open('app')
    expect(client.refusal.getSnapshot()).toBeNull()
    const stop = client.watchLogs(() => {})
    await until(() => client.refusal.getSnapshot() !== null)
    expect(client.refusal.getSnapshot()).toMatchObject({ code: 'forbidden' })
    expect(client.link.getSnapshot()).not.toBe('refused')
    stop()
  })

  test('a query that is given up rejects, and runs for others', async () => {
    const { client } = await open('app')
    const stopping = new AbortController()
    const run = client.runQuery('echo', {}, { signal: stopping.signal })
    stopping.abort()
    await expect(run).rejects.toBeDefined()
    expect((await client.runQuery('echo', {})).rows).toEqual([{}])
  })

  test('a live query runs again when its tables change, on every page', async () => {
    const [one, two] = [await open('app'), await open('app')]
    const states = [one, two].map(({ client }) => client.liveQuery('runs'))
    const runsOf = () => states.map((state) => Number(state.getSnapshot().rows[0]?.['runs'] ?? 0))
    for (const state of states) state.subscribe(() => {})
    await until(() => runsOf().sort().join() === '1,2')
    daemon.changeTables(['comments'])
    daemon.changeTables(['issues', 'labels'])
    await until(() => runsOf().sort().join() === '3,4')
  })

  test('an inspector reads the log, the meter and buckets', async () => {
    const { client } = await open('inspector')
    const app = await open('app')
    await until(() => isOpen(app))
    const texts: string[] = []
    const stop = client.watchLogs((lines) => texts.push(...lines.map(({ text }) => text)))
    const meter: Readable<readonly MeterRow[]> = client.watchMeter()
    const stopMeter = meter.subscribe(() => {})
    await until(() => meter.getSnapshot().length > 0)
    for (const text of ['one', 'two', 'three']) daemon.log({ at: 1, severity: 'info', text })
    daemon.report({ connection: { state: 'connecting' } })
    await until(() => texts.length === 3)
    const rowOf = () =>
      meter.getSnapshot().find(({ role, procedure }) => role === 'app' && procedure === 'status.watch')
    await until(() => rowOf()?.messagesOut === 1 && rowOf()?.unacknowledged === 0)
    expect(rowOf()?.bytesOut).toBe('[1,1,[0,1]]'.length)
    expect(await client.trpc.inspect.buckets.query({ sort: 'name' })).toEqual({
      rows: [],
      next: null,
      total: 0,
    })
    await app.vanish()
    await until(() => meter.getSnapshot().every(({ role }) => role === 'inspector'))
    stopMeter()
    stop()
  })
})

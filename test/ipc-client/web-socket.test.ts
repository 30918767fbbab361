/** The client and the router, over a real WebSocket that breaks. */
import { getEventListeners, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { createClient, failureOf, type Client } from '../../src/ipc/client/index.ts'
import { DaemonError } from '../../src/daemon/daemon.ts'
import { createRouter } from '../../src/ipc/router.ts'
import type { WindowIdentity } from '../../src/ipc/window.ts'
import { EMPTY_STATUS, type Status } from '../../src/status/status.ts'
import { fakeDaemon, type FakeDaemon } from '../ipc/fake-daemon.ts'

interface Host {
  readonly daemon: FakeDaemon
  readonly port: number
  readonly protocols: readonly string[]
  stop(): Promise<void>
}

let host: Host
let client: Client

beforeEach(async () => {
  host = await startHost('epoch-1', 0)
  const stored = new Map<string, string>()
  vi.stubGlobal('location', {
    protocol: 'http:',
    host: `127.0.0.1:${host.port}`,
    hash: '#token=secret-1',
    pathname: '/',
    search: '',
  })
  vi.stubGlobal('history', { replaceState: () => {} })
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  })
  client = createClient()
})

afterEach(async () => {
  client.close()
  vi.unstubAllGlobals()
  await host.stop()
})

test('the first snapshot opens the link; the token travels as a subprotocol', async () => {
  expect(client.link.getSnapshot()).toBe('opening')
  await until(() => client.link.getSnapshot() === 'open')
  expect(client.status.getSnapshot().connection).toEqual({ state: 'connected' })
  expect(host.protocols).toEqual(['secret-1'])
})

test('a host that went away and came back gets the holds again and gives a fresh status and fresh rows', async () => {
  const hold = client.holdStream({ name: 'project_issues', parameters: { project: 'p' } })
  const query = client.liveQuery('run')
  query.subscribe(() => {})
  await until(() => hold.state.getSnapshot().state === 'held' && !query.getSnapshot().isLoading)
  expect(query.getSnapshot().rows).toEqual([{ id: 'epoch-1', big: 2n ** 60n }])
  const shown = client.status.getSnapshot()

  await host.stop()
  await until(() => client.link.getSnapshot() === 'lost')
  expect(client.status.getSnapshot()).toBe(shown)

  host = await startHost('epoch-2', host.port)
  await until(() => client.link.getSnapshot() === 'open')
  await until(() => query.getSnapshot().rows[0]?.['id'] === 'epoch-2')
  await until(() => host.daemon.holds.length === 1)
  expect(host.daemon.holds).toEqual(['tab 1 project_issues {"project":"p"}'])

  host.daemon.report({ connection: { state: 'connecting' } })
  await until(() => client.status.getSnapshot().connection.state === 'connecting')
})

test('a hold ends with its signal, and with its release', async () => {
  const stopping = new AbortController()
  client.holdStream({ name: 'a' }, { signal: stopping.signal })
  const released = client.holdStream({ name: 'b' })
  await until(() => host.daemon.holds.length === 2)
  stopping.abort()
  await until(() => host.daemon.holds.join() === 'tab 1 b {}')
  released.release()
  await until(() => host.daemon.holds.length === 0)
})

test('a hold that was released leaves nothing at its signal', () => {
  const { signal } = new AbortController()
  client.holdStream({ name: 'a' }, { signal }).release()
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('a query that is given up rejects, and a query that fails says why by its code', async () => {
  const stopping = new AbortController()
  const run = client.runQuery('run', {}, { signal: stopping.signal })
  stopping.abort()
  await expect(run).rejects.toThrow()
  const query = client.liveQuery('unknown')
  query.subscribe(() => {})
  await until(() => query.getSnapshot().error !== null)
  expect(query.getSnapshot()).toMatchObject({ rows: [], isLoading: false, error: { code: 'unknown_query' } })
})

test('a call that is too long fails alone, with a code; the longest that is sent arrives', async () => {
  await until(() => client.link.getSnapshot() === 'open')
  const write = (characters: number) =>
    client.sql
      .batch([1, 2, 3, 4].map(() => ['INSERT', ['x'.repeat(characters / 4)]]))
      .catch((error: unknown) => failureOf(error).code)
  expect(await write(1024 * 1024)).toBe('message_too_large')
  expect(await write(1024 * 1024 - 8192)).toEqual([])
  const watch = client.liveSql('SELECT ?', ['é'.repeat(600_000)])
  watch.subscribe(() => {})
  expect(watch.getSnapshot()).toMatchObject({ isLoading: false, error: { code: 'message_too_large' } })
  expect(client.link.getSnapshot()).toBe('open')
  expect(host.protocols).toHaveLength(1)
})

/** Waits as long as it takes; the test's own limit ends it. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 25_000, interval: 5 })

const tab: WindowIdentity = { id: 'tab-1', name: 'tab 1', role: 'app' }

async function startHost(epoch: string, port: number): Promise<Host> {
  const status: Status = { ...EMPTY_STATUS, connection: { state: 'connected' } }
  const daemon = fakeDaemon({
    epoch,
    status,
    windowSql: { write: async () => [] },
    query: (name) => {
      if (name !== 'run') throw new DaemonError('unknown_query', `There is no query named ${name}.`)
      return { rows: [{ id: epoch, big: 2n ** 60n }], tables: ['issues'] }
    },
  })
  const protocols: string[] = []
  const sockets = new WebSocketServer({ port, host: '127.0.0.1', path: '/trpc', maxPayload: 1024 * 1024 })
  sockets.on('connection', (_socket, { headers }) => protocols.push(headers['sec-websocket-protocol'] ?? ''))
  applyWSSHandler({
    wss: sockets,
    router: createRouter({ daemon, interval: 1 }),
    createContext: () => ({ window: tab }),
  })
  await once(sockets, 'listening')
  return {
    daemon,
    protocols,
    port: (sockets.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await once(sockets, 'close')
    },
  }
}

import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTRPCProxyClient, createWSClient, wsLink } from '@trpc/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { codec } from '../../src/ipc/codec.ts'
import { createRouter, type AppRouter, type HoldMessage } from '../../src/ipc/router.ts'
import { serveWeb, type WebHost } from '../../src/web/serve.ts'
import type { Json } from '../../src/wire/request.ts'
import { fakeDaemon } from '../ipc/fake-daemon.ts'

let folder: string
let host: WebHost
const noBuckets = { rows: [], next: null, total: 0 }
const daemon = fakeDaemon({
  buckets: () => noBuckets,
  query: () => ({ rows: [{ id: 'a', big: 2n ** 60n }], tables: ['projects'] }),
})

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headwater-web-'))
  await mkdir(join(folder, 'site/assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'site/index.html'), '<!doctype html>home')
  await writeFile(join(folder, 'site/assets/app.js'), 'export {}')
  await symlink(join(folder, 'secret.txt'), join(folder, 'site/link.txt'))
  host = await serveWeb({
    router: createRouter({ daemon }),
    directory: join(folder, 'site'),
    pingInterval: 50,
  })
})

afterEach(async () => {
  await host.close()
  await rm(folder, { recursive: true })
})

/** A request as raw as it gets: the path and the headers are sent as they are. */
function ask(path: string, headers: IncomingHttpHeaders = {}, method = 'GET') {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(host.origin)
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    request.on('error', reject).end()
  })
}

/** How an upgrade ends: `open`, or the status that refused it. */
function upgrade(options: {
  path?: string
  protocol?: string
  origin?: string
  headers?: Record<string, string>
}) {
  return new Promise<'open' | number>((resolve, reject) => {
    const url = host.origin.replace('http', 'ws') + (options.path ?? '/trpc')
    const socket = new WebSocket(url, options.protocol === undefined ? [] : [options.protocol], {
      origin: options.origin ?? host.origin,
      headers: options.headers ?? {},
    })
    socket.on('open', () => (socket.terminate(), resolve('open')))
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!))
    socket.on('error', reject)
  })
}

/** A client as a tab has it. */
function connect(token = host.tokens.app) {
  const sockets: WebSocket[] = []
  class TabSocket extends WebSocket {
    constructor(url: string) {
      super(url, token, { origin: host.origin })
      sockets.push(this)
    }
  }
  const client = createWSClient({
    url: `${host.origin.replace('http', 'ws')}/trpc`,
    WebSocket: TabSocket as never,
    retryDelayMs: () => 60_000,
  })
  const trpc = createTRPCProxyClient<AppRouter>({ links: [wsLink({ client })], transformer: codec })
  return { trpc, sockets, close: () => client.close() }
}

describe('files', () => {
  test('the page and its files come with their type and a policy without inline scripts', async () => {
    const page = await ask('/')
    expect([page.status, page.body]).toEqual([200, '<!doctype html>home'])
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['content-security-policy']).toContain("default-src 'self'")
    expect(page.headers['content-security-policy']).not.toContain('unsafe')
    expect((await ask('/assets/app.js?v=1')).headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/link.txt',
    '/assets',
    '/assets/',
    '/%00',
    '/%',
    '//index.html',
  ])('no path leads out of the folder or lists it: %s', async (path) => {
    const answer = await ask(path)
    expect([answer.status, answer.body]).toEqual([404, ''])
  })

  test.each(['localhost', '127.0.0.1', 'evil.example', '127.0.0.1:1'])(
    'another host name is refused: %s',
    async (name) => expect((await ask('/', { host: name })).status).toBe(403),
  )

  test('anything but a read needs the exact origin, and even then there is nothing to do', async () => {
    expect((await ask('/', {}, 'POST')).status).toBe(403)
    expect((await ask('/', { origin: 'http://evil.example' }, 'POST')).status).toBe(403)
    expect((await ask('/', { origin: host.origin }, 'POST')).status).toBe(405)
  })
})

describe('the WebSocket', () => {
  test('opens for each token and for nothing else', async () => {
    expect(await upgrade({ protocol: host.tokens.app })).toBe('open')
    expect(await upgrade({ protocol: host.tokens.inspector })).toBe('open')
    expect(await upgrade({})).toBe(401)
    expect(await upgrade({ protocol: `${host.tokens.app.slice(0, -1)}_` })).toBe(401)
  })

  test('a tab of the inspector has the inspector’s role, one of the app has not', async () => {
    expect(host.inspectorUrl).toBe(`${host.origin}/inspector#token=${host.tokens.inspector}`)
    const [app, inspector] = [connect(), connect(host.tokens.inspector)]
    await expect(app.trpc.inspect.buckets.query({ sort: 'name' })).rejects.toMatchObject({
      data: { code: 'FORBIDDEN', error: { code: 'forbidden' } },
    })
    expect(await inspector.trpc.inspect.buckets.query({ sort: 'name' })).toEqual(noBuckets)
    app.close()
    inspector.close()
  })

  test('needs the exact origin, host and path', async () => {
    const protocol = host.tokens.app
    expect(await upgrade({ protocol, origin: 'http://evil.example' })).toBe(403)
    expect(await upgrade({ protocol, origin: 'null' })).toBe(403)
    expect(await upgrade({ protocol, headers: { host: 'localhost:80' } })).toBe(403)
    expect(await upgrade({ protocol, path: '/other' })).toBe(404)
  })

  test('the token is not in what the server serves', async () => {
    expect(new URL(host.url).hash).toBe(`#token=${host.tokens.app}`)
    const { body, headers } = await ask('/')
    expect(JSON.stringify([body, headers])).not.toContain(host.tokens.app)
  })

  test('values that JSON cannot hold arrive exactly', async () => {
    const tab = connect()
    expect(await tab.trpc.queries.run.query({ name: 'projects' })).toEqual({
      rows: [{ id: 'a', big: 2n ** 60n }],
      tables: ['projects'],
    })
    tab.close()
  })

  test('a tab has its own name, and its holds go when its socket closes', async () => {
    const tabs = [connect(), connect()]
    for (const { trpc } of tabs) {
      const heard = Promise.withResolvers<HoldMessage>()
      trpc.streams.hold.subscribe({ name: 'lists', params: null }, { onData: heard.resolve })
      expect(await heard.promise).toEqual({ state: 'held' })
    }
    expect(daemon.holds).toEqual(['tab 1 lists {}', 'tab 2 lists {}'])
    tabs[0]!.sockets[0]!.terminate()
    await vi.waitFor(() => expect(daemon.holds).toEqual(['tab 2 lists {}']))
    tabs[1]!.close()
    await vi.waitFor(() => expect(daemon.holds).toEqual([]))
    expect(daemon.listeners).toBe(0)
  })

  test('a read that a tab waits for is cancelled when its socket closes', async () => {
    let waiting: AbortSignal | undefined
    const { query } = daemon.windowSql
    daemon.windowSql.query = (_sql, _params, { signal } = {}) => ((waiting = signal), new Promise(() => {}))
    const { trpc, sockets, close } = connect()
    trpc.sql.query.query({ sql: 'SELECT 1' }).catch(() => undefined)
    await vi.waitFor(() => expect(waiting?.aborted).toBe(false))
    sockets[0]!.terminate()
    await vi.waitFor(() => expect(waiting?.aborted).toBe(true))
    daemon.windowSql.query = query
    close()
  })

  test('a status that already holds parameters nested far is still watched, and the host lives', async () => {
    let params: Json = 1
    for (let i = 0; i < 200; i++) params = { a: params }
    const stream = { id: 1, name: 's', params: params as never, priority: 3, active: true, isDefault: false }
    const rest = { hasExplicitSubscription: true, expiresAt: null, lastSyncedAt: null, holders: [] }
    const tab = connect()
    const heard: unknown[] = []
    const onError = vi.fn()
    tab.trpc.status.watch.subscribe({ watchId: 'w' }, { onData: (message) => heard.push(message), onError })
    await vi.waitFor(() => expect(heard).toHaveLength(1))
    await tab.trpc.status.ack.mutate({ watchId: 'w', sequence: 0 })
    daemon.report({ streams: new Map([[1, { ...stream, ...rest, progress: null, error: null }]]) })
    await vi.waitFor(() => expect(heard).toHaveLength(2))
    expect(JSON.stringify(heard[1])).toContain(JSON.stringify(params))
    expect(onError).not.toHaveBeenCalled()
    tab.close()
    await vi.waitFor(() => expect(daemon.listeners).toBe(0))
    daemon.report({ streams: new Map([[1, null]]) })
  })

  test('a socket that answers no ping is closed', async () => {
    const tab = connect()
    await tab.trpc.demo.state.query()
    const socket = tab.sockets[0]!
    socket.pong = () => undefined
    await new Promise((resolve) => socket.once('close', resolve))
    tab.close()
  })

  test('a message over the limit closes the socket', async () => {
    const tab = connect()
    await tab.trpc.demo.state.query()
    const socket = tab.sockets[0]!
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.send('x'.repeat(1024 * 1024 + 1))
    expect(await closed).toBe(1009)
    tab.close()
  })
})

test('a closed host ends every subscription and frees its port', async () => {
  const tab = connect()
  const snapshot = Promise.withResolvers<unknown>()
  tab.trpc.status.watch.subscribe({ watchId: 'w' }, { onData: snapshot.resolve })
  await snapshot.promise
  await host.close()
  await vi.waitFor(() => expect(daemon.listeners).toBe(0))
  tab.close()
  const port = Number(new URL(host.origin).port)
  host = await serveWeb({ router: createRouter({ daemon }), directory: join(folder, 'site'), port })
})

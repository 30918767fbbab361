/** What a page says in one packet, over a real WebSocket: a stop ends what began just before it. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createRouter } from '../../src/ipc/router.ts'
import { serveWeb, type WebHost } from '../../src/web/serve.ts'
import { fakeDaemon, type FakeDaemon } from '../ipc/fake-daemon.ts'

interface Answer {
  readonly id: number | null
  readonly result?: { readonly type: string; readonly data?: unknown }
  readonly error?: { readonly data: { readonly error: { readonly code: string } } }
}

let folder: string
let host: WebHost
let daemon: FakeDaemon
let socket: WebSocket
let answers: Answer[]
let asked: number
const answered = Promise.withResolvers<void>()

beforeEach(async () => {
  answers = []
  asked = 0
  daemon = fakeDaemon({
    query: (() => {
      asked++
      return answered.promise.then(() => ({ rows: [], tables: [] }))
    }) as never,
  })
  folder = await mkdtemp(join(tmpdir(), 'headwater-web-'))
  await writeFile(join(folder, 'index.html'), '')
  host = await serveWeb({ router: createRouter({ daemon }), directory: folder })
  socket = new WebSocket(`${host.origin.replace('http', 'ws')}/trpc`, host.tokens.app, {
    origin: host.origin,
  })
  socket.on('message', (data) => answers.push(JSON.parse(String(data)) as Answer))
  await once(socket, 'open')
})

afterEach(async () => {
  await host.close()
  await rm(folder, { recursive: true })
})

const hold = (id: number) => ({
  id,
  method: 'subscription',
  params: { path: 'streams.hold', input: { name: `s${id}`, params: null } },
})
const stop = (id: number) => ({ id, method: 'subscription.stop' })
const query = (id: number) => ({
  id,
  method: 'query',
  params: { path: 'queries.run', input: { name: 'slow' } },
})
const say = (message: unknown) => socket.send(JSON.stringify(message))
const sayTogether = (messages: readonly unknown[]) => {
  const carrier = (socket as unknown as { readonly _socket: { cork(): void; uncork(): void } })._socket
  carrier.cork()
  for (const message of messages) say(message)
  carrier.uncork()
}
const stopped = (id: number) =>
  answers.some((answer) => answer.id === id && answer.result?.type === 'stopped')
/** Everything that was said is heard: an answer to something that was said last. */
const heard = async (id: number) => {
  say({ id, method: 'query', params: { path: 'demo.state' } })
  await vi.waitFor(() => expect(answers.some((answer) => answer.id === id)).toBe(true))
}

test('a hold and its stop in one packet leave no hold', async () => {
  sayTogether([hold(1), stop(1)])
  await vi.waitFor(() => expect(stopped(1)).toBe(true))
  await heard(2)
  expect(daemon.holds).toEqual([])
})

test('a hold and its stop in one message leave no hold, and the others of the message live', async () => {
  say([hold(1), stop(1), hold(2), hold(3), stop(3)])
  await vi.waitFor(() => expect([stopped(1), stopped(3)]).toEqual([true, true]))
  await heard(4)
  expect(daemon.holds).toEqual(['tab 1 s2 {}'])
})

test('1,000 holds that are stopped at once leave no hold, and the page is heard after', async () => {
  sayTogether(Array.from({ length: 1000 }, (_, i) => [hold(i), stop(i)]).flat())
  await heard(1001)
  expect(daemon.holds).toEqual([])
  expect(answers.filter(({ error }) => error !== undefined)).toEqual([])
})

test('a message of too many messages closes the socket', async () => {
  say(Array.from({ length: 2049 }, () => stop(1)))
  const [code] = (await once(socket, 'close')) as [number]
  expect(code).toBe(1008)
})

test('of 2,000 calls in one message 64 reach the daemon, the others are refused; then it may call again', async () => {
  const ids = Array.from({ length: 2000 }, (_, i) => i + 1)
  say(ids.map(query))
  const codes = () => answers.map(({ error }) => error?.data.error.code)
  await vi.waitFor(() => expect(answers).toHaveLength(2000 - 64))
  expect([asked, new Set(codes())]).toEqual([64, new Set(['too_many_calls'])])
  answered.resolve()
  await vi.waitFor(() => expect(answers).toHaveLength(2000))
  say(query(2001))
  await vi.waitFor(() => expect(asked).toBe(65))
})

test('what is not JSON gets an error, and the page is heard after', async () => {
  socket.send('{')
  await heard(1)
  expect(answers[0]?.error?.data.error.code).toBe('bad_message')
})

/** Pages that do not read, over a real WebSocket: what they make the host hold is bounded. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTRPCProxyClient, createWSClient, wsLink } from '@trpc/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { codec } from '../../src/ipc/codec.ts'
import { createRouter, type AppRouter } from '../../src/ipc/router.ts'
import type { WireMessage } from '../../src/status/message.ts'
import { serveWeb, type WebHost } from '../../src/web/serve.ts'
import { fakeDaemon, type FakeDaemon } from '../ipc/fake-daemon.ts'

const MB = 1024 * 1024

let folder: string
let host: WebHost
let daemon: FakeDaemon
let asked: number

beforeEach(async () => {
  asked = 0
  daemon = fakeDaemon({
    query: () => {
      asked++
      return { rows: [{ text: 'x'.repeat(200_000) }], tables: [] }
    },
  })
  folder = await mkdtemp(join(tmpdir(), 'headwater-web-'))
  await writeFile(join(folder, 'index.html'), '')
  host = await serveWeb({ router: createRouter({ daemon }), directory: folder })
})

afterEach(async () => {
  await host.close()
  await rm(folder, { recursive: true })
})

/** A tab whose socket the test holds in its hands, open. */
async function connect() {
  const opened = Promise.withResolvers<WebSocket>()
  class TabSocket extends WebSocket {
    constructor(url: string) {
      super(url, host.tokens.app, { origin: host.origin })
      this.on('open', () => opened.resolve(this))
    }
  }
  const client = createWSClient({
    url: `${host.origin.replace('http', 'ws')}/trpc`,
    WebSocket: TabSocket as never,
    retryDelayMs: () => 60_000,
  })
  const trpc = createTRPCProxyClient<AppRouter>({ links: [wsLink({ client })], transformer: codec })
  return { trpc, socket: await opened.promise, close: () => client.close() }
}

test('a watch that is not read has one message on its way; when it is read again one delta follows', async () => {
  const tab = await connect()
  const heard: WireMessage[] = []
  const watched = Promise.withResolvers<void>()
  tab.trpc.status.watch.subscribe(
    { watchId: 'w' },
    { onData: (message) => (heard.push(message), watched.resolve()) },
  )
  await watched.promise
  const ack = (sequence: number) => tab.trpc.status.ack.mutate({ watchId: 'w', sequence })
  await ack(0)

  tab.socket.pause()
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 100_000; i++) {
    daemon.report({ downloadError: { code: 'x', message: `${i} ${'x'.repeat(1000)}` } })
    if (i % 5_000 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MB)

  tab.socket.resume()
  await vi.waitFor(() => expect(heard).toHaveLength(2))
  await ack(1)
  await vi.waitFor(() => expect(heard).toHaveLength(3))
  expect(heard[2]).toEqual([1, 2, [4, ['x', expect.stringMatching(/^99999 /)]]])
  tab.close()
})

test('a tab that asks and does not read is not heard, until it reads', async () => {
  const tab = await connect()
  tab.socket.pause()
  const input = { name: 'large', params: { padding: 'x'.repeat(50_000) } }
  const answers: Promise<unknown>[] = []
  for (let i = 0; i < 300; i++) {
    answers.push(tab.trpc.queries.run.query(input))
    // Else the client puts them into one message, which is too large.
    await new Promise((resolve) => setTimeout(resolve))
  }
  // As long as the host hears more of them.
  for (let before = -1; before !== asked;) {
    before = asked
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  expect(asked).toBeLessThan(150)
  tab.socket.resume()
  await Promise.all(answers)
  expect(asked).toBe(300)
  tab.close()
})

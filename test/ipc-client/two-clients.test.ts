/** Several clients on one page: each has its own answers, though all share one channel and one document. */
import { afterEach, expect, test, vi } from 'vitest'
import { createClient, type Client } from '../../src/ipc/client/index.ts'
import { createGuard } from '../../src/ipc/guard.ts'
import { createRouter } from '../../src/ipc/router.ts'
import { fakeDaemon } from '../ipc/fake-daemon.ts'
import { FakePage, ipcMain, loadElectronTrpc, ORIGIN, settled } from '../ipc/fake-electron.ts'

const createIPCHandler = await loadElectronTrpc()
afterEach(() => void vi.unstubAllGlobals())

test('two clients of one Electron page are both served, and neither hears the other’s answers', async () => {
  const daemon = fakeDaemon({
    query: (name, params) => ({ rows: [{ name, ...params }], tables: [] }),
  })
  const guard = createGuard({ ipcMain, createIPCHandler, router: createRouter({ daemon }), origin: ORIGIN })
  const page = new FakePage()
  guard.register(page, { name: 'main 1', role: 'app' })
  const listeners: ((answer: unknown) => void)[] = []
  page.onAnswer = (answer) => listeners.forEach((listener) => listener(answer))
  vi.stubGlobal('electronTRPC', {
    sendMessage: (message: unknown) => page.send(message),
    onMessage: (listener: (answer: unknown) => void) => void listeners.push(listener),
  })
  const clients: readonly Client[] = [createClient(), createClient()]
  const rows = await Promise.all(
    clients.map(async (client, number) => (await client.runQuery('which', { number })).rows),
  )
  expect(rows).toEqual([[{ name: 'which', number: 0 }], [{ name: 'which', number: 1 }]])
  await vi.waitFor(() => {
    for (const { link } of clients) expect(link.getSnapshot()).toBe('open')
  })
  clients[0]!.close()
  await settled()
  daemon.report({ connection: { state: 'connecting' } })
  await vi.waitFor(() => expect(clients[1]!.status.getSnapshot().connection.state).toBe('connecting'))
  expect([guard.ignored, clients[0]!.status.getSnapshot().connection.state]).toEqual([0, 'offline'])
  clients[1]!.close()
  page.destroy()
  guard.close()
})

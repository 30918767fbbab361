/**
 * The two ways to a page, each with the real client at one end and the real router at the other: Electron's IPC
 * (real electron-trpc and guard, a page that clones what it gets) and a WebSocket of the headless host.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { WebSocket } from 'ws'
import { createClient, type Client, type ClientOptions } from '../../src/ipc/client/index.ts'
import { createGuard } from '../../src/ipc/guard.ts'
import { createRouter } from '../../src/ipc/router.ts'
import type { WindowRole } from '../../src/ipc/window.ts'
import { serveWeb } from '../../src/web/serve.ts'
import type { FakeDaemon } from '../ipc/fake-daemon.ts'
import { FakePage, ipcMain, loadElectronTrpc, ORIGIN } from '../ipc/fake-electron.ts'

export interface Page {
  readonly client: Client
  /** The page goes as pages do: no goodbye. */
  vanish(): Promise<void>
  /** The connection breaks; only a WebSocket can. The page stays and opens another. */
  breakLink(): void
}

export interface Carrier {
  open(role: WindowRole, options?: ClientOptions): Promise<Page>
  close(): Promise<void>
}

export type StartCarrier = (daemon: FakeDaemon) => Promise<Carrier>

const createIPCHandler = await loadElectronTrpc()

export const overElectron: StartCarrier = async (daemon) => {
  const router = createRouter({ daemon, interval: 1 })
  const guard = createGuard({ ipcMain, createIPCHandler, router, origin: ORIGIN })
  const pages: FakePage[] = []
  return {
    open: async (role, options) => {
      const page = new FakePage({ routingId: pages.length + 1 })
      pages.push(page)
      guard.register(page, { name: `window ${pages.length}`, role })
      vi.stubGlobal('electronTRPC', {
        sendMessage: (message: unknown) => page.send(message),
        onMessage: (listener: (answer: unknown) => void) => (page.onAnswer = listener),
      })
      const client = createClient(options)
      vi.unstubAllGlobals()
      return {
        client,
        breakLink: () => {},
        vanish: async () => {
          page.destroy()
          client.close()
        },
      }
    },
    close: async () => {
      for (const page of pages) page.destroy()
      guard.close()
    },
  }
}

export const overWebSocket: StartCarrier = async (daemon) => {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-carrier-'))
  await writeFile(join(folder, 'index.html'), '')
  const host = await serveWeb({ router: createRouter({ daemon, interval: 1 }), directory: folder })
  const { port } = new URL(host.origin)
  return {
    open: async (role, options) => {
      const sockets: WebSocket[] = []
      // As a browser's: it names the page's origin by itself.
      class PageSocket extends WebSocket {
        constructor(url: string, protocols: string | string[]) {
          super(url, protocols, { origin: host.origin })
          sockets.push(this)
        }
      }
      vi.stubGlobal('WebSocket', PageSocket)
      vi.stubGlobal('location', {
        protocol: 'http:',
        host: `127.0.0.1:${port}`,
        hash: `#token=${host.tokens[role]}`,
        pathname: '/',
        search: '',
      })
      vi.stubGlobal('history', { replaceState: () => {} })
      vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => {} })
      const client = createClient(options)
      vi.unstubAllGlobals()
      return {
        client,
        breakLink: () => {
          for (const socket of sockets) socket.terminate()
        },
        vanish: async () => {
          for (const socket of sockets) socket.terminate()
          client.close()
        },
      }
    },
    close: async () => {
      await host.close()
      await rm(folder, { recursive: true })
    },
  }
}

/**
 * What an Electron app imports in its main process: serves a daemon to its windows over tRPC.
 *
 * The window's preload is `headwater/preload`. Windows that are not registered, subframes and pages of other
 * origins are not served.
 */
import { ipcMain, type BrowserWindow } from 'electron'
import type { Daemon, DaemonOptions } from '../src/daemon/daemon.ts'
import { openDaemon as open } from '../src/daemon/open.ts'
import { entryBeside } from '../src/entry.ts'
import { createGuard } from '../src/ipc/guard.ts'
import { createRouter, type DemoControl } from '../src/ipc/router.ts'
import type { WindowRole } from '../src/ipc/window.ts'
import { createIPCHandler } from './ipc-handler.ts'
import { utilityReader } from './reader.ts'

export { utilityReader } from './reader.ts'
export type { WindowRole } from '../src/ipc/window.ts'

/** `openDaemon` of `headwater`, whose windows are read for in a utility process. */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const entry = entryBeside(import.meta.url, '../src/engine/read-process/entry')
  return await open({ spawnReader: utilityReader(entry), ...options })
}

export interface ServeWindowsOptions {
  readonly daemon: Daemon
  /** The exact origin of the app's pages, for example `app://my-app`. */
  readonly origin: string
  /** The embedded demo service, where the app runs one. Default: none. */
  readonly demo?: DemoControl
}

export interface ServedWindows {
  /** Serve this window; call it before the window loads its page. `name` is for people: `main 1`. */
  register(window: BrowserWindow, as: { readonly name: string; readonly role: WindowRole }): void
  /** Serve nobody any more. */
  close(): void
}

/**
 * Call it once, when the app is ready.
 *
 * @example
 * const windows = serveWindows({ daemon, origin: 'app://my-app' })
 * const window = new BrowserWindow({ webPreferences: { preload } })
 * windows.register(window, { name: 'main 1', role: 'app' })
 * await window.loadURL('app://my-app/')
 */
export function serveWindows({ daemon, origin, demo }: ServeWindowsOptions): ServedWindows {
  const router = createRouter({ daemon, ...(demo !== undefined && { demo }) })
  const guard = createGuard({ ipcMain, createIPCHandler, router, origin })
  return {
    register: (window, as) => guard.register(window.webContents, as),
    close: () => guard.close(),
  }
}

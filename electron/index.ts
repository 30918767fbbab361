/**
 * What an Electron app imports in its main process: serves a daemon to its windows over tRPC.
 *
 * The window's preload is `headwater/preload`. Windows that are not registered, subframes and pages of other
 * origins are not served.
 */
import type { Daemon, DaemonOptions } from '../src/daemon/daemon.ts'
import { openDaemon as open } from '../src/daemon/open.ts'
import { entryBeside } from '../src/entry.ts'
import { createRouter } from '../src/ipc/router.ts'
import { utilityReader } from './reader.ts'
import { serveRouter, type ServedWindows } from './serve.ts'

export { utilityReader } from './reader.ts'
export type { ServedWindows } from './serve.ts'
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
  /** Milliseconds from one message of a watch to the next, so that changes go together. Default 16, a frame. */
  readonly interval?: number
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
export function serveWindows({ daemon, origin, interval = 16 }: ServeWindowsOptions): ServedWindows {
  return serveRouter(createRouter({ daemon, interval }), origin)
}

/** A router behind Electron's IPC, for the windows that are registered and no others. */
import { ipcMain, type BrowserWindow } from 'electron'
import { createGuard } from '../src/ipc/guard.ts'
import type { AppRouter } from '../src/ipc/router.ts'
import type { WindowRole } from '../src/ipc/window.ts'
import { createIPCHandler } from './ipc-handler.ts'

export interface ServedWindows {
  /**
   * Serve this window; call it before the window loads its page. `name` is for people: `main 1`. Throws a `TypeError`
   * for a window that is registered as another.
   */
  register(window: BrowserWindow, as: { readonly name: string; readonly role: WindowRole }): void
  /** Serve nobody any more. */
  close(): void
}

/** @param origin the exact origin of the app's pages, for example `app://my-app`. */
export function serveRouter(router: AppRouter, origin: string): ServedWindows {
  const guard = createGuard({ ipcMain, createIPCHandler, router, origin })
  return {
    register: (window, as) => guard.register(window.webContents, as),
    close: () => guard.close(),
  }
}

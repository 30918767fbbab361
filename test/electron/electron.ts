/**
 * A stand-in for the module `electron`, for tests: the built main process runs on Node, its windows are pages
 * of a real Chromium whose address is in `STAND_IN_BROWSER`. What no page shows (menus, dialogs, the system's
 * browser) is printed, one line each, so that a test can see it. There is no context isolation, no sandbox and
 * no session: those only real Electron can prove.
 */
import { EventEmitter } from 'node:events'
import { chromium, type BrowserContext } from 'playwright'
import { WebContents } from './web-contents.ts'

export { net, protocol } from './protocol.ts'
export { utilityProcess } from './utility-process.ts'
export { ipcMain } from './web-contents.ts'

let browser: Promise<BrowserContext> | null = null

function context(): Promise<BrowserContext> {
  browser ??= chromium
    .connectOverCDP(process.env['STAND_IN_BROWSER']!)
    .then((connected) => connected.contexts()[0]!)
  return browser
}

const windows = new Set<BrowserWindow>()

interface WindowOptions {
  readonly webPreferences?: { readonly preload?: string }
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents()
  readonly #ready: Promise<void>

  static getAllWindows(): BrowserWindow[] {
    return [...windows]
  }

  constructor(options: WindowOptions = {}) {
    super()
    windows.add(this)
    app.emit('web-contents-created', {}, this.webContents)
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'))
    this.webContents.once('destroyed', () => {
      windows.delete(this)
      this.emit('closed')
      if (windows.size === 0) app.emit('window-all-closed')
    })
    this.#ready = context().then((pages) => this.webContents.attach(pages, options.webPreferences?.preload))
  }

  async loadURL(url: string): Promise<void> {
    await this.#ready
    await this.webContents.load(url)
  }

  close(): void {
    void this.#ready.then(() => this.webContents.close())
  }

  isDestroyed = (): boolean => this.webContents.isDestroyed()
  isMinimized = (): boolean => false
  restore = (): void => undefined
  focus = (): void => undefined
  show = (): void => undefined
}

const paths = new Map<string, string>()

class App extends EventEmitter {
  readonly isPackaged = false
  getName = (): string => 'Headwater'
  getPath = (name: string): string => paths.get(name) ?? process.cwd()
  setPath = (name: string, path: string): void => void paths.set(name, path)
  enableSandbox = (): void => undefined
  requestSingleInstanceLock = (): boolean => true
  whenReady = (): Promise<void> => context().then(() => undefined)
  exit = (code = 0): void => process.exit(code)

  quit(): void {
    let prevented = false
    this.emit('before-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) this.exit()
  }
}

export const app = new App()
process.on('SIGTERM', () => app.quit())

export const shell = {
  openExternal: async (url: string): Promise<void> => console.log(`stand-in: opened outside ${url}`),
}

export const dialog = {
  /** Printed; nobody answers. */
  showMessageBox: (_window: unknown, { message }: { message: string }): Promise<never> => {
    console.log(`stand-in: message box ${message}`)
    return new Promise(() => {})
  },
  showErrorBox: (title: string, content: string): void =>
    console.error(`stand-in: error box ${title}: ${content}`),
}

export const nativeTheme = { shouldUseDarkColors: false }

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (): void => undefined,
    setPermissionCheckHandler: (): void => undefined,
    setDevicePermissionHandler: (): void => undefined,
  },
}

interface MenuItem {
  readonly id?: string
  readonly label?: string
  readonly type?: string
  checked?: boolean
  readonly submenu?: readonly MenuItem[]
  readonly click?: (item: MenuItem) => void
}

/** A line `menu File/New Window` on standard input clicks that item. */
export const Menu = {
  buildFromTemplate: (items: readonly MenuItem[]) => ({
    items,
    getMenuItemById: (id: string): MenuItem | null => find(items, id),
  }),
  setApplicationMenu: ({ items }: { readonly items: readonly MenuItem[] }): void => {
    process.stdin.on('data', (line) => {
      const path = /^menu (.+)$/m.exec(String(line))?.[1]
      if (path !== undefined) click(items, path.split('/'))
    })
    process.stdin.unref()
  },
}

function find(items: readonly MenuItem[], id: string): MenuItem | null {
  for (const item of items) {
    const found = item.id === id ? item : find(item.submenu ?? [], id)
    if (found !== null) return found
  }
  return null
}

function click(items: readonly MenuItem[], [label, ...rest]: readonly string[]): void {
  const item = items.find((one) => one.label === label)
  if (rest.length > 0) return click(item?.submenu ?? [], rest)
  if (item === undefined) return
  if (item.type === 'checkbox') item.checked = item.checked !== true
  item.click?.(item)
}

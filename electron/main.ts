/**
 * The desktop app: one daemon, any number of windows. Windows come and go; the daemon ends with the app, which
 * waits for it at most two seconds.
 */
import { join } from 'node:path'
import { app, BrowserWindow, dialog } from 'electron'
import { trackerArguments } from '../src/tracker/arguments.ts'
import { createRouter } from '../src/ipc/router.ts'
import { openTracker, type Tracker } from '../src/tracker/open.ts'
import { loadAssets } from '../src/web/assets.ts'
import { hardenApp } from './harden.ts'
import { setAppMenu } from './menu.ts'
import { APP_ORIGIN, declareAppProtocol, serveAppProtocol } from './protocol.ts'
import { utilityReader } from './reader.ts'
import { serveRouter } from './serve.ts'
import { shownSimulation } from './simulation.ts'
import { openWindow } from './window.ts'

const CLOSE_MS = 2000

const { directory, ...options } = trackerArguments(process.argv.slice(1), process.env)
if (directory !== null) app.setPath('userData', directory)

declareAppProtocol()
app.enableSandbox()
if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(start).catch(fail)
} else {
  app.quit()
}

async function start(): Promise<void> {
  hardenApp()
  const [assets, tracker] = await Promise.all([
    loadAssets(join(__dirname, '../renderer/main_window')),
    openTracker({
      ...options,
      directory: join(app.getPath('userData'), 'tracker'),
      workerPath: join(__dirname, 'worker.cjs'),
      demoWorkerPath: join(__dirname, 'demo-worker.cjs'),
      spawnReader: utilityReader(join(__dirname, 'reader.cjs')),
      nativeBinding: unpacked(join(__dirname, 'better_sqlite3.node')),
    }),
  ])
  const { daemon } = tracker
  // Its menu and every window can pause it: whoever does, the menu shows it.
  const demo = tracker.demo === null ? null : shownSimulation(tracker.demo, () => menu.update())
  serveAppProtocol(assets)
  const windows = serveRouter(createRouter({ daemon, ...(demo !== null && { demo }) }), APP_ORIGIN)
  const preload = join(__dirname, 'preload.cjs')
  let opened = 0
  const newWindow = () => {
    const window = openWindow({ preload, title: app.getName(), width: 1280, height: 800 })
    windows.register(window, { name: `main ${++opened}`, role: 'app' })
    load(window, `${APP_ORIGIN}/`)
  }
  let inspector: BrowserWindow | null = null
  const openInspector = () => {
    if (inspector !== null) return showWindow(inspector)
    inspector = openWindow({ preload, title: 'Sync Inspector', width: 1100, height: 720 })
    inspector.once('closed', () => (inspector = null))
    windows.register(inspector, { name: 'inspector', role: 'inspector' })
    load(inspector, `${APP_ORIGIN}/inspector.html`)
  }
  const menu = setAppMenu({
    newWindow,
    openInspector,
    connect: () => daemon.connect(),
    disconnect: () => daemon.disconnect(),
    simulation: demo,
  })
  const showApp = () => {
    const window = BrowserWindow.getAllWindows().find((one) => one !== inspector)
    if (window === undefined) newWindow()
    else showWindow(window)
  }
  app.on('activate', showApp)
  app.on('second-instance', showApp)
  closeBeforeQuit(tracker, () => windows.close())
  newWindow()
  console.log(`Headwater ready: window "${app.getName()}"`)
}

/** A window that is closed while it loads is no failure. */
function load(window: BrowserWindow, url: string): void {
  window.loadURL(url).catch((cause: unknown) => {
    if (!window.isDestroyed()) console.error('A window could not load its page.', cause)
  })
}

app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})

function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.focus()
}

/** The first wish to quit closes the daemon; when that is done, or takes too long, the app goes. */
function closeBeforeQuit(tracker: Tracker, stopServing: () => void): void {
  let closing = false
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (closing) return
    closing = true
    stopServing()
    const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS))
    const closed = tracker
      .close()
      .catch((cause: unknown) => console.error('The daemon did not close.', cause))
    void Promise.race([closed, late]).then(() => app.exit())
  })
}

function fail(cause: unknown): void {
  const message = cause instanceof Error ? cause.message : String(cause)
  console.error(cause)
  dialog.showErrorBox(`${app.getName()} could not start`, message)
  app.exit(1)
}

/** A binary cannot be loaded from inside the archive: the packager leaves it beside. */
function unpacked(path: string): string {
  return path.replace(`app.asar`, 'app.asar.unpacked')
}

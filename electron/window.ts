/** A window of the app: sandboxed, in the theme's colour before its page has painted, and offered anew after a crash. */
import { BrowserWindow, dialog, nativeTheme } from 'electron'
import { offerReload } from './crash.ts'

/** The page's background in both themes: `--paper` of the renderer's style. */
const background = { light: '#f8fbfb', dark: '#10191c' }

export interface WindowOptions {
  readonly preload: string
  /** Until its page has one. */
  readonly title: string
  /** CSS pixels. */
  readonly width: number
  readonly height: number
}

export function openWindow({ preload, title, width, height }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    title,
    width,
    height,
    minWidth: 720,
    minHeight: 480,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  offerReload(window, async (reason) => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      message: 'This window stopped working.',
      detail: `Its page ended unexpectedly (${reason}). What was synced and written is safe.`,
      buttons: ['Reload', 'Close Window'],
      defaultId: 0,
      cancelId: 1,
    })
    return response === 0
  })
  return window
}

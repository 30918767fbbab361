/** A window of the app: sandboxed, and in the theme's colour before its page has painted. */
import { BrowserWindow, nativeTheme } from 'electron'

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
  return window
}

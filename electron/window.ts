/** A window of the app: sandboxed, and in the theme's colour before its page has painted. */
import { BrowserWindow, nativeTheme } from 'electron'

/** The page's background in both themes: `--paper` of the renderer's style. */
const background = { light: '#f8fbfb', dark: '#10191c' }

export function openWindow({ preload }: { readonly preload: string }): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Headwater',
    width: 1280,
    height: 800,
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

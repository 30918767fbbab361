/** A window of the app: sandboxed, and in the theme's colour before its page has painted. */
import { BrowserWindow, nativeTheme } from 'electron'

/** The page's background in both themes, as the renderer's style has it. */
const background = { light: '#ffffff', dark: '#17181a' }

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

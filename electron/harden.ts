/**
 * What no page may do, whatever it contains: leave the app's origin, open windows, embed guests, ask for
 * permissions. The app has no links to the web, so none is opened: a URL is the easiest way out for data.
 */
import { app, session, type WebContents } from 'electron'
import { isAppUrl } from './protocol.ts'

/** Only after the app is ready, before any window. */
export function hardenApp(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  defaultSession.setPermissionCheckHandler(() => false)
  defaultSession.setDevicePermissionHandler(() => false)
  app.on('web-contents-created', (_event, contents) => hardenContents(contents))
}

function hardenContents(contents: WebContents): void {
  const stayInApp = (event: { readonly url: string; preventDefault(): void }) => {
    if (!isAppUrl(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', stayInApp)
  contents.on('will-frame-navigate', stayInApp)
  contents.on('will-redirect', stayInApp)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

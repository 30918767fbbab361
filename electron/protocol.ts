/**
 * The app's own protocol, `app://headwater/`: a secure origin that serves the built renderer and nothing else.
 */
import { protocol } from 'electron'
import type { Assets } from '../src/web/assets.ts'
import { securityHeaders } from '../src/web/headers.ts'

const SCHEME = 'app'
const HOST = 'headwater'

export const APP_ORIGIN = `${SCHEME}://${HOST}`

/** Only before the app is ready. */
export function declareAppProtocol(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true }
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }])
}

/** Only after the app is ready. */
export function serveAppProtocol(assets: Assets): void {
  const headers = securityHeaders()
  protocol.handle(SCHEME, ({ method, url }) => {
    if (method !== 'GET') return new Response(null, { status: 405, headers })
    const asset = isAppUrl(url) ? assets.find(new URL(url).pathname) : null
    if (asset === null) return new Response(null, { status: 404, headers })
    return new Response(asset.body, { headers: { ...headers, 'content-type': asset.contentType } })
  })
}

/** Whether a page of this URL is ours. (`URL.origin` is `null` for schemes that Node does not know.) */
export function isAppUrl(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  return protocol === `${SCHEME}:` && host === HOST
}

/**
 * The token of the headless host. It arrives in the URL's fragment, which no server sees; it is read once, kept
 * for reloads of this tab, and taken out of the address bar, so that the fragment is free for the app's view.
 */

const STORED = 'headwater.token'

/** The part of a browser's window that this needs. */
export interface TokenSource {
  readonly location: { readonly hash: string; readonly pathname: string; readonly search: string }
  readonly history: { replaceState(data: unknown, unused: string, url: string): void }
  readonly sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void }
}

/** The token from `#token=…`, else the one kept from before; null when there is none. */
export function takeToken({ location, history, sessionStorage }: TokenSource): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return sessionStorage.getItem(STORED)
  // It travels as a WebSocket subprotocol, which a damaged link could not be.
  if (!/^[\w-]+$/.test(token)) return null
  sessionStorage.setItem(STORED, token)
  history.replaceState(null, '', location.pathname + location.search)
  return token
}

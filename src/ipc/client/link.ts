/**
 * The way to the host: Electron's IPC where the preload exposes it, else a WebSocket to where the page came from.
 */
import { createWSClient, wsLink, type TRPCLink } from '@trpc/client'
import { ipcLink } from 'electron-trpc/renderer'
import type { AppRouter } from '../router.ts'
import { takeToken } from './token.ts'

/**
 * - `opening`: no status came yet.
 * - `open`: what this document shows is current.
 * - `lost`: the host does not answer; it is being asked again.
 */
export type LinkState = 'opening' | 'open' | 'lost'

export interface Link {
  readonly link: TRPCLink<AppRouter>
  close(): void
}

/**
 * `onLost` is called whenever the WebSocket closes or cannot be opened; tRPC opens another, and asks for all
 * subscriptions again.
 */
export function openLink(onLost: () => void): Link {
  if ('electronTRPC' in globalThis) return { link: ipcLink<AppRouter>(), close: () => {} }
  const client = createWSClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/trpc`,
    WebSocket: socketWith(takeToken(globalThis), onLost),
    retryDelayMs: (attempt) => Math.min(250 * 2 ** attempt, 5000),
  })
  return { link: wsLink({ client }), close: () => client.close() }
}

/** tRPC's socket sends no headers: the token travels as a subprotocol, never in a URL. */
function socketWith(token: string | null, onClose: () => void): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL) {
      super(url, token ?? [])
      this.addEventListener('close', onClose)
    }
  }
}

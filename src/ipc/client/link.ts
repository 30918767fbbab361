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
 * - `lost`: the host does not answer; the link is being opened again.
 */
export type LinkState = 'opening' | 'open' | 'lost'

export interface Link {
  readonly link: TRPCLink<AppRouter>
  close(): void
}

/** `onLost` is called when an open WebSocket closes; all subscriptions are then asked for again by tRPC. */
export function openLink(onLost: () => void): Link {
  if ('electronTRPC' in globalThis) return { link: ipcLink<AppRouter>(), close: () => {} }
  const token = takeToken(globalThis)
  const client = createWSClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/trpc`,
    WebSocket: token === null ? WebSocket : withProtocol(token),
    onClose: onLost,
    retryDelayMs: (attempt) => Math.min(250 * 2 ** attempt, 5000),
  })
  return { link: wsLink({ client }), close: () => client.close() }
}

/** tRPC's socket sends no headers: the token travels as a subprotocol, never in a URL. */
function withProtocol(protocol: string): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL) {
      super(url, protocol)
    }
  }
}

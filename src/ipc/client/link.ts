/**
 * The way to the host: Electron's IPC where the preload exposes it, else a WebSocket to where the page came from.
 */
import { createWSClient, wsLink, type TRPCLink } from '@trpc/client'
import { ipcLink } from 'electron-trpc/renderer'
import type { AppRouter } from '../router.ts'
import { onlyShortMessages } from './short-messages.ts'
import { takeToken } from './token.ts'

/**
 * - `opening`: no status came yet.
 * - `open`: what this document shows is current.
 * - `lost`: the host does not answer; it is being asked again.
 * - `refused`: the host answers and does not serve this page: not its token, or not its role. Nothing is asked again.
 */
export type LinkState = 'opening' | 'open' | 'lost' | 'refused'

export interface Link {
  readonly link: TRPCLink<AppRouter>
  close(): void
}

/**
 * `onChange` is told `lost` whenever the WebSocket closes or cannot be opened; tRPC opens another, and asks for all
 * subscriptions again. After `refused` the link is closed.
 */
export function openLink(onChange: (state: 'lost' | 'refused') => void): Link {
  if ('electronTRPC' in globalThis) return { link: pageLink(), close: () => {} }
  const onClose = (wasOpen: boolean) => {
    onChange('lost')
    if (wasOpen) return
    void isHostThere().then((isThere) => {
      if (!isThere) return
      client.close()
      onChange('refused')
    })
  }
  const client = createWSClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/trpc`,
    WebSocket: socketWith(takeToken(globalThis), onClose),
    retryDelayMs: (attempt) => Math.min(250 * 2 ** attempt, 5000),
  })
  return { link: onlyShortMessages(wsLink({ client })), close: () => client.close() }
}

/** Each tRPC client counts its calls from 1, and all clients of a page share one channel: here the page counts. */
function pageLink(): TRPCLink<AppRouter> {
  const open = ipcLink<AppRouter>()
  return (runtime) => {
    const ask = open(runtime)
    return ({ op, next }) => ask({ op: { ...op, id: ++calls }, next })
  }
}

let calls = 0

/** tRPC's socket sends no headers: the token travels as a subprotocol, never in a URL. */
function socketWith(token: string | null, onClose: (wasOpen: boolean) => void): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL) {
      super(url, token ?? [])
      let wasOpen = false
      this.addEventListener('open', () => (wasOpen = true))
      this.addEventListener('close', () => onClose(wasOpen))
    }
  }
}

/** A browser does not say why a WebSocket did not open; but where pages come from, it would have, given a token. */
async function isHostThere(): Promise<boolean> {
  try {
    const answer = await fetch(`${location.protocol}//${location.host}/`, {
      method: 'HEAD',
      cache: 'no-store',
    })
    return answer.ok
  } catch {
    return false
  }
}

/**
 * Who gets in. Any page of any site can send requests to loopback, and DNS can point any name at it, so the
 * host answers only to its exact name, takes connections only from its own origin, and opens the WebSocket
 * only for one of its tokens.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { WindowRole } from '../ipc/window.ts'

/** One token for each role: who has it is let in as that. */
export type Tokens = { readonly [role in WindowRole]: string }

/** 256 bits each. Only characters that a WebSocket subprotocol and a URL may hold. */
export function createTokens(): Tokens {
  const token = () => randomBytes(32).toString('base64url')
  return { app: token(), inspector: token(), headless: token() }
}

export interface Gate {
  /** Status to refuse a request with; null lets it pass. */
  refuseRequest(request: IncomingMessage): 403 | 405 | null
  /** The role that an upgrade is let in with, or the status to refuse it with. */
  admit(request: IncomingMessage): WindowRole | 401 | 403 | 404
}

/** @param authority host and port, for example `127.0.0.1:4000`. */
export function createGate(authority: string, tokens: Tokens): Gate {
  const origin = `http://${authority}`
  const digests = Object.entries(tokens).map(([role, token]) => ({
    role: role as WindowRole,
    digest: digest(token),
  }))
  return {
    refuseRequest({ headers, method }) {
      if (headers.host !== authority) return 403
      if (method === 'GET' || method === 'HEAD') return null
      return headers.origin === origin ? 405 : 403
    },
    admit({ headers, url }) {
      if (headers.host !== authority || headers.origin !== origin) return 403
      if (url !== '/trpc') return 404
      const offered = digest(headers['sec-websocket-protocol'] ?? '')
      // Every token is compared, so that the time tells nothing.
      const admitted = digests.filter((token) => timingSafeEqual(token.digest, offered))
      return admitted[0]?.role ?? 401
    },
  }
}

/** Digests have one length, which the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

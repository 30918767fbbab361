/**
 * The headless host: serves the built renderer and the router's WebSocket on loopback. One socket is one
 * document; when it closes, its subscriptions end and with them its holds.
 */
import { once } from 'node:events'
import { createServer, STATUS_CODES, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { AppRouter } from '../ipc/router.ts'
import type { CallContext, WindowIdentity, WindowRole } from '../ipc/window.ts'
import { loadAssets } from './assets.ts'
import { createGate, createTokens, type Tokens } from './gate.ts'
import { securityHeaders } from './headers.ts'
import { takeTurns } from './turns.ts'

export interface ServeOptions {
  readonly router: AppRouter
  /** The built renderer, with `index.html`. */
  readonly directory: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Milliseconds between two pings; a socket that did not answer the last one is closed. Default 15,000. */
  readonly pingInterval?: number
}

export interface WebHost {
  /** Where the app is, with its token. Give it to nobody else: who has it reads the data. */
  readonly url: string
  /** Where the inspector is, with its own token. */
  readonly inspectorUrl: string
  /** `http://127.0.0.1:<port>`, without a token. */
  readonly origin: string
  /**
   * `headless` is for programs: a WebSocket to `/trpc` whose subprotocol is the token and whose `Origin` is `origin`.
   */
  readonly tokens: Tokens
  /** Close all sockets and free the port. Safe to call twice. */
  close(): Promise<void>
}

/** Larger messages from a page close its socket. Pages send calls, not data. */
const MAX_MESSAGE_BYTES = 1024 * 1024

/** A page that has so much to read is not listened to until it has read it. */
const MAX_UNREAD_BYTES = 1024 * 1024

/**
 * Rejects when the renderer is not built or the port is taken.
 *
 * @example
 * const host = await serveWeb({ router: createRouter({ daemon }), directory: '.vite/renderer/main_window' })
 * console.log(host.url) // http://127.0.0.1:41234/#token=…
 */
export async function serveWeb(options: ServeOptions): Promise<WebHost> {
  const assets = await loadAssets(options.directory)
  const server = createServer()
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')

  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const tokens = createTokens()
  const gate = createGate(authority, tokens)
  const headers = securityHeaders([`ws://${authority}`])

  server.on('request', (request, response) => {
    const refused = gate.refuseRequest(request)
    const asset = refused === null ? assets.find((request.url ?? '/').split('?', 1)[0] ?? '/') : null
    if (asset === null) {
      response.writeHead(refused ?? 404, headers).end()
    } else {
      const length = asset.body.byteLength
      response.writeHead(200, { ...headers, 'content-type': asset.contentType, 'content-length': length })
      response.end(request.method === 'HEAD' ? undefined : asset.body)
    }
  })

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })
  const contexts = new WeakMap<IncomingMessage, CallContext>()
  let documentCount = 0
  server.on('upgrade', (request, socket, head) => {
    const role = gate.admit(request)
    if (typeof role === 'number') return refuseUpgrade(socket, role)
    const ended = new AbortController()
    contexts.set(request, { window: nextDocument(++documentCount, role), ended: ended.signal })
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.once('close', () => ended.abort())
      sockets.emit('connection', opened, request)
    })
  })
  applyWSSHandler({
    wss: sockets,
    router: options.router,
    createContext: ({ req }) => contexts.get(req)!,
  })
  takeTurns(sockets, { mayRead })
  listenToReaders(sockets)
  const stopPinging = closeSilentSockets(sockets, options.pingInterval ?? 15_000)

  let closing: Promise<void> | null = null
  const close = async () => {
    stopPinging()
    for (const socket of sockets.clients) socket.terminate()
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://${authority}/#token=${tokens.app}`,
    inspectorUrl: `http://${authority}/inspector#token=${tokens.inspector}`,
    origin: `http://${authority}`,
    tokens,
    close: () => (closing ??= close()),
  }
}

function nextDocument(number: number, role: WindowRole): WindowIdentity {
  const kind = role === 'headless' ? 'program' : 'tab'
  return { id: `${kind}-${number}`, name: `${kind} ${number}`, role }
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/**
 * What is pushed waits for acknowledgements; what a page asks for does not. So a page that asks and does not read
 * is not heard: it can make the host hold no more than what its last messages asked for.
 */
function listenToReaders(sockets: WebSocketServer): void {
  sockets.on('connection', (socket, { socket: carrier }) => {
    socket.on('message', () => {
      if (!mayRead(socket)) socket.pause()
    })
    carrier.on('drain', () => socket.resume())
  })
}

function mayRead(socket: WebSocket): boolean {
  return socket.bufferedAmount <= MAX_UNREAD_BYTES
}

/** A laptop that sleeps or a tab that was killed does not always say goodbye. */
function closeSilentSockets(sockets: WebSocketServer, interval: number): () => void {
  const silent = new WeakSet<WebSocket>()
  sockets.on('connection', (socket) => socket.on('pong', () => silent.delete(socket)))
  const timer = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) {
        socket.terminate()
      } else {
        silent.add(socket)
        socket.ping()
      }
    }
  }, interval)
  return () => clearInterval(timer)
}

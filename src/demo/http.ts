/**
 * The HTTP face: routes, bodies, headers, and refusals turned into responses. What the requests mean is decided
 * by the handlers it is given.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { badBody, Refusal, unknownPath } from './refusal.ts'

/** A request whose route is known. `body` is the parsed JSON, undefined for a GET. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly body: unknown
}

/** Answers a call: with a value for a JSON body, or by itself (then it returns undefined). */
export type Handler = (call: Call) => unknown

/** Handlers by method and path: `POST /sync/stream`. */
export type Routes = { readonly [route: string]: Handler }

/** What came in on a known route, for tests that ask what a client sent. Headers and tokens are not kept. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  /** Null until the response is over. */
  readonly status: number | null
  /** The parsed body of `POST /sync/stream`; undefined for other requests. */
  readonly body?: unknown
}

const bodyLimitBytes = 1024 * 1024

export interface HttpOptions {
  readonly routes: Routes
  readonly record: (request: RecordedRequest) => void
  readonly log: (line: string) => void
}

export function createHttp(options: HttpOptions): Server {
  return createServer((request, response) => {
    void answer(options, request, response)
  })
}

async function answer(options: HttpOptions, request: IncomingMessage, response: ServerResponse) {
  const { method = '', url = '' } = request
  const [path = '', query] = url.split('?', 2)
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-expose-headers', 'Content-Type')
  try {
    if (method === 'OPTIONS') return sendPreflight(response)
    const handler = Object.hasOwn(options.routes, `${method} ${path}`)
      ? options.routes[`${method} ${path}`]
      : undefined
    if (handler === undefined) throw unknownPath(method, url)
    const body = method === 'POST' ? await readJson(request) : undefined
    const recorded = { method, path, status: null as number | null, ...(path === '/sync/stream' && { body }) }
    response.once('close', () => (recorded.status = response.statusCode))
    options.record(recorded)
    const result = await handler({ request, response, query: new URLSearchParams(query), body })
    if (result !== undefined) sendJson(response, 200, result)
  } catch (error) {
    refuse(options, request, response, error)
  }
}

function refuse(options: HttpOptions, request: IncomingMessage, response: ServerResponse, error: unknown) {
  if (request.socket.destroyed) return
  if (!(error instanceof Refusal)) {
    options.log(`${request.method} ${request.url} failed: ${String(error)}`)
  }
  // In mid-stream there is no error line: as with the real service, the connection is reset.
  if (response.headersSent || !(error instanceof Refusal)) request.socket.resetAndDestroy()
  else sendJson(response, error.status, error.body)
}

function sendPreflight(response: ServerResponse): void {
  response.setHeader('access-control-allow-methods', 'GET,HEAD,POST')
  response.setHeader('access-control-allow-headers', 'Content-Type, Authorization, User-Agent, X-User-Agent')
  response.setHeader('access-control-max-age', '3600')
  response.writeHead(204, { 'content-length': '0' }).end()
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (value === null) {
    response.writeHead(status, { 'content-length': '0' }).end()
    return
  }
  const text = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type'] === undefined) throw badBody.noContentType()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // The rest is read and thrown away: a client that still sends would not see the answer.
    if (size <= bodyLimitBytes) chunks.push(chunk)
  }
  if (size > bodyLimitBytes) throw badBody.tooLarge()
  if (size === 0) throw badBody.empty()
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw badBody.notJson()
  }
}

/**
 * The HTTP transport, by fetch: the stream, BSON asked for first, gzip and zstd understood; and checkpoint ids.
 * It refuses what is not a sync service before a byte of it is decoded, and notices a stream gone silent.
 */
import type { OpId } from '../wire/line.ts'
import type { SyncRequest } from '../wire/request.ts'
import { TransportError } from './connector.ts'
import type { ByteStream, Credentials, Transport } from './connector.ts'
import { checkStream, readCheckpointId } from './response.ts'
import { Watchdog } from './watchdog.ts'

const ACCEPT = 'application/vnd.powersync.bson-stream;q=0.9,application/x-ndjson;q=0.8'

const JSON_BODY = { 'content-type': 'application/json' }

/** The service reads at most 1 MiB of request. */
const MAX_REQUEST_BYTES = 1024 * 1024

export interface HttpTransportOptions {
  /** Default: the global fetch. Electron passes `net.fetch` for the system's proxy and certificates. */
  readonly fetch?: typeof fetch
  /** Ask for BSON (default true); false asks for NDJSON only. */
  readonly bson?: boolean
  /** Milliseconds without a byte after which a stream counts as dead. Default 40,000: two keepalives. */
  readonly idleMs?: number
  /** Milliseconds to wait for the response headers. Default 30,000. */
  readonly headersMs?: number
}

/**
 * A transport over HTTP.
 *
 * @example
 * const stream = await httpTransport().open({ credentials, request, signal })
 * for await (const chunk of stream.chunks) framer.push(chunk)
 */
export function httpTransport(options: HttpTransportOptions = {}): Transport {
  const send = options.fetch ?? fetch
  const idleMs = options.idleMs ?? 40_000
  const headersMs = options.headersMs ?? 30_000
  const accept = options.bson === false ? 'application/x-ndjson' : ACCEPT

  /** Send a request and make of the response what `read` makes; the watchdog stops unless `read` keeps it. */
  async function exchange<T>(
    url: string,
    request: RequestInit,
    { credentials, signal }: { readonly credentials: Credentials; readonly signal: AbortSignal },
    read: (response: Response, watchdog: Watchdog) => Promise<T>,
  ): Promise<T> {
    const watchdog = new Watchdog(signal)
    watchdog.expect(headersMs, 'unreachable', `The service did not answer within ${headersMs / 1000} s.`)
    try {
      const authorization = `Token ${credentials.token}`
      const headers = { ...(request.headers as Record<string, string>), authorization }
      const response = await send(url, { ...request, headers, redirect: 'manual', signal: watchdog.signal })
      return await read(response, watchdog)
    } catch (error) {
      watchdog.stop()
      throw watchdog.explain(error, 'unreachable', 'The sync service could not be reached.')
    }
  }

  return {
    async open(call) {
      const headers = { ...JSON_BODY, accept, 'accept-encoding': 'zstd, gzip' }
      const request = { method: 'POST', headers, body: encodeRequest(call.request) }
      return await exchange(
        urlOf(call.credentials, 'sync/stream'),
        request,
        call,
        async (response, watchdog) => {
          const format = await checkStream(response)
          if (response.body === null) throw new TransportError('broken', 'The service sent no stream.')
          return { format, chunks: readChunks(response.body, watchdog, idleMs) } satisfies ByteStream
        },
      )
    },

    async requestCheckpoint(call) {
      const { credentials, clientId, id } = call
      const { path, field, request } = id === null ? legacyRequest(clientId) : checkpointRequest(clientId, id)
      return await exchange(urlOf(credentials, path), request, call, async (response, watchdog) => {
        const answered = await readCheckpointId(response, field)
        watchdog.stop()
        return answered
      })
    },
  }
}

/** The service counts. */
function legacyRequest(clientId: string) {
  const path = `write-checkpoint2.json?client_id=${encodeURIComponent(clientId)}`
  return { path, field: 'write_checkpoint', request: { method: 'GET' } }
}

/** The client counts. */
function checkpointRequest(clientId: string, id: OpId) {
  const body = JSON.stringify({ client_id: clientId, checkpoint_request_id: String(id) })
  return {
    path: 'sync/checkpoint-request',
    field: 'checkpoint_request_id',
    request: { method: 'POST', headers: JSON_BODY, body },
  }
}

/** The URL of a route below an endpoint. Throws `TransportError` for what is not an HTTP URL. */
function urlOf(credentials: Credentials, path: string): string {
  let base: URL
  try {
    base = new URL(credentials.endpoint)
  } catch (cause) {
    throw new TransportError('unreachable', 'The endpoint in the credentials is not a URL.', { cause })
  }
  if (base.protocol !== 'http:' && base.protocol !== 'https:') {
    throw new TransportError('unreachable', 'The endpoint in the credentials is not an http or https URL.')
  }
  return new URL(path, base.href.endsWith('/') ? base : `${base.href}/`).href
}

function encodeRequest(request: SyncRequest): Uint8Array<ArrayBuffer> {
  const body = encode(request)
  if (body.byteLength <= MAX_REQUEST_BYTES) return body
  const shown = (number: number) => number.toLocaleString('en')
  throw new TransportError(
    'request_too_large',
    `The request has ${shown(body.byteLength)} bytes and the service reads at most ` +
      `${shown(MAX_REQUEST_BYTES)}: ${whatIsTooMuch(request, body.byteLength, shown)}`,
  )
}

function whatIsTooMuch(request: SyncRequest, bytes: number, shown: (number: number) => string): string {
  const count = request.buckets.length
  const rest = encode({ ...request, buckets: [] }).byteLength
  const held = `this client holds ${shown(count)} buckets`
  if (rest >= MAX_REQUEST_BYTES) {
    return `${held}, and the parameters of the connection and of the streams alone are too large.`
  }
  const fitting = Math.floor(((MAX_REQUEST_BYTES - rest) / (bytes - rest)) * count)
  return `${held}, about ${shown(fitting)} fit. Unsubscribe from some streams, or give them fewer buckets.`
}

function encode(request: SyncRequest): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(request))
}

async function* readChunks(
  body: ReadableStream<Uint8Array>,
  watchdog: Watchdog,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  const silent = () =>
    watchdog.expect(idleMs, 'silent', `The service has been silent for ${Math.round(idleMs / 1000)} s.`)
  const reader = body.getReader()
  try {
    for (;;) {
      silent()
      const { done, value } = await reader.read()
      watchdog.rest()
      if (done) return
      yield value
    }
  } catch (error) {
    throw watchdog.explain(error, 'broken', 'The connection to the service broke.')
  } finally {
    watchdog.stop()
    reader.cancel().catch(() => undefined)
  }
}

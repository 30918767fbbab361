/**
 * The HTTP transport: `POST /sync/stream` by fetch, BSON asked for first, gzip and zstd understood.
 * It refuses what is not a sync service before a byte of it is decoded, and notices a stream gone silent.
 */
import type { SyncRequest } from '../wire/request.ts'
import { TransportError } from './connector.ts'
import type { ByteStream, Credentials, Transport } from './connector.ts'

const ACCEPT = 'application/vnd.powersync.bson-stream;q=0.9,application/x-ndjson;q=0.8'

/** The service reads at most 1 MiB of request. */
const MAX_REQUEST_BYTES = 1024 * 1024

const MAX_ERROR_BODY_BYTES = 64 * 1024

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

  return {
    async open({ credentials, request, signal }) {
      const body = encodeRequest(request)
      const watchdog = new Watchdog(signal)
      watchdog.expect(headersMs, 'unreachable', `The service did not answer within ${headersMs / 1000} s.`)
      try {
        const response = await send(streamUrl(credentials), {
          method: 'POST',
          headers: {
            accept,
            'accept-encoding': 'zstd, gzip',
            'content-type': 'application/json',
            authorization: `Token ${credentials.token}`,
          },
          body,
          redirect: 'manual',
          signal: watchdog.signal,
        })
        const format = await checkResponse(response)
        if (response.body === null) throw new TransportError('broken', 'The service sent no stream.')
        return { format, chunks: readChunks(response.body, watchdog, idleMs) } satisfies ByteStream
      } catch (error) {
        watchdog.stop()
        throw watchdog.explain(error, 'unreachable', 'The sync service could not be reached.')
      }
    },
  }
}

/** The URL of the stream route below an endpoint. Throws `TransportError` for what is not an HTTP URL. */
function streamUrl(credentials: Credentials): string {
  let base: URL
  try {
    base = new URL(credentials.endpoint)
  } catch (cause) {
    throw new TransportError('unreachable', 'The endpoint in the credentials is not a URL.', { cause })
  }
  if (base.protocol !== 'http:' && base.protocol !== 'https:') {
    throw new TransportError('unreachable', 'The endpoint in the credentials is not an http or https URL.')
  }
  return new URL('sync/stream', base.href.endsWith('/') ? base : `${base.href}/`).href
}

function encodeRequest(request: SyncRequest): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(JSON.stringify(request))
  if (body.byteLength <= MAX_REQUEST_BYTES) return body
  const perBucket = body.byteLength / Math.max(1, request.buckets.length)
  throw new TransportError(
    'request_too_large',
    `The request has ${body.byteLength.toLocaleString('en')} bytes and the service reads at most ` +
      `${MAX_REQUEST_BYTES.toLocaleString('en')}: this client holds ${request.buckets.length.toLocaleString('en')} ` +
      `buckets, about ${Math.max(0, Math.floor(MAX_REQUEST_BYTES / perBucket)).toLocaleString('en')} fit. ` +
      'Unsubscribe from some streams, or give them fewer buckets.',
  )
}

/** The stream's format, or the reason why this is no sync stream. Reads (a little of) an error's body. */
async function checkResponse(response: Response): Promise<ByteStream['format']> {
  const contentType = (response.headers.get('content-type') ?? '').toLowerCase()
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel()
    throw new TransportError(
      'not_a_sync_service',
      'The endpoint answered with a redirect. A proxy or a login page may be in the way, or the URL is wrong.',
      { status: response.status },
    )
  }
  if (response.status !== 200) throw await rejection(response)
  if (contentType.startsWith('application/vnd.powersync.bson-stream')) return 'bson'
  if (contentType.startsWith('application/x-ndjson')) return 'ndjson'
  await response.body?.cancel()
  throw new TransportError(
    'not_a_sync_service',
    contentType.startsWith('text/html')
      ? 'The endpoint answered with a web page. A proxy or a login page may be in the way, or the URL is wrong.'
      : 'The endpoint answered with something that is not a sync stream.',
    { status: response.status },
  )
}

async function rejection(response: Response): Promise<TransportError> {
  const { code, description } = readErrorBody(await readStart(response))
  const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'))
  const unauthorized = response.status === 401 || response.status === 403
  const details = {
    status: response.status,
    ...(code !== null && { serviceCode: code }),
    ...(retryAfterSeconds !== null && { retryAfterSeconds }),
  }
  const said = description === null ? '' : `: ${description}`
  return unauthorized
    ? new TransportError(
        'unauthorized',
        `The service refused the credentials (${code ?? response.status})${said}`,
        details,
      )
    : new TransportError(
        'rejected',
        `The service answered ${response.status}${code === null ? '' : ` (${code})`}${said}`,
        details,
      )
}

/** The first bytes of an error's body: enough for its code, never all of what a proxy may send. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  if (response.body === null) return text
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length >= MAX_ERROR_BODY_BYTES) break
  }
  return text
}

/** `{"error":{"code","description"}}`, or nulls where the body is something else. */
function readErrorBody(text: string): { readonly code: string | null; readonly description: string | null } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; description?: unknown } }
    return {
      code: typeof error?.code === 'string' ? error.code : null,
      description: typeof error?.description === 'string' ? error.description.slice(0, 300) : null,
    }
  } catch {
    return { code: null, description: null }
  }
}

/** Seconds of a `Retry-After` header, a number or a date. */
function readRetryAfter(value: string | null): number | null {
  if (value === null) return null
  if (/^\d{1,9}$/.test(value)) return Number(value)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000))
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

/** Aborts when the caller does, or when what was expected does not come in time; and knows which it was. */
class Watchdog {
  readonly #abort = new AbortController()
  readonly #outer: AbortSignal
  #timer: NodeJS.Timeout | undefined
  #late: TransportError | null = null

  constructor(outer: AbortSignal) {
    this.#outer = outer
    if (outer.aborted) this.#onOuter()
    else outer.addEventListener('abort', this.#onOuter, { once: true })
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Something must happen within `ms`, or the stream ends with this error. Replaces what was expected. */
  expect(ms: number, code: 'silent' | 'unreachable', message: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#late = new TransportError(code, message)
      this.#abort.abort(this.#late)
    }, ms)
  }

  /** Nothing is expected for now: the reader is busy with what came. */
  rest(): void {
    clearTimeout(this.#timer)
  }

  stop(): void {
    this.rest()
    this.#outer.removeEventListener('abort', this.#onOuter)
  }

  /** The error to throw: what was late, the caller's reason, a typed one as it is, or the given code. */
  explain(error: unknown, code: 'unreachable' | 'broken', message: string): unknown {
    if (this.#late !== null) return this.#late
    if (this.#outer.aborted) return this.#outer.reason
    return error instanceof TransportError ? error : new TransportError(code, message, { cause: error })
  }

  readonly #onOuter = (): void => this.#abort.abort(this.#outer.reason)
}

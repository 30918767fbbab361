/** The HTTP transport against real sockets: what it sends, what it accepts, and how each failure is named. */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGzip, createZstdCompress, constants } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { TransportError } from '../../src/connector/connector.ts'
import type { TransportErrorCode } from '../../src/connector/connector.ts'
import { httpTransport } from '../../src/connector/http.ts'
import type { HttpTransportOptions } from '../../src/connector/http.ts'
import type { SyncRequest } from '../../src/wire/request.ts'
import { loadCaptures } from '../captures/load.ts'

const request: SyncRequest = {
  buckets: [{ name: 'a', after: '9223372036854775807' }],
  include_checksum: true,
  raw_data: true,
  binary_data: true,
  client_id: 'c',
  streams: { include_defaults: true, subscriptions: [] },
}
const token = 'header1234.payload1234.signature1234'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function open(endpoint: string, options: HttpTransportOptions = {}, signal = new AbortController().signal) {
  return httpTransport(options).open({ credentials: { endpoint, token }, request, signal })
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true })
  return text
}

async function failureOf(work: Promise<unknown>): Promise<TransportError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(TransportError)
  return error as TransportError
}

const lines = (response: ServerResponse, type = 'application/x-ndjson') =>
  response.writeHead(200, { 'content-type': type })

describe('the request', () => {
  test('is posted with the token in a header, BSON asked for first, and the body exact', async () => {
    const seen: { message: IncomingMessage; body: string }[] = []
    const endpoint = await serve((message, response) => {
      let body = ''
      message.on('data', (data) => (body += data))
      message.on('end', () => {
        seen.push({ message, body })
        lines(response).end()
      })
    })
    await readAll((await open(`${endpoint}/base/`)).chunks)
    const { message, body } = seen[0]!
    expect(message.method).toBe('POST')
    expect(message.url).toBe('/base/sync/stream')
    expect(message.headers).toMatchObject({
      authorization: `Token ${token}`,
      accept: 'application/vnd.powersync.bson-stream;q=0.9,application/x-ndjson;q=0.8',
      'content-type': 'application/json',
      'accept-encoding': 'zstd, gzip',
    })
    expect(JSON.parse(body)).toEqual(request)
  })

  test('over 1 MiB is refused before it is sent, and says how many buckets fit', async () => {
    let asked = 0
    const endpoint = await serve(() => asked++)
    const buckets = Array.from({ length: 30_000 }, (_, i) => ({
      name: `1#stream|0["${i}"]`,
      after: '1234567',
    }))
    const error = await failureOf(
      httpTransport().open({
        credentials: { endpoint, token },
        request: { ...request, buckets },
        signal: new AbortController().signal,
      }),
    )
    expect(error.code).toBe('request_too_large')
    expect(error.message).toMatch(/30,000 buckets, about \d\d,\d{3} fit/)
    expect(asked).toBe(0)
  })

  test('over 1 MiB without the buckets blames the parameters, not them', async () => {
    const subscription = { stream: 's', parameters: { text: 'x'.repeat(1_100_000) }, override_priority: null }
    const error = await failureOf(
      httpTransport().open({
        credentials: { endpoint: 'http://127.0.0.1:9', token },
        request: { ...request, streams: { include_defaults: true, subscriptions: [subscription] } },
        signal: new AbortController().signal,
      }),
    )
    expect(error.code).toBe('request_too_large')
    expect(error.message).toContain('the parameters of the connection and of the streams alone are too large')
    expect(error.message).not.toContain('fit')
  })

  test.each(['ftp://example.com', 'not a url', ''])('to the endpoint %j is refused', async (endpoint) => {
    expect((await failureOf(open(endpoint))).code).toBe('unreachable')
  })
})

describe('a stream', () => {
  test.each([
    ['application/x-ndjson', 'ndjson'],
    ['application/vnd.powersync.bson-stream; concatenated=true', 'bson'],
  ])('of type %s is %s', async (type, format) => {
    const endpoint = await serve((_, response) => void lines(response, type).end('{}'))
    const stream = await open(endpoint)
    expect(stream.format).toBe(format)
    expect(await readAll(stream.chunks)).toBe('{}')
  })

  test.each([
    ['gzip', () => createGzip({ flush: constants.Z_SYNC_FLUSH })],
    ['zstd', () => createZstdCompress()],
  ])('compressed with %s arrives line by line', async (encoding, create) => {
    const endpoint = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson', 'content-encoding': encoding })
      const packer = create()
      packer.pipe(response)
      packer.write('{"first":1}\n')
      packer.flush()
    })
    const stream = await open(endpoint)
    for await (const chunk of stream.chunks) {
      expect(new TextDecoder().decode(chunk)).toBe('{"first":1}\n')
      break
    }
  })

  test('reset in the middle is broken, and what came before was handed over', async () => {
    const endpoint = await serve((_, response) => {
      lines(response).write('{"first":1}\n', () => setTimeout(() => response.destroy(), 20))
    })
    const stream = await open(endpoint)
    let text = ''
    const error = await failureOf(
      (async () => {
        for await (const chunk of stream.chunks) text += new TextDecoder().decode(chunk)
      })(),
    )
    expect(text).toBe('{"first":1}\n')
    expect(error.code).toBe('broken')
  })

  test('that falls silent is noticed', async () => {
    const endpoint = await serve((_, response) => void lines(response).write('{}\n'))
    const stream = await open(endpoint, { idleMs: 60 })
    expect((await failureOf(readAll(stream.chunks))).code).toBe('silent')
  })

  test('ends with the reason of the signal when aborted in the middle', async () => {
    const endpoint = await serve((_, response) => void lines(response).write('{}\n'))
    const abort = new AbortController()
    const stream = await open(endpoint, {}, abort.signal)
    const reason = new Error('no more')
    setTimeout(() => abort.abort(reason), 20)
    await expect(readAll(stream.chunks)).rejects.toBe(reason)
  })
})

describe('a failure', () => {
  test('to answer in time is unreachable', async () => {
    const endpoint = await serve(() => undefined)
    expect((await failureOf(open(endpoint, { headersMs: 60 }))).code).toBe('unreachable')
  })

  test('before the headers ends with the reason of the signal', async () => {
    const endpoint = await serve(() => undefined)
    const abort = new AbortController()
    const reason = new Error('no more')
    setTimeout(() => abort.abort(reason), 20)
    await expect(open(endpoint, {}, abort.signal)).rejects.toBe(reason)
  })

  test('to connect is unreachable', async () => {
    const endpoint = await serve(() => undefined)
    for (const close of closers.splice(0)) close()
    expect((await failureOf(open(endpoint))).code).toBe('unreachable')
  })

  const wrong: [string, RequestListener, TransportErrorCode][] = [
    [
      'a web page with 200',
      (_, response) =>
        void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
      'not_a_sync_service',
    ],
    [
      'JSON with 200',
      (_, response) => void lines(response, 'application/json').end('{}'),
      'not_a_sync_service',
    ],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { location: 'https://login.example.com' }).end(),
      'not_a_sync_service',
    ],
    ['403', (_, response) => void response.writeHead(403).end(), 'unauthorized'],
    [
      'a web page with 502',
      (_, response) =>
        void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>bad gateway</html>'),
      'rejected',
    ],
  ]
  test.each(wrong)('%s has its code', async (_name, answer, code) => {
    const error = await failureOf(open(await serve(answer)))
    expect(error.code).toBe(code)
    expect(error.message).not.toContain('<html>')
  })

  test.each([
    ['7', 7],
    [new Date(Date.now() + 90_000).toUTCString(), expect.closeTo(90, -1)],
    ['soon', null],
  ])('with Retry-After %s keeps it', async (value, seconds) => {
    const endpoint = await serve(
      (_, response) => void response.writeHead(503, { 'retry-after': value }).end(),
    )
    expect((await failureOf(open(endpoint))).retryAfterSeconds).toEqual(seconds)
  })

  test('never quotes the token', async () => {
    const endpoint = await serve((_, response) => void response.writeHead(401).end())
    const error = await failureOf(open(endpoint))
    expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain(token)
  })

  const recorded = loadCaptures().filter(
    ({ path, status }) => path === '/sync/stream' && (status ?? 0) >= 400,
  )
  test.each(recorded.map((capture) => [capture.name, capture] as const))(
    'recorded as %s has the documented code',
    async (_name, capture) => {
      const endpoint = await serve((_, response) => {
        const { 'content-type': type } = capture.headers
        response.writeHead(capture.status!, type === undefined ? {} : { 'content-type': type })
        response.end(capture.responseBody)
      })
      const error = await failureOf(open(endpoint))
      const body =
        capture.responseBody === '' ? {} : (JSON.parse(capture.responseBody) as { error?: { code: string } })
      expect(error.code).toBe(capture.status === 401 ? 'unauthorized' : 'rejected')
      expect(error.status).toBe(capture.status)
      expect(error.serviceCode).toBe(body.error?.code ?? null)
    },
  )
  test('captures of refused streams are there to be tested', () => {
    expect(recorded.length).toBeGreaterThan(20)
  })
})

/** A sync service that says what the test tells it to, over real HTTP. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SyncRequest } from '../../src/wire/request.ts'

export interface Stream {
  readonly request: SyncRequest
  readonly token: string
  /** Say these lines. */
  say(...lines: object[]): void
  end(): void
  reset(): void
}

export interface ScriptedService {
  readonly url: string
  /** Streams opened so far. */
  readonly streams: readonly Stream[]
  /** The n-th stream, counted from 0, as soon as it is opened. */
  stream(index: number): Promise<Stream>
  /** Answer the next stream requests with this instead; null: streams again. */
  refuseWith(answer: ((response: ServerResponse) => void) | null): void
  /** Requests for checkpoint ids so far: the path, and the id that the client sent, if it did. */
  readonly checkpointsAsked: readonly {
    readonly path: string
    readonly clientId: string
    readonly id: string | null
  }[]
  /** Answers to requests for checkpoint ids; null: an error. Default: 1, 2, 3 …, or the id that was sent. */
  answerCheckpoints(answer: (id: string | null) => string | null): void
  /** How many stream requests came, refused ones included. */
  readonly asked: number
  close(): Promise<void>
}

export async function scriptedService(): Promise<ScriptedService> {
  const streams: Stream[] = []
  let refuse: ((response: ServerResponse) => void) | null = null
  let asked = 0
  let counted = 0
  let answerCheckpoint = (id: string | null): string | null => id ?? String(++counted)
  const checkpointsAsked: ScriptedService['checkpointsAsked'][number][] = []
  let wake: (() => void)[] = []

  const server = createServer((message, response) => void answer(message, response))
  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of message) body += String(chunk)
    const { pathname, searchParams } = new URL(message.url ?? '', 'http://service')
    if (pathname !== '/sync/stream') {
      const sent =
        body === '' ? null : (JSON.parse(body) as { client_id: string; checkpoint_request_id: string })
      const id = sent?.checkpoint_request_id ?? null
      checkpointsAsked.push({
        path: pathname,
        clientId: sent?.client_id ?? searchParams.get('client_id') ?? '',
        id,
      })
      const answered = answerCheckpoint(id)
      response.writeHead(answered === null ? 503 : 200, { 'content-type': 'application/json' })
      const field = id === null ? 'write_checkpoint' : 'checkpoint_request_id'
      response.end(JSON.stringify({ data: { [field]: answered } }))
      return
    }
    asked++
    if (refuse !== null) {
      refuse(response)
      return
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.flushHeaders()
    streams.push({
      request: JSON.parse(body) as SyncRequest,
      token: (message.headers.authorization ?? '').replace('Token ', ''),
      say: (...lines) => void response.write(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
      end: () => void response.end(),
      reset: () => void response.destroy(),
    })
    for (const resolve of wake.splice(0)) resolve()
  }
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams,
    async stream(index) {
      while (streams[index] === undefined) await new Promise<void>((resolve) => void wake.push(resolve))
      return streams[index]
    },
    checkpointsAsked,
    answerCheckpoints: (answerWith) => void (answerCheckpoint = answerWith),
    refuseWith: (answerWith) => void (refuse = answerWith),
    get asked() {
      return asked
    },
    close: async () => {
      wake = []
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

/** A checkpoint like the last one, which changes nothing but carries this write checkpoint. */
export function writeCheckpointDiff(lastOpId: string, writeCheckpoint: string): object[] {
  return [
    {
      checkpoint_diff: {
        last_op_id: lastOpId,
        write_checkpoint: writeCheckpoint,
        updated_buckets: [],
        removed_buckets: [],
      },
    },
    { checkpoint_complete: { last_op_id: lastOpId } },
  ]
}

/** A checkpoint of one bucket of todos with these rows (id to description), and all its data. */
export function todosCheckpoint(rows: Readonly<Record<string, string>>, bucket = 'todos[]'): object[] {
  const ids = Object.keys(rows)
  const last = String(ids.length)
  return [
    {
      checkpoint: {
        last_op_id: last,
        buckets: [
          { bucket, checksum: ids.length, count: ids.length, priority: 3, subscriptions: [{ default: 0 }] },
        ],
        streams: [{ name: 'todos', is_default: true, errors: [] }],
      },
    },
    {
      data: {
        bucket,
        after: '0',
        has_more: false,
        next_after: last,
        data: ids.map((id, index) => ({
          op_id: String(index + 1),
          op: 'PUT',
          object_type: 'todos',
          object_id: id,
          subkey: '',
          checksum: 1,
          data: JSON.stringify({ id, description: rows[id] }),
        })),
      },
    },
    { checkpoint_complete: { last_op_id: last } },
  ]
}

/**
 * The streams that are open: begins them, tells them what changed, ends them.
 *
 * Invariant: every stream in the set hears of every commit and of its client's write checkpoints between its
 * first line and its end.
 */
import type { Backend } from './backend.ts'
import type { ClientKey } from './checkpoints.ts'
import { Feed } from './feed.ts'
import type { Call } from './http.ts'
import { pour } from './pour.ts'
import { tooManyStreams } from './refusal.ts'
import { parseBody, streamRequest, type StreamRequest } from './requests.ts'
import { encodingFor, formatFor, Sink } from './sink.ts'
import type { Commit } from './store.ts'
import { streams } from './streams.ts'
import type { Identity } from './tokens.ts'
import { Watching, type Watched } from './watched.ts'

export interface StreamLimits {
  readonly keepaliveSeconds: number
  readonly bucketLimit: number
  readonly streamLimit: number
}

interface OpenStream {
  readonly feed: Feed
  readonly client: ClientKey
  readonly userId: string
  readonly request: StreamRequest
  readonly wake: () => void
  readonly reset: () => void
}

const contentTypes = { ndjson: 'application/x-ndjson', bson: 'application/vnd.powersync.bson-stream' }

export class OpenStreams {
  readonly #backend: Backend
  readonly #limits: StreamLimits
  readonly #open = new Set<OpenStream>()
  readonly #watching = new Watching()

  constructor(backend: Backend, limits: StreamLimits) {
    this.#backend = backend
    this.#limits = limits
  }

  get count(): number {
    return this.#open.size
  }

  get watched(): Watched {
    return this.#watching.of([...this.#open], this.#backend.store)
  }

  /** Serves `POST /sync/stream` until the stream is over. Throws a `Refusal` before the first byte. */
  async serve(identity: Identity, { request, response, body }: Call): Promise<void> {
    const asked = parseBody(streamRequest, body)
    if (this.#open.size >= this.#limits.streamLimit) throw tooManyStreams()
    const client = { userId: identity.userId, clientId: asked.client_id ?? '' }
    const context = {
      store: this.#backend.store,
      streams,
      generation: this.#backend.generation,
      bucketLimit: this.#limits.bucketLimit,
      writeCheckpoint: () => this.#backend.writeCheckpoint(client),
    }
    const feed = new Feed(context, { identity, request: asked })

    const format = formatFor(request.headers.accept)
    const encoding = encodingFor(request.headers['accept-encoding']?.toString())
    response.writeHead(200, {
      'content-type': contentTypes[format],
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
      'x-accel-buffering': 'no',
    })
    const closed = new AbortController()
    response.once('close', () => closed.abort())

    const { signal } = closed
    const sink = new Sink(response, format, encoding, signal)
    const { keepaliveSeconds } = this.#limits
    const { wake, over } = pour({ feed, sink, tokenExpiresAt: identity.expiresAt, keepaliveSeconds, signal })
    const reset = () => void request.socket.resetAndDestroy()
    const stream = { feed, client, userId: identity.userId, request: asked, wake, reset }
    this.#open.add(stream)
    this.#watching.note([...this.#open])
    try {
      await over
    } finally {
      this.#open.delete(stream)
    }
  }

  noteCommit(commit: Commit): void {
    for (const { feed, wake } of this.#open) if (feed.noteCommit(commit)) wake()
  }

  noteWriteCheckpoint({ userId, clientId }: ClientKey): void {
    for (const { feed, client, wake } of this.#open) {
      if (client.userId !== userId || client.clientId !== clientId) continue
      feed.noteWriteCheckpoint()
      wake()
    }
  }

  /** Resets every stream's connection. */
  drop(): void {
    for (const { reset } of this.#open) reset()
  }
}

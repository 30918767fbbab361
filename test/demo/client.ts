/**
 * A small sync client for the demo's tests, written apart from ours: reads lines, keeps every bucket's ops and
 * sums, and checks at each completion that they add up to what the checkpoint promised.
 */
import { deserialize } from 'bson'
import { expect } from 'vitest'

import type { BucketEntry, Format, Line, OpEntry, StreamEntry } from '../../src/demo/lines.ts'
import type { DemoService } from '../../src/demo/service.ts'

export type Kind =
  | 'checkpoint'
  | 'checkpoint_diff'
  | 'data'
  | 'partial_checkpoint_complete'
  | 'checkpoint_complete'
  | 'token_expires_in'

export interface Subscription {
  stream: string
  parameters: object | null
  override_priority: number | null
}

export interface Wish {
  defaults?: boolean
  subscriptions?: readonly Subscription[]
  /** Positions by bucket name on the wire. */
  positions?: Readonly<Record<string, string>>
  parameters?: object
  clientId?: string
  raw?: boolean
  format?: Format
  /** For `accept-encoding`. Default `identity`. */
  encoding?: string
  token?: string
}

export function sub(stream: string, parameters: object | null = null, override: number | null = null) {
  return { stream, parameters, override_priority: override }
}

export function bodyOf(wish: Wish): object {
  const { defaults = false, subscriptions = [], positions = {}, clientId = 'test', raw = true } = wish
  return {
    buckets: Object.entries(positions).map(([name, after]) => ({ name, after })),
    include_checksum: true,
    raw_data: raw,
    binary_data: true,
    client_id: clientId,
    ...(wish.parameters && { parameters: wish.parameters }),
    streams: { include_defaults: defaults, subscriptions },
  }
}

export function post(demo: DemoService, path: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${demo.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Token ${demo.token()}`,
      'accept-encoding': 'identity',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** What a bucket is made of once its ops are folded. */
export interface FoldedBucket {
  sum: number
  position: string
  rows: Map<string, string>
}

export class Client {
  readonly lines: Line[] = []
  readonly buckets = new Map<string, FoldedBucket>()
  readonly response: Response
  /** What the last checkpoint and the diffs since say. */
  target = new Map<string, BucketEntry>()
  streams: readonly StreamEntry[] = []

  readonly #frames: AsyncIterator<Line>
  readonly #abort: AbortController

  constructor(response: Response, format: Format, abort: AbortController) {
    this.response = response
    this.#frames = framesOf(response, format)
    this.#abort = abort
  }

  /** The next line; null when the service has ended the stream. Rejects when the connection is reset. */
  async next(): Promise<Line | null> {
    const { value, done } = await this.#frames.next()
    if (done) return null
    this.lines.push(value)
    this.#fold(value)
    return value
  }

  /** Reads up to and with the next line of a kind, and gives its content. */
  async until<K extends Kind>(kind: K): Promise<Extract<Line, Record<K, unknown>>[K]> {
    for (;;) {
      const line = await this.next()
      if (line === null) throw new Error(`The stream ended before a ${kind}`)
      if (isKind(line, kind)) return line[kind]
    }
  }

  /** Reads until the service ends the stream. */
  async untilEnd(): Promise<void> {
    while ((await this.next()) !== null);
  }

  positions(): Record<string, string> {
    return Object.fromEntries(Array.from(this.buckets, ([name, { position }]) => [name, position]))
  }

  /** The rows of a bucket, parsed, by id. */
  rows(bucket: string): Map<string, Record<string, unknown>> {
    const rows = this.buckets.get(bucket)?.rows ?? new Map<string, string>()
    return new Map(Array.from(rows.values(), (text) => JSON.parse(text)).map((row) => [row.id, row]))
  }

  kinds(): Kind[] {
    return this.lines.map((line) => Object.keys(line)[0] as Kind)
  }

  close(): void {
    this.#abort.abort()
  }

  #fold(line: Line): void {
    if ('checkpoint' in line) {
      this.target = new Map(line.checkpoint.buckets.map((entry) => [entry.bucket, entry]))
      this.streams = line.checkpoint.streams
    }
    if ('checkpoint_diff' in line) {
      for (const name of line.checkpoint_diff.removed_buckets) {
        this.target.delete(name)
        this.buckets.delete(name)
      }
      for (const entry of line.checkpoint_diff.updated_buckets) this.target.set(entry.bucket, entry)
    }
    if ('data' in line) this.#foldData(line.data)
    if ('partial_checkpoint_complete' in line) this.#check(line.partial_checkpoint_complete.priority)
    if ('checkpoint_complete' in line) this.#check(Infinity)
  }

  #foldData({ bucket: name, after, data, next_after }: Extract<Line, { data: unknown }>['data']): void {
    const bucket = this.buckets.get(name) ?? { sum: 0, position: after, rows: new Map() }
    this.buckets.set(name, bucket)
    expect(after).toBe(bucket.position)
    bucket.position = next_after
    for (const op of data) foldOp(bucket, op)
  }

  #check(upTo: number): void {
    for (const { bucket, checksum, priority } of this.target.values()) {
      if (priority > upTo) continue
      expect({ bucket, sum: this.buckets.get(bucket)?.sum ?? 0 }).toEqual({ bucket, sum: checksum })
    }
  }
}

function foldOp(bucket: FoldedBucket, op: OpEntry): void {
  bucket.sum = op.op === 'CLEAR' ? op.checksum | 0 : (bucket.sum + op.checksum) | 0
  if (op.op === 'CLEAR') bucket.rows.clear()
  if (op.op === 'PUT' || op.op === 'REMOVE') {
    const key = `${op.object_type}/${op.object_id}`
    if (op.op === 'PUT') bucket.rows.set(key, typeof op.data === 'string' ? op.data : JSON.stringify(op.data))
    else bucket.rows.delete(key)
  }
}

/** Opens a stream; `resumed` carries on with the buckets of an earlier client. */
export async function connect(demo: DemoService, wish: Wish, resumed?: Client): Promise<Client> {
  const abort = new AbortController()
  const format = wish.format ?? 'ndjson'
  const positions = wish.positions ?? resumed?.positions() ?? {}
  const response = await fetch(`${demo.url}/sync/stream`, {
    method: 'POST',
    signal: abort.signal,
    headers: {
      'content-type': 'application/json',
      authorization: `Token ${wish.token ?? demo.token()}`,
      accept: format === 'bson' ? 'application/vnd.powersync.bson-stream' : 'application/x-ndjson',
      'accept-encoding': wish.encoding ?? 'identity',
    },
    body: JSON.stringify(bodyOf({ ...wish, positions })),
  })
  expect(response.status).toBe(200)
  const client = new Client(response, format, abort)
  for (const [name, bucket] of resumed?.buckets ?? []) client.buckets.set(name, structuredClone(bucket))
  return client
}

/** Connects, reads one whole checkpoint and disconnects. */
export async function sync(demo: DemoService, wish: Wish, resumed?: Client): Promise<Client> {
  const client = await connect(demo, wish, resumed)
  await client.until('checkpoint_complete')
  client.close()
  return client
}

export function isKind<K extends Kind>(line: Line, kind: K): line is Extract<Line, Record<K, unknown>> {
  return kind in line
}

async function* framesOf(response: Response, format: Format): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0)
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest = Buffer.concat([rest, chunk])
    for (let end = frameEnd(rest, format); end !== -1; end = frameEnd(rest, format)) {
      const frame = rest.subarray(0, end)
      rest = rest.subarray(end)
      yield (format === 'bson' ? deserialize(frame) : JSON.parse(frame.toString())) as Line
    }
  }
  expect(rest.length).toBe(0)
}

function frameEnd(bytes: Buffer, format: Format): number {
  if (format === 'ndjson') return bytes.indexOf(0x0a) === -1 ? -1 : bytes.indexOf(0x0a) + 1
  if (bytes.length < 4 || bytes.length < bytes.readInt32LE(0)) return -1
  return bytes.readInt32LE(0)
}

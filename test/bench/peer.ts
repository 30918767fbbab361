/**
 * What the bench compares: anything that takes the lines of a sync service and makes rows of them. A peer is a
 * module in `peers/` that exports `open(options)`; other harnesses load it by the same name.
 */
import type { Schema } from '../../src/schema/schema.ts'
import type { JsonObject } from '../../src/wire/request.ts'

/** An NDJSON line without its newline, or a BSON document. */
export type Payload = string | Buffer

/** What a payload is; peers see that by themselves and take this for what it is worth. */
export type PayloadKind = 'text' | 'binary'

export interface PeerSubscription {
  readonly name: string
  readonly params?: JsonObject | null
}

export interface PeerOptions {
  /** A new file, or one that the same peer has left. */
  readonly dbPath: string
  readonly schema: Schema
  /** Subscribed and held before the stream is opened, in this order. Default: none. */
  readonly subscriptions?: readonly PeerSubscription[]
  /** Connection parameters. Default: none. */
  readonly params?: JsonObject
  /** Told the size of each status that goes outward, in bytes of JSON. Measuring it costs time. */
  readonly onStatus?: (bytes: number) => void
}

/** Done on return, done when it resolves, or a generator whose every `next()` is one synchronous slice. */
export type Work = void | Promise<void> | Generator<void, void, void>

export interface Peer {
  readonly name: string
  /** Open the stream: lines may come. */
  start(): void | Promise<void>
  /** Take one line. A peer may hold lines that arrive together, as its engine does, but not past one that completes. */
  line(payload: Payload, kind?: PayloadKind): Work
  /** Rows by table of the schema, held lines included. */
  counts(): Counts | Promise<Counts>
  /** Whether all that was announced is in the tables, held lines included. */
  synced(): boolean
  close(): void | Promise<void>
}

export type Counts = { readonly [table: string]: number }

export interface PeerModule {
  open(options: PeerOptions): Promise<Peer>
}

export type PeerName =
  | 'bare'
  | 'daemon'
  | 'headwater'
  | 'headwater-line-by-line'
  | 'native'
  | 'native-one-transaction'
  | 'sdk'

export async function loadPeer(name: PeerName): Promise<PeerModule> {
  return (await import(`./peers/${name}.ts`)) as PeerModule
}

/** Whether a line completes a checkpoint, in full or in part. */
export function completes(payload: Payload): boolean {
  const key = firstKey(payload)
  return key === 'checkpoint_complete' || key === 'partial_checkpoint_complete'
}

/** Whether a line is the change to a new checkpoint, or a whole new one. */
export function announces(payload: Payload): boolean {
  const key = firstKey(payload)
  return key === 'checkpoint' || key === 'checkpoint_diff'
}

function firstKey(payload: Payload): string {
  if (typeof payload === 'string') return /^\s*\{\s*"([^"]{0,64})"/.exec(payload)?.[1] ?? ''
  // Four bytes of length, one of the first element's type, then its name.
  const end = payload.indexOf(0, 5)
  return end < 0 ? '' : payload.toString('utf8', 5, end)
}

/**
 * Headwater's engine without its thread and transport (the thread that copies a long log apart): payloads go through the inbox, are decoded and taken in
 * turns, as the engine does it. Lines that arrive together share turns; here, where lines come one by one, those
 * of a megabyte count as arrived together, or of what comes before a line that completes.
 */
import { Inbox } from '../../../src/engine/inbox.ts'
import { type Care, careInThreads } from '../../../src/engine/care.ts'
import type { FaceOptions } from '../../../src/engine/face.ts'
import type { CareCalls } from '../../../src/engine/messages.ts'
import { startThread, type Thread } from '../../../src/engine/thread.ts'
import { Turns } from '../../../src/engine/turn.ts'
import { DeltaBuffer } from '../../../src/status/delta.ts'
import { encodeDelta } from '../../../src/status/message.ts'
import type { StatusDelta } from '../../../src/status/status.ts'
import { canonicalParameters } from '../../../src/status/parameters.ts'
import { openStorage } from '../../../src/storage/open.ts'
import { openReader } from '../../../src/storage/reader.ts'
import { finish } from '../../../src/storage/slices.ts'
import type { Storage } from '../../../src/storage/storage.ts'
import type { OutwardCommand, SyncEvent } from '../../../src/sync/event.ts'
import { completes } from '../peer.ts'
import type { Counts, Payload, Peer, PeerOptions } from '../peer.ts'

export async function open(options: PeerOptions): Promise<Peer> {
  return new HeadwaterPeer('headwater', options, HELD_BYTES)
}

/** Half of what the inbox reads ahead. */
const HELD_BYTES = 1024 * 1024

/** The engine's own. */
const TURN_MS = 25
const TURN_OPS = 5000

export class HeadwaterPeer implements Peer {
  readonly name: string
  readonly #options: PeerOptions
  readonly #heldBytes: number
  readonly #onDelta: (delta: StatusDelta) => void
  readonly #storage: Storage
  readonly #turns: Turns
  readonly #inbox = new Inbox()
  readonly #deltas = new DeltaBuffer()
  readonly #care: Care
  #held = 0
  #generation = 0

  constructor(
    name: string,
    options: PeerOptions,
    heldBytes: number,
    onDelta: (delta: StatusDelta) => void = () => {},
  ) {
    this.name = name
    this.#options = options
    this.#heldBytes = heldBytes
    this.#onDelta = onDelta
    this.#care = careInThreads(() => startCare(options))
    this.#storage = openStorage({ path: options.dbPath, schema: options.schema })
    this.#turns = new Turns(this.#storage)
    this.#take([{ kind: 'loaded', loaded: this.#storage.load() }])
  }

  start(): void {
    const now = Date.now()
    const { subscriptions = [], params = {} } = this.#options
    const wishes = subscriptions.map((subscription): SyncEvent => {
      const key = { name: subscription.name, params: canonicalParameters(subscription.params) }
      return { kind: 'subscribed', ...key, ttl: null, priority: null, holder: 'bench', now }
    })
    const options = { parameters: params, appMetadata: {}, includeDefaults: true }
    this.#take([...wishes, { kind: 'started', now, options }])
    this.#take([{ kind: 'established', generation: this.#generation, now }])
  }

  *line(payload: Payload): Generator<void, void, void> {
    void this.#inbox.add({ kind: 'payloads', generation: this.#generation, payloads: [payload] })
    this.#held += payload.length
    if (this.#held >= this.#heldBytes || completes(payload)) yield* this.#drain()
  }

  counts(): Counts {
    this.#drainAll()
    const reader = openReader(this.#options.dbPath)
    try {
      const tables = Object.keys(this.#options.schema.tables)
      return Object.fromEntries(
        tables.map((table) => [table, Number(reader.query(`SELECT count(*) AS n FROM "${table}"`)[0]!['n'])]),
      )
    } finally {
      reader.close()
    }
  }

  synced(): boolean {
    this.#drainAll()
    const { phase } = this.#turns.state
    return phase.at === 'streaming' && phase.target.state === 'applied'
  }

  async close(): Promise<void> {
    this.#drainAll()
    await this.#care.close()
    this.#storage.close()
  }

  #drainAll(): void {
    for (const _slice of this.#drain());
  }

  /** Each turn is a slice, or has several. */
  *#drain(): Generator<void, void, void> {
    this.#held = 0
    while (this.#inbox.size > 0) {
      const batch = this.#inbox.next(Date.now(), 0.5, TURN_OPS)
      if (batch === null) return
      const until = performance.now() + TURN_MS
      batch.accept(yield* this.#takeSliced(batch.events, () => performance.now() < until))
      yield
    }
  }

  #take(events: readonly SyncEvent[]): void {
    finish(this.#takeSliced(events))
  }

  /** A turn; gives how many of the events it took. */
  *#takeSliced(events: readonly SyncEvent[], mayContinue?: () => boolean): Generator<void, number> {
    const turn = yield* this.#turns.slices(events, mayContinue)
    if (turn.hasLongLog) void this.#care.copyLog()
    for (const command of turn.outward) this.#carryOut(command)
    const delta = this.#deltas.take()
    if (delta !== null) {
      this.#onDelta(delta)
      this.#options.onStatus?.(Buffer.byteLength(JSON.stringify(encodeDelta(delta))))
    }
    return turn.consumed
  }

  #carryOut(command: OutwardCommand): void {
    if (command.do === 'open') this.#generation = command.generation
    else if (command.do === 'report') this.#deltas.add(command.delta)
    else if (command.do === 'fail') throw new Error(command.error.message)
  }
}

function startCare({ dbPath: path, schema }: PeerOptions): Thread<CareCalls> {
  const options: FaceOptions = {
    path,
    schema,
    queries: {},
    nativeBinding: null,
    encryption: null,
    traceBytes: 0,
  }
  return startThread({
    workerPath: new URL('../../../src/engine/worker.ts', import.meta.url),
    data: { kind: 'care', options },
    host: {},
    failure: { code: 'care_failed', message: 'The thread that copies the log failed.' },
  })
}

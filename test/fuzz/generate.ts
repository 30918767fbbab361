/**
 * Writes random histories: what an app, a clock and a sync service might do to a client, as the steps of a trace.
 * The same seed gives the same history as long as the client answers the same.
 *
 * What the two engines do differently on purpose would end most histories early. So each history has a taste:
 * the rarer things happen in some histories only.
 */
import { Random } from '../sync/random.ts'
import type { Request } from './service.ts'
import { isDefault, keyOf, RandomService, ServiceStream } from './service.ts'
import type { Subscribed, Write } from './vocabulary.ts'
import { holders, malformed, odd, otherWrites, plainWrites, schemas, subscriptions } from './vocabulary.ts'

export type Step = { readonly do: string; readonly [field: string]: unknown }

/** What the client printed for a step, as far as a history depends on it. */
export interface Printed {
  readonly request?: Request
  readonly close?: object
  readonly error?: { readonly code: string }
  readonly ignored?: string
  /** The upload queue, in a dump. */
  readonly crud?: readonly { readonly tx: number }[]
  readonly checkpointRequest?: { readonly checkpoint_request_id: string }
}

/** A history of about `length` things that happen. Yields its steps, and takes what the client printed for each. */
export function history(seed: number, length: number): Moves {
  return new History(new Random(seed)).run(length)
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

class History {
  readonly #random: Random
  readonly #taste
  readonly #service: RandomService
  /** The open stream; null: none. */
  #stream: ServiceStream | null = null
  readonly #asks = new Map<string, { readonly ttl: number | 'never'; readonly priority: number | null }>()
  #now = 1_772_000_000_000
  #writes = 0
  /** The upload queue: the transaction of each entry. */
  #queue: readonly number[] = []
  /** The backend has it up to this transaction, under this write checkpoint, and the client does not know yet. */
  #accepted: { readonly through: number; readonly id: string } | null = null
  /** All is uploaded, and no write checkpoint was named for it. */
  #isUnnamed = false
  #isSeeded = false
  /** Id of the last checkpoint request. */
  #lastRequest = ''

  constructor(random: Random) {
    this.#random = random
    this.#taste = {
      errors: random.chance(0.15),
      rowsApart: random.chance(0.5),
      oddSubscriptions: random.chance(0.04),
      newAsks: random.chance(0.04),
      waits: random.chance(0.3),
      writes: random.chance(0.45),
      otherWrites: random.chance(0.5),
      requests: random.chance(0.3),
      corrupt: random.chance(0.15),
      clears: random.chance(0.15),
      schemas: random.chance(0.2),
      withoutDefaults: random.chance(0.1),
    }
    this.#service = new RandomService(random, this.#taste)
  }

  *run(length: number): Moves {
    yield* this.#do(schemas[0]!)
    for (let move = 0; move < length; move++) {
      if (this.#random.chance(0.3)) yield* this.#tick(1 + this.#random.below(2000))
      yield* this.#stream === null ? this.#offlineMove() : this.#onlineMove(this.#stream)
    }
  }

  *#offlineMove(): Moves {
    const { schemas: changesSchema, clears, waits, writes } = this.#taste
    const move = this.#random.weighted({
      connect: 10,
      change: 1,
      subscription: 2.5,
      write: writes ? 2 : 0,
      schema: changesSchema ? 1 : 0,
      clear: clears ? 2 : 0,
      restart: 0.7,
      nothing: 0.3,
      wait: waits ? 0.5 : 0,
    })
    switch (move) {
      case 'connect': {
        return yield* this.#connect()
      }
      case 'schema': {
        return yield* this.#do(this.#random.pick(schemas))
      }
      case 'clear': {
        const isSoft = this.#random.chance(0.5)
        if (this.#random.chance(0.8)) yield* this.#releaseAll()
        yield* this.#do(this.#random.chance(0.8) ? { do: 'clear', soft: isSoft } : { do: 'resync' })
        this.#isUnnamed = false
        this.#accepted = null
        return
      }
      case 'nothing': {
        // None of these has a meaning without a stream.
        const step = this.#random.pick(['established', 'end', 'refreshed', 'disconnect', 'line'])
        return yield* this.#do(step === 'line' ? this.#line({ token_expires_in: 60 }) : { do: step })
      }
      default: {
        return yield* this.#anyMove(move)
      }
    }
  }

  *#onlineMove(stream: ServiceStream): Moves {
    const { waits, writes } = this.#taste
    const tracked = stream.hasCheckpoint ? 1 : 0
    const move = this.#random.weighted({
      established: 1,
      checkpoint: tracked ? 1.5 : 14,
      diff: 6 * tracked,
      data: 14 * tracked,
      // The native core takes a completion twice; a service that sends one twice is not worth a rule.
      complete: tracked && !stream.isComplete ? 8 : 0,
      partial: 4 * tracked,
      fail: 1 * tracked,
      odd: 0.4,
      keepalive: 3,
      malformed: 0.4,
      leave: 1.2,
      change: 5,
      subscription: 4,
      write: writes ? 6 : 0,
      restart: 0.4,
      wait: waits ? 0.7 : 0,
    })
    switch (move) {
      case 'established': {
        return yield* this.#do({ do: 'established' })
      }
      case 'checkpoint': {
        return yield* this.#do(this.#line(stream.checkpoint()))
      }
      case 'diff': {
        return yield* this.#do(this.#line(stream.diff()))
      }
      case 'data': {
        const names = stream.unsent(9)
        if (names.length === 0) return
        const limit = this.#random.pick([0, 1, 2, 100])
        const isCorrupt = this.#taste.corrupt && this.#random.chance(0.15)
        const data = stream.data(this.#random.pick(names), limit)
        return yield* this.#do(this.#line(isCorrupt ? corrupted(data) : data))
      }
      case 'complete': {
        return yield* this.#complete(stream, null)
      }
      case 'partial': {
        return yield* this.#complete(stream, this.#random.below(4))
      }
      case 'fail': {
        return yield* this.#failOnce(stream)
      }
      case 'odd': {
        const line = this.#random.pick([
          { new_line: 1 },
          { partial_checkpoint_complete: { last_op_id: '1', priority: 9 } },
          { checkpoint_diff: { last_op_id: '1', updated_buckets: [], removed_buckets: ['none'] } },
        ])
        return yield* this.#do(this.#line(line))
      }
      case 'keepalive': {
        return yield* this.#do(this.#line({ token_expires_in: this.#random.pick([3600, 60, 60, 60, 25, 0]) }))
      }
      case 'malformed': {
        return yield* this.#do({ do: 'line', text: this.#random.pick(malformed) })
      }
      case 'leave': {
        const step = this.#random.pick(['end', 'end', 'refreshed', 'disconnect'])
        yield* this.#do({ do: step })
        this.#stream = null
        return
      }
      default: {
        return yield* this.#anyMove(move)
      }
    }
  }

  /** What can happen with and without a stream. */
  *#anyMove(move: 'change' | 'subscription' | 'write' | 'restart' | 'wait'): Moves {
    switch (move) {
      case 'change': {
        return this.#service.change()
      }
      case 'subscription': {
        return yield* this.#changeSubscription()
      }
      case 'write': {
        return yield* this.#write()
      }
      case 'restart': {
        yield* this.#do({ do: 'restart' })
        this.#stream = null
        return
      }
      case 'wait': {
        // So long that everything that is not held expires. A keepalive or a start follows.
        yield* this.#tick(this.#random.pick([2 * HOUR_MS, 3 * DAY_MS]))
        if (this.#stream === null) return yield* this.#connect()
        return yield* this.#do(this.#line({ token_expires_in: 3600 }))
      }
    }
  }

  *#connect(): Moves {
    const includeDefaults = !(this.#taste.withoutDefaults && this.#random.chance(0.5))
    yield* this.#do({ do: 'connect', includeDefaults })
  }

  *#complete(stream: ServiceStream, priority: number | null): Moves {
    const isPremature = this.#random.chance(0.05)
    for (const name of isPremature ? [] : stream.unsent(priority ?? 9)) {
      yield* this.#do(this.#line(stream.data(name, 100)))
    }
    if (this.#stream !== stream) return
    yield* this.#do(this.#line(stream.complete(priority)))
  }

  /** A commit that fails once; then the same again, or for ops as if they had been lost. */
  *#failOnce(stream: ServiceStream): Moves {
    const names = stream.unsent(9)
    const isWrite = this.#taste.writes && this.#random.chance(0.3)
    const step = isWrite
      ? this.#transaction()
      : this.#line(names.length > 0 ? stream.data(this.#random.pick(names), 100) : stream.diff())
    yield* this.#do({ do: 'fail', at: 'commit' })
    yield step
    yield { do: 'dump' }
    if (isWrite || names.length === 0 || this.#random.chance(0.8)) yield* this.#do(step)
  }

  *#changeSubscription(): Moves {
    const { oddSubscriptions } = this.#taste
    const random = this.#random
    const key = random.pick(oddSubscriptions ? [...subscriptions, ...odd] : subscriptions)
    const holder = random.pick(holders)
    const change = random.weighted({ subscribe: 6, release: 3, unsubscribeAll: 1 })
    if (change === 'release') return yield* this.#do({ do: 'release', ...key, holder })
    if (change === 'unsubscribeAll') return yield* this.#do({ do: 'unsubscribeAll', ...key })
    yield* this.#do({ do: 'subscribe', ...key, ...this.#ask(key), holder })
  }

  *#releaseAll(): Moves {
    for (const key of [...subscriptions, ...odd]) {
      for (const holder of holders) yield { do: 'release', ...key, holder }
    }
    yield { do: 'dump' }
  }

  /** The same subscription is mostly asked for with the same wishes: others are where the two differ. */
  #ask({ stream, params }: Subscribed): object {
    const key = keyOf(stream, params)
    const random = this.#random
    const { newAsks } = this.#taste
    const known = this.#asks.get(key)
    if (known && !(newAsks && random.chance(0.3))) return known
    const ask = {
      ttl: random.pick(['never' as const, 3600, 90_000, 130_000, ...(newAsks ? [0, 60] : [])]),
      // The native core drops a priority that comes after an ask without one; the row of a default stream is one.
      priority: random.chance(0.3) && (newAsks || !isDefault(stream)) ? random.below(4) : null,
    }
    this.#asks.set(key, ask)
    return ask
  }

  *#write(): Moves {
    const random = this.#random
    const waits = this.#queue.length > 0 ? 1 : 0
    const mayAsk = this.#isUnnamed && waits === 0
    const move = random.weighted({
      write: 3,
      accept: this.#accepted === null && !this.#taste.requests ? 3 * waits : 0,
      upload: 3 * waits,
      part: 2 * waits,
      ask: mayAsk ? 3 : 0,
      fail: 0.3,
    })
    switch (move) {
      case 'write': {
        return yield* this.#do(this.#transaction())
      }
      case 'fail': {
        return yield* this.#do({ do: 'uploadFailed', message: 'no' })
      }
      case 'ask': {
        return yield* this.#nameUpload()
      }
      case 'accept': {
        this.#accepted = { through: this.#queue.at(-1)!, id: this.#acceptWrites() }
        if (random.chance(0.5)) yield* this.#overtakeUpload()
        return
      }
      case 'part': {
        // So much has the backend accepted before it failed, or the app has given it up.
        this.#accepted = null
        const isNamed = !this.#taste.requests && random.chance(0.3)
        return yield* this.#completeUpload(random.pick(this.#queue), isNamed ? this.#acceptWrites() : null)
      }
      case 'upload': {
        return yield* this.#upload()
      }
    }
  }

  *#upload(): Moves {
    const { through = Infinity, id = null } = this.#accepted ?? {}
    this.#accepted = null
    const isNamed = id === null && !this.#taste.requests && this.#random.chance(0.7)
    yield* this.#completeUpload(through, isNamed ? this.#acceptWrites() : id)
  }

  /** A checkpoint comes before the client knows that its upload has. */
  *#overtakeUpload(): Moves {
    const stream = this.#stream
    if (stream === null) return
    yield* this.#do(this.#line(stream.hasCheckpoint ? stream.diff() : stream.checkpoint()))
    if (this.#stream !== stream) return
    yield* this.#complete(stream, null)
    if (this.#random.chance(0.3)) yield* this.#do(this.#transaction())
    if (this.#random.chance(0.7)) yield* this.#upload()
  }

  *#completeUpload(through: number, writeCheckpoint: string | null): Moves {
    const isAll = through >= this.#queue.at(-1)!
    this.#isUnnamed = writeCheckpoint === null && isAll
    yield* this.#do({ do: 'uploaded', ...(!isAll && { through }), writeCheckpoint })
  }

  /** The write checkpoint is asked for after the upload: the service counts, or the client does. */
  *#nameUpload(): Moves {
    if (!this.#taste.requests) {
      this.#isUnnamed = false
      return yield* this.#do({ do: 'writeCheckpoint', id: this.#acceptWrites() })
    }
    // The native core counts only while it is connected.
    if (this.#stream === null) return
    if (!this.#isSeeded) yield* this.#do({ do: 'requestsSeeded', id: '1' })
    this.#isSeeded = true
    yield* this.#do({ do: 'checkpointRequest' })
    if (this.#random.chance(0.8)) this.#service.writeCheckpoint = Number(this.#lastRequest)
    this.#isUnnamed = false
    yield* this.#do({ do: 'writeCheckpoint', id: this.#lastRequest })
  }

  /** The service has taken the writes and will say so with one of the next checkpoints. */
  #acceptWrites(): string {
    this.#service.change()
    this.#writes++
    if (this.#random.chance(0.8)) this.#service.writeCheckpoint = this.#writes
    return String(this.#writes)
  }

  /** Local writes, mostly one. */
  #transaction(): Step {
    const random = this.#random
    const writes = this.#taste.otherWrites ? [...plainWrites, ...otherWrites] : plainWrites
    const statements = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => {
      const id = `${this.#taste.rowsApart ? 'd|1' : ''}${random.pick(['r1', 'r2', 'r4'])}`
      return random.pick(writes)(id, random.below(1e9), `x${random.below(3)}`)
    })
    const [[sql, params]] = statements as [ReturnType<Write>]
    return statements.length === 1 ? { do: 'execute', sql, params } : { do: 'execute', statements }
  }

  *#tick(ms: number): Moves {
    this.#now += ms
    yield { do: 'time', ms: this.#now }
  }

  #line(line: object): Step {
    return { do: 'line', text: JSON.stringify(line) }
  }

  /** A step and the dump after it; follows what the client does. */
  *#do(step: Step): Moves {
    const printed = yield step
    for (const { request, close, error, checkpointRequest } of printed) {
      if (checkpointRequest) this.#lastRequest = checkpointRequest.checkpoint_request_id
      if (request) this.#stream = new ServiceStream(this.#service, request)
      else if (close || error?.code === 'protocol') this.#stream = null
    }
    const [dump] = yield { do: 'dump' }
    this.#queue = (dump?.crud ?? []).map(({ tx }) => tx)
  }
}

/** A data line with the wrong checksum of an op. */
function corrupted(line: object): object {
  const text = JSON.stringify(line)
  return JSON.parse(
    text.replace(/"checksum":(\d+)/, (_, sum: string) => `"checksum":${Number(sum) ^ 1}`),
  ) as object
}

type Moves = Generator<Step, void, readonly Printed[]>

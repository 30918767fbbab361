/**
 * One document's watch of the status: a snapshot, then deltas of what is in its scope.
 *
 * Invariant: what waits to be sent is never larger than a snapshot would be, however long the document does not
 * acknowledge; where a merged delta would grow beyond that, a snapshot goes instead.
 */
import type { Daemon } from '../daemon/daemon.ts'
import { DeltaBuffer } from '../status/delta.ts'
import { encodeMessage, type WireMessage } from '../status/message.ts'
import { streamByKey, streamKey } from '../status/read.ts'
import { deltaInScope, statusInScope, type StatusScope } from '../status/scope.ts'
import type { StatusDelta } from '../status/status.ts'
import { Flow } from './flow.ts'
import type { HeldStreams } from './held-streams.ts'
import { publicDelta, publicStatus } from './public.ts'

export interface StatusWatchOptions {
  readonly daemon: Pick<Daemon, 'epoch' | 'status' | 'onStatus'>
  readonly scope: StatusScope
  /** What the document holds; it widens and narrows the scope `held`. */
  readonly held: HeldStreams
  /** Milliseconds between two messages. */
  readonly interval: number
  readonly send: (message: WireMessage) => void
}

/** Names of streams that went may wait beside those that are there, up to this many. */
const ROOM = 64

export class StatusWatch {
  readonly flow: Flow
  readonly #options: StatusWatchOptions
  readonly #waiting = new DeltaBuffer()
  /** So many streams may wait before anybody looks how many there are. */
  #mostStreams = ROOM
  /** In scope `held`: the ids of the streams that the document holds, with their keys. */
  readonly #seen = new Map<number, string>()
  #ends: readonly (() => void)[] = []
  /** The epoch that the document knows; null: the next message must be a snapshot. */
  #epoch: string | null = null

  constructor(options: StatusWatchOptions) {
    this.#options = options
    this.flow = new Flow({
      interval: options.interval,
      send: (sequence) => this.#send(sequence),
      onLost: () => this.#restart(),
    })
  }

  /** Sends the snapshot. */
  start(): void {
    const { daemon, scope, held } = this.#options
    this.#ends = [
      daemon.onStatus((delta) => this.#take(delta)),
      held.onChange((key, isHeld) => scope === 'held' && this.#rescope(key, isHeld)),
    ]
    if (scope === 'held') for (const key of held.keys()) this.#see(key)
    this.flow.due()
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.flow.stop()
  }

  readonly #isSeen = (stream: number): boolean => this.#seen.has(stream)

  #send(sequence: number): void {
    const { daemon, scope, send } = this.#options
    const delta = this.#waiting.take()
    this.#mostStreams = ROOM
    if (delta !== null && this.#epoch === daemon.epoch) {
      return send(encodeMessage({ kind: 'delta', sequence, delta: publicDelta(delta) }))
    }
    this.#epoch = daemon.epoch
    const status = publicStatus(statusInScope(daemon.status, scope, this.#isSeen))
    send(encodeMessage({ kind: 'snapshot', sequence, epoch: daemon.epoch, status }))
  }

  #take(delta: StatusDelta): void {
    const { scope } = this.#options
    if (scope === 'held' && delta.streams !== undefined) this.#follow(delta.streams)
    const inScope = deltaInScope(delta, scope, this.#isSeen)
    if (delta.streams !== undefined) this.#forgetGone(delta.streams)
    if (inScope !== null) this.#wait(inScope)
  }

  #wait(delta: StatusDelta): void {
    // A snapshot that is due will say it.
    if (this.#epoch !== null) {
      this.#waiting.add(delta)
      if (this.#isTooMuch()) return this.#restart()
    }
    this.flow.due()
  }

  /** Counting the daemon's streams can cost as much as there are: it is done once in `ROOM` streams that wait. */
  #isTooMuch(): boolean {
    if (this.#waiting.streamCount <= this.#mostStreams) return false
    this.#mostStreams = this.#options.daemon.status.streams.size + ROOM
    return this.#waiting.streamCount > this.#mostStreams
  }

  #restart(): void {
    this.#waiting.take()
    this.#mostStreams = ROOM
    this.#epoch = null
    this.flow.due()
  }

  /** Streams that are new may be held: a hold can come before its stream, and a stream can come again. */
  #follow(streams: NonNullable<StatusDelta['streams']>): void {
    for (const [id, change] of streams) {
      if (change?.name === undefined || change.params === undefined) continue
      const key = streamKey(change.name, change.params)
      if (this.#options.held.has(key)) this.#seen.set(id, key)
      // Another database: the id now names a stream that the document does not hold.
      else if (this.#seen.delete(id)) this.#restart()
    }
  }

  #forgetGone(streams: NonNullable<StatusDelta['streams']>): void {
    if (this.#seen.size === 0) return
    for (const [id, change] of streams) if (change === null) this.#seen.delete(id)
  }

  #rescope(key: string, isHeld: boolean): void {
    const { status } = this.#options.daemon
    const id = isHeld ? this.#see(key) : this.#unsee(key)
    if (id !== null) this.#wait({ streams: new Map([[id, isHeld ? status.streams.get(id)! : null]]) })
  }

  #see(key: string): number | null {
    const stream = streamByKey(this.#options.daemon.status, key)
    if (stream !== null) this.#seen.set(stream.id, key)
    return stream?.id ?? null
  }

  #unsee(key: string): number | null {
    for (const [id, seen] of this.#seen) {
      if (seen !== key) continue
      this.#seen.delete(id)
      return id
    }
    return null
  }
}

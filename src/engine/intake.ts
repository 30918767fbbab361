/**
 * Takes what the open stream brings, turn by turn, letting calls and messages in between. Lines that arrive
 * together share a turn. Where that one is refused they go one by one, so that a fault hits its own line only:
 * sharing shows in nothing but speed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Credentials, Transport } from '../connector/connector.ts'
import { StorageError } from '../storage/storage.ts'
import type { OutwardCommand, SyncEvent } from '../sync/event.ts'
import type { CredentialStore } from './credentials.ts'
import { download } from './download.ts'
import { Inbox } from './inbox.ts'
import type { Arrival, Batch } from './inbox.ts'
import type { RecordedStep } from './trace-step.ts'
import type { Turn, Turns } from './turn.ts'
import type { Writer } from './writer.ts'

/** A turn stops taking lines after this long; the commit comes on top. */
const TURN_MS = 25

/** A turn is offered at most this many operations. */
const TURN_OPS = 5000

/** Longest wait between two tries of a turn that found the database busy. */
const MAX_BUSY_WAIT_MS = 1000

export interface IntakeOptions {
  readonly credentials: CredentialStore
  readonly transport: Transport
  readonly writer: Writer
  readonly turns: Pick<Turns, 'slices'>
  readonly record: (now: number, step: RecordedStep) => void
  /** A turn was committed; it took these events. */
  readonly onTurn: (turn: Turn, events: readonly SyncEvent[]) => void
  /** Storage will not take what this stream brought. */
  readonly onGivenUp: (generation: number, error: unknown) => void
}

export class Intake {
  readonly #options: IntakeOptions
  readonly #inbox = new Inbox()
  #live: AbortController | null = null
  #credentials: Credentials | null = null
  #draining = false
  #closed = false

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Those that the open stream was asked for with; null: none is, or the service has not answered. */
  get credentials(): Credentials | null {
    return this.#credentials
  }

  open({ generation, request }: Extract<OutwardCommand, { do: 'open' }>): void {
    this.end()
    const { credentials, transport } = this.#options
    const live = new AbortController()
    this.#live = live
    const fill = (item: Arrival): Promise<void> => {
      if (live.signal.aborted) return Promise.resolve()
      const room = this.#inbox.add(item)
      void this.#drain()
      return room
    }
    void download({
      request,
      credentials,
      transport,
      signal: live.signal,
      sink: {
        established: (used) => {
          this.#credentials = used
          void fill({ kind: 'established', generation })
        },
        payloads: (payloads) => fill({ kind: 'payloads', generation, payloads }),
        malformed: (error) => void fill({ kind: 'malformed', generation, error }),
        ended: (reason) => void fill({ kind: 'ended', generation, reason }),
      },
    })
  }

  /** Drop the stream and what it brought. */
  end(): void {
    this.#live?.abort(new Error('The stream was closed.'))
    this.#live = null
    this.#credentials = null
    this.#inbox.clear()
  }

  close(): void {
    this.#closed = true
    this.end()
  }

  /** Empty the inbox. */
  async #drain(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    let maxOps = TURN_OPS
    let busyWait = 0
    try {
      while (!this.#closed && this.#inbox.size > 0) {
        const refused = await this.#options.writer.runSliced(() => this.#takeTurn(maxOps))
        if (refused === null) {
          busyWait = 0
        } else if (isBusy(refused.error)) {
          busyWait = Math.min(MAX_BUSY_WAIT_MS, busyWait * 2 + 20)
          await sleep(busyWait)
        } else if (refused.batch.events.length > 1) {
          maxOps = 1
        } else {
          this.#giveUp(refused)
        }
        if (this.#inbox.size === 0) maxOps = TURN_OPS
        await new Promise<void>((resolve) => void setImmediate(resolve))
      }
    } catch (error) {
      // The writer lets nobody in once the engine closes.
      if (!this.#closed) throw error
    } finally {
      this.#draining = false
    }
  }

  /** One turn of what arrived. When storage refuses it, nothing of it has happened. */
  *#takeTurn(maxOps: number): Generator<void, Refused | null> {
    const { turns, record, onTurn } = this.#options
    const now = Date.now()
    // The stream may have been closed while a local transaction was open: then there is nothing.
    const batch = this.#inbox.next(now, Math.random(), maxOps)
    if (batch === null) return null
    const until = performance.now() + TURN_MS
    let turn: Turn
    try {
      turn = yield* turns.slices(batch.events, () => performance.now() < until)
    } catch (error) {
      return { batch, error }
    }
    batch.accept(turn.consumed)
    for (const step of batch.steps.slice(0, turn.consumed)) record(now, step)
    onTurn(turn, batch.events.slice(0, turn.consumed))
    return null
  }

  /** The line is at fault, or the database is. */
  #giveUp({ batch, error }: Refused): void {
    const now = Date.now()
    this.#options.record(now, { do: 'fail', at: 'commit' })
    for (const step of batch.steps) this.#options.record(now, step)
    this.end()
    this.#options.onGivenUp(batch.generation, error)
  }
}

interface Refused {
  readonly batch: Batch
  readonly error: unknown
}

function isBusy(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'database_busy'
}

/**
 * The status of the daemon as this document knows it: one watch, a snapshot first, then deltas.
 *
 * Invariant: the status shown is one that the daemon had. A delta is applied only if it follows the last message;
 * after a gap the old status stays until the host has sent a new snapshot over the same watch.
 */
import { applyDelta } from '../../status/delta.ts'
import { keepEqual } from '../../status/keep.ts'
import { decodeMessage, type WireMessage } from '../../status/message.ts'
import { EMPTY_STATUS, type Status, type StatusDelta } from '../../status/status.ts'
import { keepWatching, type AckedSource } from './acked.ts'
import type { Lasting } from './lasting.ts'
import { Cell, type Readable } from './readable.ts'

/** A message of the watch, and what it stands for. */
export interface StatusHeard {
  readonly kind: 'snapshot' | 'delta'
  /** Names the daemon's run. */
  readonly epoch: string
  readonly sequence: number
  /** Of the message as JSON, in UTF-8. */
  readonly bytes: number
  /** The message as it came. */
  readonly wire: WireMessage
  /** Null for a snapshot. */
  readonly delta: StatusDelta | null
  /** The status after it. Statuses share their unchanged parts, so many of them may be kept. */
  readonly status: Status
}

export interface StatusStoreOptions {
  readonly watch: Pick<AckedSource<WireMessage>, 'open' | 'ack'>
  /** A snapshot came: from here on the status is current, and whatever was known before may be old. */
  readonly onSnapshot?: () => void
  /** The host ended the watch; it is being opened again. */
  readonly onLost?: () => void
  /** The host will not have this page watch the status. */
  readonly onRefused?: (error: unknown) => void
}

/** Before the first snapshot it reads `EMPTY_STATUS`. */
export class StatusStore implements Readable<Status> {
  readonly #cell = new Cell<Status>(EMPTY_STATUS)
  readonly #heard = new Set<(heard: StatusHeard) => void>()
  readonly #onSnapshot: () => void
  readonly #watch: Lasting
  #epoch = ''

  readonly getSnapshot = this.#cell.getSnapshot
  readonly subscribe = this.#cell.subscribe

  constructor({ watch, onSnapshot = () => {}, ...handlers }: StatusStoreOptions) {
    this.#onSnapshot = onSnapshot
    this.#watch = keepWatching<WireMessage>(
      { ...watch, sequenceOf: ([, sequence]) => sequence, beginsAnew: ([kind]) => kind === 0 },
      { ...handlers, onData: (message) => this.#take(message) },
    )
  }

  /** Hear each message after the status has changed. Returns the way to stop. */
  onMessage(listener: (heard: StatusHeard) => void): () => void {
    const entry = (heard: StatusHeard) => listener(heard)
    this.#heard.add(entry)
    return () => this.#heard.delete(entry)
  }

  close(): void {
    this.#watch.stop()
  }

  #take(wire: WireMessage): void {
    const message = decodeMessage(wire)
    const before = this.#cell.getSnapshot()
    switch (message.kind) {
      case 'snapshot':
        this.#epoch = message.epoch
        this.#cell.set(keepEqual(before, message.status))
        this.#onSnapshot()
        break
      case 'delta':
        this.#cell.set(applyDelta(before, message.delta))
    }
    if (this.#heard.size > 0) this.#tell(wire, message.kind === 'delta' ? message.delta : null)
  }

  #tell(wire: WireMessage, delta: StatusDelta | null): void {
    const heard: StatusHeard = {
      kind: delta === null ? 'snapshot' : 'delta',
      epoch: this.#epoch,
      sequence: wire[1],
      bytes: new TextEncoder().encode(JSON.stringify(wire)).length,
      wire,
      delta,
      status: this.#cell.getSnapshot(),
    }
    for (const listener of this.#heard) listener(heard)
  }
}

/**
 * The status of the daemon as this document knows it: one watch, a snapshot first, then deltas.
 *
 * Invariant: the status shown is one that the daemon had. A delta is applied only if it follows the last message
 * (same epoch, next sequence); otherwise the watch is opened again for a new snapshot, and until that comes the
 * old status stays.
 */
import { applyDelta } from '../../status/delta.ts'
import { decodeDelta, decodeStatus, type StatusMessage } from '../../status/message.ts'
import { EMPTY_STATUS, type Status } from '../../status/status.ts'
import { keepSubscribed, type Lasting, type Observer } from './lasting.ts'
import { Cell, type Readable } from './readable.ts'

export type WatchStatus = (
  input: { readonly watchId: string },
  observer: Observer<StatusMessage>,
) => { unsubscribe(): void }

export interface StatusStoreOptions {
  readonly watch: WatchStatus
  /** A snapshot came: from here on the status is current, and whatever was known before may be old. */
  readonly onSnapshot?: () => void
  /** The host ended the watch; it is being opened again. */
  readonly onLost?: () => void
}

/** Before the first snapshot it reads `EMPTY_STATUS`. */
export class StatusStore implements Readable<Status> {
  readonly #cell = new Cell<Status>(EMPTY_STATUS)
  readonly #onSnapshot: () => void
  readonly #watch: Lasting
  #last: { readonly epoch: string; readonly sequence: number } | null = null

  readonly getSnapshot = this.#cell.getSnapshot
  readonly subscribe = this.#cell.subscribe

  constructor({ watch, onSnapshot = () => {}, onLost = () => {} }: StatusStoreOptions) {
    this.#onSnapshot = onSnapshot
    this.#watch = keepSubscribed<StatusMessage>(
      (observer) => {
        this.#last = null
        return watch({ watchId: crypto.randomUUID() }, observer)
      },
      { onData: (message) => this.#take(message), onLost },
    )
  }

  close(): void {
    this.#watch.stop()
  }

  #take(message: StatusMessage): void {
    const { epoch, sequence } = message
    switch (message.kind) {
      case 'snapshot':
        this.#last = { epoch, sequence }
        this.#cell.set(decodeStatus(message.status))
        this.#onSnapshot()
        return
      case 'delta':
        if (this.#last === null) return
        if (epoch !== this.#last.epoch || sequence !== this.#last.sequence + 1) return this.#watch.restart()
        this.#last = { epoch, sequence }
        this.#cell.set(applyDelta(this.#cell.getSnapshot(), decodeDelta(message.delta)))
    }
  }
}

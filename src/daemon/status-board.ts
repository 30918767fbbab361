/**
 * The status as it is, and those who watch it.
 *
 * Invariant: a delta costs what it changes, however many streams there are. The whole is made when somebody reads
 * it, and the names of streams that went do not pile up meanwhile.
 */
import { applyDelta, DeltaBuffer } from '../status/delta.ts'
import { EMPTY_STATUS, type Status, type StatusDelta } from '../status/status.ts'
import { Listeners } from './listeners.ts'

/** Streams that changed may wait beside those that are known, up to this many. */
const ROOM = 64

export class StatusBoard {
  #status: Status = EMPTY_STATUS
  /** What happened since `#status` was. */
  readonly #since = new DeltaBuffer()
  readonly #listeners = new Listeners<StatusDelta>()

  /** The same object until something changes. */
  get current(): Status {
    const delta = this.#since.take()
    if (delta !== null) this.#status = applyDelta(this.#status, delta)
    return this.#status
  }

  change(delta: StatusDelta): void {
    this.#since.add(delta)
    if (this.#since.streamCount > this.#status.streams.size + ROOM) void this.current
    this.#listeners.tell(delta)
  }

  /** Nothing goes on any more. */
  rest(delta: StatusDelta): void {
    const upload = { ...this.current.upload, uploading: false, retryAt: null }
    this.change({ ...delta, connection: { state: 'offline' }, downloading: null, upload })
  }

  listen(listener: (delta: StatusDelta) => void): () => void {
    return this.#listeners.add(listener)
  }

  close(): void {
    this.#listeners.clear()
  }
}

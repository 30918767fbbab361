/** The upload's part of the status: kept here, told as deltas of what changed. */
import type { ErrorInfo, StatusDelta, UploadStatus } from '../../status/status.ts'
import { EMPTY_STATUS } from '../../status/status.ts'

/** Counting the queue reads all of it, so a long one is counted at most this often, in milliseconds. */
const COUNT_MS = 100
const LONG = 1000

export interface UploadBoardOptions {
  /** Counts the queue; null: later, a transaction is open that may change it. */
  readonly count: () => Pick<UploadStatus, 'entries' | 'transactions'> | null
  readonly tell: (delta: StatusDelta) => void
}

export class UploadBoard {
  readonly #options: UploadBoardOptions
  #upload: UploadStatus = EMPTY_STATUS.upload
  #error: ErrorInfo | null = null
  #countedAt = -Infinity
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(options: UploadBoardOptions) {
    this.#options = options
  }

  get upload(): UploadStatus {
    return this.#upload
  }

  get error(): ErrorInfo | null {
    return this.#error
  }

  /** Tells what differs, if anything does. */
  change(change: Partial<UploadStatus>, error: ErrorInfo | null = this.#error): void {
    if (this.#closed) return
    const differs = Object.entries(change).some(
      ([field, value]) => this.#upload[field as keyof UploadStatus] !== value,
    )
    const delta: { -readonly [K in keyof StatusDelta]: StatusDelta[K] } = {}
    if (differs) delta.upload = this.#upload = { ...this.#upload, ...change }
    if (error !== this.#error) delta.uploadError = this.#error = error
    if (Object.keys(delta).length > 0) this.#options.tell(delta)
  }

  /** The queue changed: count it, now or soon. */
  recount(): void {
    if (this.#timer !== null || this.#closed) return
    const wait = this.#upload.entries < LONG ? 0 : this.#countedAt + COUNT_MS - performance.now()
    if (wait <= 0) this.#count()
    else this.#timer = setTimeout(() => this.#count(), wait)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer ?? undefined)
  }

  #count(): void {
    this.#timer = null
    this.#countedAt = performance.now()
    const counted = this.#options.count()
    if (counted === null) this.#timer = setTimeout(() => this.#count(), COUNT_MS)
    else this.change({ entries: counted.entries, transactions: counted.transactions })
  }
}

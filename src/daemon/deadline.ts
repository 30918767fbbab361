/** A time limit that can be extended, for work that may not heed its signal. */
export class Deadline {
  readonly #ms: number
  readonly #abort = new AbortController()
  readonly #late: () => Error
  #timer: NodeJS.Timeout
  #ended = false
  /** Aborts when the outer one does, or when the time is up. */
  readonly signal: AbortSignal

  constructor(ms: number, outer: AbortSignal, late: () => Error) {
    this.#ms = ms
    this.#late = late
    this.signal = AbortSignal.any([outer, this.#abort.signal])
    this.#timer = this.#start()
  }

  /** The time begins anew. */
  extend(): void {
    if (this.#ended || this.#abort.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = this.#start()
  }

  /** What the work gives; rejects when the time is up, whatever the work does. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>()
    const { signal } = this.#abort
    const onLate = () => reject(signal.reason)
    signal.addEventListener('abort', onLate, { once: true })
    try {
      return await Promise.race([work, promise])
    } finally {
      signal.removeEventListener('abort', onLate)
    }
  }

  /** No limit any more. */
  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#abort.abort(this.#late()), this.#ms)
  }
}

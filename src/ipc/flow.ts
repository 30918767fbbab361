/**
 * The flow of one watch to its document. What is to be said waits, merged by its owner, until it may be sent.
 *
 *     quiet ──due()──▶ waiting ──the interval is over and nothing is in flight: send──▶ in flight
 *       ▲                                                                                   │
 *       └────────────────────────────── ack(), the newest ──────────────────────────────────┘
 *
 * Invariants: at most one message is in flight, at most one goes in an interval, and the last state arrives as
 * long as the document acknowledges. A document that does not costs no more than what its owner merges.
 */
export interface FlowOptions {
  /** Milliseconds between two messages. */
  readonly interval: number
  /** Send what waits, as the message of this number. */
  readonly send: (sequence: number) => void
  /** The document missed a message: its owner calls `due()` with what does not build on it. */
  readonly onLost: () => void
}

export class Flow {
  readonly #options: FlowOptions
  #sequence = -1
  #isInFlight = false
  #isDue = false
  #isStopped = false
  #coalesced = 0
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(options: FlowOptions) {
    this.#options = options
  }

  /** Whether a message was sent that is not acknowledged. */
  get isInFlight(): boolean {
    return this.#isInFlight
  }

  /** How many changes went with another one's message, since the start. */
  get coalesced(): number {
    return this.#coalesced
  }

  /** There is something to send: now, or as soon as it may go. */
  due(): void {
    if (this.#isDue) this.#coalesced++
    this.#isDue = true
    this.#sendIfFree()
  }

  /**
   * The newest message that the document took, -1 for none. An older one than the last that was sent says that
   * one was missed. False: no such message was sent.
   */
  ack(sequence: number): boolean {
    if (sequence > this.#sequence) return false
    if (!this.#isInFlight) return true
    this.#isInFlight = false
    if (sequence < this.#sequence) this.#options.onLost()
    this.#sendIfFree()
    return true
  }

  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #sendIfFree(): void {
    if (!this.#isDue || this.#isInFlight || this.#timer !== null || this.#isStopped) return
    this.#isDue = false
    this.#isInFlight = true
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#sendIfFree()
    }, this.#options.interval)
    this.#options.send(++this.#sequence)
  }
}

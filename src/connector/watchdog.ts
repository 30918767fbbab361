/** Waits that end: a request aborts when the caller wants it, or when what was expected does not come in time. */
import { TransportError } from './connector.ts'

/** Aborts when the caller does, or when what was expected does not come in time; and knows which it was. */
export class Watchdog {
  readonly #abort = new AbortController()
  readonly #outer: AbortSignal
  #timer: NodeJS.Timeout | undefined
  #late: TransportError | null = null

  constructor(outer: AbortSignal) {
    this.#outer = outer
    if (outer.aborted) this.#onOuter()
    else outer.addEventListener('abort', this.#onOuter, { once: true })
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Something must happen within `ms`, or the stream ends with this error. Replaces what was expected. */
  expect(ms: number, code: 'silent' | 'unreachable', message: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#late = new TransportError(code, message)
      this.#abort.abort(this.#late)
    }, ms)
  }

  /** Nothing is expected for now: the reader is busy with what came. */
  rest(): void {
    clearTimeout(this.#timer)
  }

  stop(): void {
    this.rest()
    this.#outer.removeEventListener('abort', this.#onOuter)
  }

  /** The error to throw: what was late, the caller's reason, a typed one as it is, or the given code. */
  explain(error: unknown, code: 'unreachable' | 'broken', message: string): unknown {
    if (this.#late !== null) return this.#late
    if (this.#outer.aborted) return this.#outer.reason
    return error instanceof TransportError ? error : new TransportError(code, message, { cause: error })
  }

  readonly #onOuter = (): void => this.#abort.abort(this.#outer.reason)
}

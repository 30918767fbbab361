/** When the next read process may start. Pure: the time comes in, in milliseconds. */

const MINUTE_MS = 60_000
/** Ends of processes within a minute after which none is started until it has passed. */
const MAX_ENDS = 60
const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 5_000

export class Restarts {
  #ends: number[] = []
  #crashes = 0
  #lastCrash = 0

  /** How long to wait before the next start; null: too many ended within a minute. */
  delay(now: number): number | null {
    this.#ends = this.#ends.filter((end) => end > now - MINUTE_MS)
    if (this.#ends.length >= MAX_ENDS) return null
    if (this.#crashes === 0) return 0
    const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#crashes - 1), LONGEST_BACKOFF_MS)
    return Math.max(0, this.#lastCrash + backoff - now)
  }

  /** A process was ended on purpose. */
  killed(now: number): void {
    this.#ends.push(now)
  }

  /** A process ended by itself, or could not begin. */
  crashed(now: number): void {
    this.#ends.push(now)
    this.#crashes++
    this.#lastCrash = now
  }

  answered(): void {
    this.#crashes = 0
  }
}

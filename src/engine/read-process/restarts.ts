/** When the next read process may start. Pure: the time comes in, in milliseconds. */

const MINUTE_MS = 60_000
/** After so many crashes within a minute none is started until it has passed. */
const MAX_CRASHES = 60
/** After so many kills within a minute the next start waits: who aborts query after query only delays the others. */
const MANY_KILLS = 60
const KILLS_PAUSE_MS = 1000
const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 5_000

export class Restarts {
  #crashes: number[] = []
  #kills: number[] = []
  /** Since the last answer. */
  #inARow = 0

  /** How long to wait before the next start; null: too many crashed within a minute. */
  delay(now: number): number | null {
    const isRecent = (end: number) => end > now - MINUTE_MS
    this.#crashes = this.#crashes.filter(isRecent)
    this.#kills = this.#kills.filter(isRecent)
    if (this.#crashes.length >= MAX_CRASHES) return null
    const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#inARow - 1), LONGEST_BACKOFF_MS)
    const afterCrash = this.#inARow === 0 ? 0 : (this.#crashes.at(-1) ?? -Infinity) + backoff
    const afterKill = this.#kills.length < MANY_KILLS ? 0 : this.#kills.at(-1)! + KILLS_PAUSE_MS
    return Math.max(0, afterCrash - now, afterKill - now)
  }

  /** A process was ended on purpose. */
  killed(now: number): void {
    this.#kills.push(now)
  }

  /** A process ended by itself, or could not begin. */
  crashed(now: number): void {
    this.#crashes.push(now)
    this.#inARow++
  }

  answered(): void {
    this.#inARow = 0
  }
}

/**
 * The newest entries of something that goes on for ever: older ones are dropped, so it never holds more than
 * `limit` of weight. Readers hear of new entries four times a second at most, however fast they come.
 *
 * A fifth goes at once: to whoever shows the entries, dropping the first moves all others.
 */
import { Cell, type Readable } from '../../src/ipc/client/readable.ts'

/** Milliseconds between two times that readers hear of new entries. */
const PAUSE = 250
/** How much of the limit is left after dropping. */
const KEPT = 0.8

export interface RecentOptions<T> {
  /** How much of all entries' weight is kept. The newest entry is always kept. */
  readonly limit: number
  /** Default: each weighs 1. */
  readonly weight?: (entry: T) => number
}

/**
 * @example
 * const lines = new Recent<string>({ limit: 2 })
 * lines.add('a', 'b', 'c')
 * lines.getSnapshot() // ['b', 'c'], a moment later
 */
export class Recent<T> implements Readable<readonly T[]> {
  readonly #cell = new Cell<readonly T[]>([])
  readonly #limit: number
  readonly #weight: (entry: T) => number
  #entries: T[] = []
  #total = 0
  /** Readers will hear soon. */
  #isDue = false

  readonly getSnapshot = this.#cell.getSnapshot
  readonly subscribe = this.#cell.subscribe

  constructor({ limit, weight = () => 1 }: RecentOptions<T>) {
    this.#limit = limit
    this.#weight = weight
  }

  add(...entries: readonly T[]): void {
    for (const entry of entries) {
      this.#entries.push(entry)
      this.#total += this.#weight(entry)
    }
    this.#dropOld()
    if (this.#isDue) return
    this.#isDue = true
    setTimeout(() => {
      this.#isDue = false
      this.#cell.set([...this.#entries])
    }, PAUSE)
  }

  /** Forget all entries; readers see it at once. */
  clear(): void {
    this.#entries = []
    this.#total = 0
    this.#cell.set([])
  }

  #dropOld(): void {
    if (this.#total <= this.#limit) return
    let dropped = 0
    while (this.#total > this.#limit * KEPT && dropped < this.#entries.length - 1) {
      this.#total -= this.#weight(this.#entries[dropped]!)
      dropped++
    }
    this.#entries.splice(0, dropped)
  }
}

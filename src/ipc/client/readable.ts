/**
 * A value that changes over time, in the shape that React's `useSyncExternalStore` reads. Listeners run after
 * the value has changed and must not throw.
 */

/** What readers hold. `getSnapshot` returns the same value until it changes; both functions stand alone. */
export interface Readable<T> {
  readonly getSnapshot: () => T
  /** Called after each change. Returns the way to stop. */
  readonly subscribe: (listener: () => void) => () => void
}

/** What the owner of the value holds. */
export class Cell<T> implements Readable<T> {
  #value: T
  readonly #listeners = new Set<() => void>()

  constructor(value: T) {
    this.#value = value
  }

  readonly getSnapshot = (): T => this.#value

  readonly subscribe = (listener: () => void): (() => void) => {
    // A set would merge two subscriptions of one function, and the first to stop would stop both.
    const entry = () => listener()
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  /** Setting an identical value tells nobody. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const listener of this.#listeners) listener()
  }
}

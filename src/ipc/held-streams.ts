/** Which streams one document holds, by their keys (`streamKey`), however often it holds each. */
export class HeldStreams {
  readonly #counts = new Map<string, number>()
  readonly #listeners = new Set<(key: string, isHeld: boolean) => void>()

  has(key: string): boolean {
    return this.#counts.has(key)
  }

  add(key: string): void {
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    if (count === 0) for (const listener of this.#listeners) listener(key, true)
  }

  remove(key: string): void {
    const count = this.#counts.get(key) ?? 0
    if (count > 1) return void this.#counts.set(key, count - 1)
    if (this.#counts.delete(key)) for (const listener of this.#listeners) listener(key, false)
  }

  keys(): Iterable<string> {
    return this.#counts.keys()
  }

  /** Called when a stream becomes held and when it is no longer. Returns the way to stop. */
  onChange(listener: (key: string, isHeld: boolean) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

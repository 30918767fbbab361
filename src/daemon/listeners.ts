/** Those who want to hear of something. One that throws harms neither the others nor the teller. */
export class Listeners<T> {
  readonly #listeners = new Set<{ readonly hear: (value: T) => void }>()

  /** Returns the way to stop; calling it again does nothing. */
  add(hear: (value: T) => void): () => void {
    const entry = { hear }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  /** The error of a listener surfaces as an uncaught one of its own, after everyone has heard. */
  tell(value: T): void {
    for (const { hear } of this.#listeners) {
      try {
        hear(value)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}

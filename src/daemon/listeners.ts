/** Those who want to hear of something. One that throws harms neither the others nor the teller: it is logged. */
export class Listeners<T> {
  readonly #listeners = new Set<{ readonly hear: (value: T) => void }>()

  /** Returns the way to stop; calling it again does nothing. */
  add(hear: (value: T) => void): () => void {
    const entry = { hear }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  tell(value: T): void {
    for (const { hear } of this.#listeners) {
      try {
        hear(value)
      } catch (error) {
        console.error('A listener of the daemon failed.', error)
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}

/** What was made of statements, by their text: of so many at most, and of none that is long. */

/** In characters: what a prepared statement takes grows with its text, which a window may choose. */
const LONGEST = 10_000

export class StatementCache<T> {
  readonly #most: number
  readonly #made = new Map<string, T>()

  constructor(most: number) {
    this.#most = most
  }

  /** As it was made before, or made now. */
  of(sql: string, make: () => T): T {
    const known = this.#made.get(sql)
    if (known !== undefined) return known
    const made = make()
    if (sql.length > LONGEST) return made
    if (this.#made.size >= this.#most) this.#made.clear()
    this.#made.set(sql, made)
    return made
  }

  clear(): void {
    this.#made.clear()
  }
}

/**
 * How much the owner keeps of the results of live queries, which stay with it as long as somebody watches them: a
 * window can ask for many, each as large as a result may be.
 */
import { EngineError } from '../face.ts'

export class LiveRowsKept {
  readonly #most: number
  readonly #byWatch = new Map<number, number>()
  #bytes = 0

  /** @param most bytes of all results together. */
  constructor(most: number) {
    this.#most = most
  }

  /** The last result of this live query takes so many bytes. Throws `result_too_large`: drop it. */
  keep(watch: number, bytes: number): void {
    const before = this.#byWatch.get(watch) ?? 0
    if (bytes > before && this.#bytes - before + bytes > this.#most) throw tooMuch()
    this.#byWatch.set(watch, bytes)
    this.#bytes += bytes - before
  }

  /** Nobody watches these any more. */
  forget(watches: readonly number[]): void {
    for (const watch of watches) {
      this.#bytes -= this.#byWatch.get(watch) ?? 0
      this.#byWatch.delete(watch)
    }
  }
}

function tooMuch(): EngineError {
  return new EngineError({
    code: 'result_too_large',
    message: 'All live queries of windows together hold as many rows as they may.',
  })
}

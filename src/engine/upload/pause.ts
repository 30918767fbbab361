/** A wait that somebody can end early. One at a time. */
export type Hurry = 'poke' | 'retry'

export class Pause {
  #end: ((hurry: Hurry) => void) | null = null
  /** Somebody was in a hurry while nobody waited. */
  #missed: Hurry | null = null

  /**
   * Wait for `ms`, until aborted, or until somebody hurries: a `retry` ends every wait, a `poke` only those that
   * say so. A hurry that came since the last wait counts.
   */
  async begin(ms: number, endedBy: Hurry, signal: AbortSignal): Promise<void> {
    const ends = (hurry: Hurry) => hurry === 'retry' || endedBy === 'poke'
    const missed = this.#missed
    this.#missed = null
    if (ms <= 0 || signal.aborted || (missed !== null && ends(missed))) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = ms === Infinity ? undefined : setTimeout(resolve, ms)
    const onAbort = () => resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    this.#end = (hurry) => {
      if (ends(hurry)) resolve()
    }
    await promise
    this.#end = null
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }

  end(hurry: Hurry): void {
    if (this.#end !== null) this.#end(hurry)
    else if (this.#missed !== 'retry') this.#missed = hurry
  }
}

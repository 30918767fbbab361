/**
 * What the router knows of one document while it lives: its calls and subscriptions, what it holds, and the
 * flows of its watches, which only it can acknowledge.
 */
import { CallError } from './error.ts'
import type { Flow } from './flow.ts'
import { HeldStreams } from './held-streams.ts'
import type { Counts } from './meter.ts'
import type { WindowIdentity } from './window.ts'

export class DocumentState {
  readonly window: WindowIdentity
  readonly held = new HeldStreams()
  /** By procedure, while somebody reads the meter; `countsOf` changes them. */
  readonly counts = new Map<string, Counts>()
  /** Calls that are not answered yet. */
  calls = 0
  /** Live subscriptions. */
  live = 0
  readonly #watches = new Map<string, { readonly procedure: string; readonly flow: Flow }>()
  #changes = 0
  readonly #queries = new Map<string, AbortController>()

  constructor(window: WindowIdentity) {
    this.window = window
  }

  hasWatch(watchId: string): boolean {
    return this.#watches.has(watchId)
  }

  addWatch(watchId: string, procedure: string, flow: Flow): void {
    this.#watches.set(watchId, { procedure, flow })
    this.#changes++
  }

  removeWatch(watchId: string): void {
    // What the watch had coalesced no longer counts below.
    this.#changes += 1 + (this.#watches.get(watchId)?.flow.coalesced ?? 0)
    this.#watches.delete(watchId)
  }

  /** Grows whenever `counts`, `watchedProcedures` or `flowOf` may say something else than before. */
  get version(): number {
    let version = this.#changes
    for (const { flow } of this.#watches.values()) version += flow.coalesced
    return version
  }

  /** The counts of one procedure, to be changed. */
  countsOf(procedure: string): Counts {
    this.#changes++
    let counts = this.counts.get(procedure)
    if (counts === undefined) {
      counts = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 }
      this.counts.set(procedure, counts)
    }
    return counts
  }

  /** Throws a `CallError`: `unknown_watch`, `unknown_message`. */
  ack(watchId: string, sequence: number): void {
    const watch = this.#watches.get(watchId)
    if (watch === undefined) {
      throw new CallError('unknown_watch', 'This document has no watch of that id.')
    }
    if (!watch.flow.ack(sequence)) {
      throw new CallError('unknown_message', `The watch has sent no message ${sequence} yet.`)
    }
  }

  /** Throws a `CallError`: `query_exists`. */
  async cancellable<T>(queryId: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#queries.has(queryId)) {
      throw new CallError('query_exists', 'This document already waits for a query of that id.')
    }
    const controller = new AbortController()
    this.#queries.set(queryId, controller)
    try {
      return await run(controller.signal)
    } finally {
      this.#queries.delete(queryId)
    }
  }

  /** Does nothing for a query that has its answer. */
  cancel(queryId: string): void {
    this.#queries.get(queryId)?.abort()
  }

  watchedProcedures(): readonly string[] {
    return Array.from(this.#watches.values(), ({ procedure }) => procedure)
  }

  /** Of all watches of one procedure together. */
  flowOf(procedure: string): { readonly unacknowledged: number; readonly coalesced: number } {
    const flows = [...this.#watches.values()].filter((watch) => watch.procedure === procedure)
    return {
      unacknowledged: flows.filter(({ flow }) => flow.isInFlight).length,
      coalesced: flows.reduce((sum, { flow }) => sum + flow.coalesced, 0),
    }
  }
}

/** All live queries. The same statement with the same parameters is run and compared once, whoever asks. */
import { serialize } from 'node:v8'
import { diffRows } from '../../engine/live-diff.ts'
import type { LiveAnswered, LiveQuestion } from '../../engine/live-results.ts'
import type { SqlParameters } from '../daemon.ts'
import type { LiveRows, RowsChange } from '../../status/rows.ts'
import type { ErrorInfo } from '../../status/status.ts'
import { LiveQuery } from './query.ts'
import type { LiveUpdate } from './query.ts'

/** Milliseconds from one run of a live query to the next: two frames, which nobody sees. */
export const THROTTLE_MS = 30

/**
 * Whose SQL it is: the app's own, our own about the upload queue, or a window's, which passes the gate and runs in
 * a process of its own.
 */
export type LiveSource = 'app' | 'queue' | 'window'

export interface LiveWish {
  readonly source: LiveSource
  readonly sql: string
  readonly params: SqlParameters
  /** The column that tells rows apart. */
  readonly key: string
  readonly throttleMs: number
}

/** One asker's hold on a live query. */
export interface LiveHandle {
  readonly result: LiveRows | null
  readonly error: ErrorInfo | null
  /** Called for each change from now on; `result` and `error` say what was before. */
  listen(listener: (update: LiveUpdate) => void): () => void
  /** From rows that `result` once was to those that it is; null: there are none, or they have other columns. */
  changeSince(before: LiveRows): RowsChange | null
  /** The query ends with its last handle. Safe to call twice. */
  close(): void
}

export type Ask = (wish: LiveWish, live: LiveQuestion, signal: AbortSignal) => Promise<LiveAnswered>

interface Shared {
  readonly query: LiveQuery
  readonly id: number
  holders: number
}

export class LiveQueries {
  readonly #ask: Ask
  readonly #shared = new Map<string, Shared>()
  #ids = 0
  /** Queries that ended and that nobody who keeps results was told of yet. */
  #ended: { readonly source: LiveSource; readonly id: number }[] = []

  constructor(ask: Ask) {
    this.#ask = ask
  }

  open(wish: LiveWish): LiveHandle {
    const name = nameOf(wish)
    const shared = this.#shared.get(name) ?? this.#start(wish, name)
    shared.holders++
    return this.#handle(shared, wish.key, () => {
      if (--shared.holders > 0) return
      this.#shared.delete(name)
      shared.query.close()
      this.#ended.push({ source: wish.source, id: shared.id })
    })
  }

  /** Rows of these tables changed. */
  changed(tables: readonly string[]): void {
    for (const { query } of this.#shared.values()) query.changed(tables)
  }

  /** The schema changed. */
  renew(): void {
    for (const { query } of this.#shared.values()) query.renew()
  }

  close(): void {
    for (const { query } of this.#shared.values()) query.close()
    this.#shared.clear()
  }

  #start(wish: LiveWish, name: string): Shared {
    const id = ++this.#ids
    const ask = (basis: string | null, signal: AbortSignal) =>
      this.#ask(wish, { watch: id, basis, key: wish.key, ended: this.#takeEnded(wish.source) }, signal)
    const shared = { id, query: new LiveQuery({ ask, throttleMs: wish.throttleMs }), holders: 0 }
    this.#shared.set(name, shared)
    return shared
  }

  #handle({ query }: Shared, key: string, close: () => void): LiveHandle {
    const stops = new Set<() => void>()
    let closed = false
    return {
      get result() {
        return query.result
      },
      get error() {
        return query.error
      },
      listen(listener) {
        const stop = query.listen(listener)
        stops.add(stop)
        return stop
      },
      changeSince(before) {
        return query.result === null ? null : diffRows(before, query.result, key)
      },
      close() {
        if (closed) return
        closed = true
        for (const stop of stops) stop()
        close()
      },
    }
  }

  #takeEnded(source: LiveSource): readonly number[] {
    const ended = this.#ended.filter((query) => query.source === source)
    this.#ended = this.#ended.filter((query) => query.source !== source)
    return ended.map(({ id }) => id)
  }
}

/** Equal exactly for equal wishes, whatever values the parameters have. */
function nameOf({ params, ...wish }: LiveWish): string {
  const ordered = Array.isArray(params) ? params : Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))
  return serialize([wish.source, wish.sql, wish.key, wish.throttleMs, ordered]).toString('latin1')
}

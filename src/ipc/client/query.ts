/**
 * Named queries that stay current. All components that ask the same question share one `LiveQuery`.
 *
 *     idle ──someone reads──▶ stale ──run──▶ running ──answer──▶ current
 *                               ▲              │ a table changed   │
 *                               └──────────────┴───────────────────┘
 *
 * Invariants: it runs only while somebody reads it and the link is open, never twice at once, and at most once
 * in `PAUSE` ms; it runs again only when a table that it reads changed; a failed run keeps the rows shown.
 */
import type { QueryResult, Row, SqlValue } from '../../daemon/daemon.ts'
import type { ErrorInfo } from '../../status/status.ts'
import { failureOf } from './failure.ts'
import { Cell, type Readable } from './readable.ts'
import { keepRows } from './rows.ts'
import type { ChangedTables } from './tables.ts'

export type QueryParams = { readonly [name: string]: SqlValue }

export interface QueryState<R = Row> {
  readonly rows: readonly R[]
  /** No answer came yet. */
  readonly isLoading: boolean
  /** Why the last run failed; null after one that did not. */
  readonly error: ErrorInfo | null
}

export interface QueryHost {
  run(name: string, params: QueryParams, signal: AbortSignal): Promise<QueryResult>
  /** Runs wait while this is false; a change of null says that it is true again. */
  isOpen(): boolean
  onChange(listener: (tables: ChangedTables) => void): () => void
}

const PAUSE = 30
/** How long the rows of a query that nobody reads are kept, for coming back to it. */
export const LINGER = 30_000

export class LiveQueries {
  readonly #host: QueryHost
  readonly #queries = new Map<string, LiveQuery>()

  constructor(host: QueryHost) {
    this.#host = host
  }

  /** The one live query of this name and these parameters. Does nothing until it is subscribed to. */
  get(name: string, params: QueryParams = {}): Readable<QueryState> {
    const key = queryKey(name, params)
    const known = this.#queries.get(key)
    if (known !== undefined) return known
    const query = new LiveQuery(this.#host, name, params, () => {
      // Somebody may have kept one that was forgotten: it must not take its successor with it.
      if (this.#queries.get(key) === query) this.#queries.delete(key)
    })
    this.#queries.set(key, query)
    return query
  }
}

/** Equal questions have equal keys, whatever the order of the parameters. */
export function queryKey(name: string, params: QueryParams = {}): string {
  const entries = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([name, entries.map(([key, value]) => [key, typeof value, String(value)])])
}

class LiveQuery implements Readable<QueryState> {
  readonly #host: QueryHost
  readonly #name: string
  readonly #params: QueryParams
  readonly #forget: () => void
  readonly #state = new Cell<QueryState>({ rows: [], isLoading: true, error: null })
  #readers = 0
  #stopListening = () => {}
  #lingering: ReturnType<typeof setTimeout>

  #isStale = true
  #running: AbortController | null = null
  /** What changed while it runs: whether that matters shows in the answer's tables. */
  #changedMeanwhile: string[] = []
  #pausing: ReturnType<typeof setTimeout> | null = null
  /** What the last answer read; null before the first. */
  #tables: readonly string[] | null = null

  constructor(host: QueryHost, name: string, params: QueryParams, forget: () => void) {
    this.#host = host
    this.#name = name
    this.#params = params
    this.#forget = forget
    this.#lingering = setTimeout(forget, LINGER)
  }

  readonly getSnapshot = this.#state.getSnapshot

  readonly subscribe = (listener: () => void): (() => void) => {
    const unsubscribe = this.#state.subscribe(listener)
    if (this.#readers++ === 0) this.#wake()
    return () => {
      unsubscribe()
      if (--this.#readers === 0) this.#rest()
    }
  }

  #wake(): void {
    clearTimeout(this.#lingering)
    this.#stopListening = this.#host.onChange((tables) => this.#onChange(tables))
    this.#isStale = true
    this.#runIfDue()
  }

  #rest(): void {
    this.#stopListening()
    this.#abandon()
    this.#lingering = setTimeout(this.#forget, LINGER)
  }

  #onChange(tables: ChangedTables): void {
    if (tables === null) {
      this.#abandon()
      this.#isStale = true
    } else if (this.#running !== null) {
      this.#changedMeanwhile.push(...tables)
    } else if (this.#reads(tables)) {
      this.#isStale = true
    }
    this.#runIfDue()
  }

  #runIfDue(): void {
    // While one runs nothing is stale: changes are noted, and looked at when it has ended.
    if (!this.#isStale || this.#readers === 0 || this.#pausing !== null || !this.#host.isOpen()) return
    const controller = new AbortController()
    this.#running = controller
    this.#isStale = false
    this.#changedMeanwhile = []
    this.#host.run(this.#name, this.#params, controller.signal).then(
      ({ rows, tables }) => {
        if (this.#running !== controller) return
        this.#tables = tables
        this.#ended({ rows: keepRows(this.#state.getSnapshot().rows, rows), isLoading: false, error: null })
      },
      (error: unknown) => {
        if (this.#running !== controller) return
        this.#ended({ rows: this.#state.getSnapshot().rows, isLoading: false, error: failureOf(error) })
      },
    )
    this.#pausing = setTimeout(() => {
      this.#pausing = null
      this.#runIfDue()
    }, PAUSE)
  }

  #ended(next: QueryState): void {
    this.#running = null
    if (this.#reads(this.#changedMeanwhile)) this.#isStale = true
    const { rows, isLoading, error } = this.#state.getSnapshot()
    if (rows !== next.rows || isLoading || error !== next.error) this.#state.set(next)
    this.#runIfDue()
  }

  /** Whatever the run answers is not waited for. */
  #abandon(): void {
    this.#running?.abort()
    this.#running = null
  }

  /** A query that failed so far may read anything. */
  #reads(tables: readonly string[]): boolean {
    return (
      tables.length > 0 && (this.#tables === null || tables.some((table) => this.#tables?.includes(table)))
    )
  }
}

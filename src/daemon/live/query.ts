/**
 * One live query: run again once for each committed change of what it reads, never twice at a time and not more
 * often than its throttle. Failures are data; the rows before stay, and the next try comes later each time.
 */
import type { LiveAnswered } from '../../engine/live-results.ts'
import { errorInfo } from '../../engine/result.ts'
import type { LiveRows, RowsChange } from '../../status/rows.ts'
import { applyRowsChange } from '../../status/rows.ts'
import type { ErrorInfo } from '../../status/status.ts'
import { Listeners } from '../listeners.ts'

/** What a live query tells. `rows`: all anew. `change`: from the result `before` to this one. */
export type LiveUpdate =
  | { readonly kind: 'rows'; readonly result: LiveRows }
  | {
      readonly kind: 'change'
      readonly before: LiveRows
      readonly result: LiveRows
      readonly change: RowsChange
    }
  | { readonly kind: 'error'; readonly error: ErrorInfo }

export interface LiveQueryOptions {
  /** Ask; `basis` is the version that is here, null: none. */
  readonly ask: (basis: string | null, signal: AbortSignal) => Promise<LiveAnswered>
  /** Milliseconds from one run to the next. */
  readonly throttleMs: number
}

const FIRST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 60_000

/** These may be over when the tables have changed, and not before. */
const ERRORS_OF_ROWS = new Set(['result_too_large', 'query_timeout', 'sql_failed'])

/** Nothing that happens to rows makes these right; another schema may, but for `closed`. */
const LASTING_ERRORS = new Set([
  'sql_syntax',
  'sql_refused',
  'sql_too_long',
  'sql_too_complex',
  'sql_unavailable',
  'bad_parameters',
  'closed',
])

export class LiveQuery {
  readonly #options: LiveQueryOptions
  readonly #listeners = new Listeners<LiveUpdate>()
  readonly #closed = new AbortController()
  #result: LiveRows | null = null
  #error: ErrorInfo | null = null
  #version: string | null = null
  #tables: ReadonlySet<string> | null = null
  /** What changed while it ran, and may have come too late for that run. */
  #changedMeanwhile = new Set<string>()
  #isRunning = false
  /** The schema changed while it ran. */
  #isRenewed = false
  /** Running it again gives the same error. */
  #isHopeless = false
  #timer: NodeJS.Timeout | null = null
  #beganAt = -Infinity
  #failures = 0

  constructor(options: LiveQueryOptions) {
    this.#options = options
    void this.#run()
  }

  /** The newest rows; null before the first. */
  get result(): LiveRows | null {
    return this.#result
  }

  /** Why the last run failed; null: it did not. */
  get error(): ErrorInfo | null {
    return this.#error
  }

  listen(listener: (update: LiveUpdate) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** These tables changed. */
  changed(tables: readonly string[]): void {
    if (this.#isRunning) for (const table of tables) this.#changedMeanwhile.add(table)
    else if (this.#reads(tables)) this.#schedule()
  }

  /** The schema changed: it may read other tables, and what was wrong may be right. */
  renew(): void {
    this.#tables = null
    this.#failures = 0
    this.#isHopeless = false
    if (this.#isRunning) this.#isRenewed = true
    else this.#schedule()
  }

  close(): void {
    clearTimeout(this.#timer ?? undefined)
    this.#closed.abort(new Error('Nobody watches the query any more.'))
    this.#listeners.clear()
  }

  /** Before the first answer nobody knows. */
  #reads(tables: Iterable<string>): boolean {
    for (const table of tables) if (this.#tables === null || this.#tables.has(table)) return true
    return false
  }

  #schedule(): void {
    if (this.#timer !== null || this.#closed.signal.aborted) return
    if (this.#isHopeless) return
    const pause =
      this.#failures === 0
        ? this.#options.throttleMs
        : Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1))
    const wait = Math.max(0, this.#beganAt + pause - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#run()
    }, wait)
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    this.#changedMeanwhile.clear()
    this.#beganAt = performance.now()
    const { signal } = this.#closed
    try {
      const answered = await this.#options.ask(this.#version, signal)
      if (!signal.aborted) this.#take(answered)
    } catch (error) {
      if (!signal.aborted) this.#fail(errorInfo(error))
    }
    this.#isRunning = false
    if (this.#isRenewed) {
      this.#isRenewed = false
      return this.renew()
    }
    const failed = this.#error !== null && !ERRORS_OF_ROWS.has(this.#error.code)
    if (failed || this.#reads(this.#changedMeanwhile)) this.#schedule()
  }

  #take({ answer, tables }: LiveAnswered): void {
    const wasWrong = this.#error !== null
    this.#tables = new Set(tables)
    this.#failures = 0
    this.#error = null
    this.#version = answer.version
    switch (answer.kind) {
      case 'same': {
        if (wasWrong && this.#result !== null) this.#listeners.tell({ kind: 'rows', result: this.#result })
        break
      }
      case 'change': {
        const { change } = answer
        const before = this.#result!
        const result = { columns: before.columns, rows: applyRowsChange(before.rows, change) }
        this.#result = result
        this.#listeners.tell({ kind: 'change', before, result, change })
        break
      }
      case 'whole': {
        this.#result = answer.result
        this.#listeners.tell({ kind: 'rows', result: answer.result })
        break
      }
      default: {
        answer satisfies never
      }
    }
  }

  #fail(error: ErrorInfo): void {
    this.#failures++
    this.#isHopeless = LASTING_ERRORS.has(error.code)
    this.#error = error
    this.#listeners.tell({ kind: 'error', error })
  }
}

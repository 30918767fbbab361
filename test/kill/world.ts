/**
 * What the killed process writes, so that one number tells everything that must be there: transaction `n` inserts
 * its rows, deletes those of transaction `n - KEPT`, and sets the counter to `n`.
 */
export const schema = { tables: { labels: { columns: { name: 'text', color: 'text' } } } } as const

/** What the backend sets as `name` of each row that it takes: so a row shows whose version it is. */
export const TAKEN = 'taken'

const ROWS = 3
const KEPT = 5

/** `database` keeps the rows of several databases apart at the service. */
export function counterOf(database: string): string {
  return `${database}-counter`
}

export function rowsOf(database: string, n: number): readonly string[] {
  return Array.from({ length: ROWS }, (_, index) => `${database}-${n}-${index}`)
}

/** The transaction whose rows the transaction `n` deletes; null: none. */
export function forgottenBy(n: number): number | null {
  return n > KEPT ? n - KEPT : null
}

/** All rows after the transaction `n`, as id to color, the counter included. */
export function rowsAfter(database: string, n: number): ReadonlyMap<string, string> {
  const kept = Array.from({ length: Math.min(n, KEPT) }, (_, index) => n - index)
  return new Map([
    [counterOf(database), String(n)],
    ...kept.flatMap((number) => rowsOf(database, number).map((id) => [id, String(number)] as const)),
  ])
}

/** What a child is told, as one line of JSON, once it has loaded everything. */
export interface Task {
  readonly path: string
  readonly database: string
  readonly endpoint: string
  readonly token: string
  /** Takes uploads. */
  readonly backend: string
  readonly checkpointMode: 'legacy' | 'requests'
  readonly inProcess: boolean
  /** Milliseconds from one write to the next. */
  readonly pauseMs: number
  /** How many transactions it writes before it waits until everything is settled; null: it goes on writing. */
  readonly writes: number | null
  /** Close in good order once everything is settled; else it waits to be killed. */
  readonly closes: boolean
}

/** A line that a child says, as JSON. */
export type Said =
  | { readonly say: 'loaded' }
  /** Open, and this is what it found. */
  | {
      readonly say: 'opened'
      readonly rows: readonly (readonly [id: string, color: string | null])[]
      /** What the integrity check found. */
      readonly damage: readonly string[]
    }
  /** Transaction `n` was acknowledged. */
  | { readonly say: 'written'; readonly n: number }
  /** Nothing waits and all rows are the service's. `ms`: since it began to open. */
  | { readonly say: 'settled'; readonly ms: number }

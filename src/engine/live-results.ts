/**
 * The last results of live queries, beside the connection that reads them: only what changed leaves this thread
 * or process. A result that is forgotten, or that the asker has not got, is answered whole.
 */
import { randomUUID } from 'node:crypto'
import { sizeOfRow, type LiveRows, type RowsChange } from '../status/rows.ts'
import { diffRows } from './live-diff.ts'

export interface LiveQuestion {
  /** Names the live query, as long as the asker wants answers to it. */
  readonly watch: number
  /** The version that the asker has; null: none. */
  readonly basis: string | null
  /** The column that tells rows apart. */
  readonly key: string
  /** Live queries that nobody asks for any more. */
  readonly ended: readonly number[]
}

/** What a live query gives: its rows, and what they were read from. */
export interface LiveAnswered {
  readonly answer: LiveAnswer
  /** Views of the app that the statement reads, sorted. */
  readonly tables: readonly string[]
}

/** `version` names the result that the asker then has. */
export type LiveAnswer =
  | { readonly kind: 'same'; readonly version: string }
  | { readonly kind: 'change'; readonly version: string; readonly change: RowsChange }
  | { readonly kind: 'whole'; readonly version: string; readonly result: LiveRows }

/** About how many bytes of results are kept. */
const KEPT_BYTES = 64 * 1024 * 1024

interface Kept {
  readonly version: string
  readonly result: LiveRows
  readonly bytes: number
}

export class LiveResults {
  readonly #session = randomUUID()
  #versions = 0
  /** The one asked last stands last. */
  readonly #kept = new Map<number, Kept>()
  #bytes = 0

  answer({ watch, basis, key, ended }: LiveQuestion, result: LiveRows): LiveAnswer {
    for (const gone of ended) this.#forget(gone)
    const before = this.#kept.get(watch)
    const change =
      before !== undefined && before.version === basis ? diffRows(before.result, result, key) : null
    if (before !== undefined && change !== null && isEmpty(change)) {
      return { kind: 'same', version: before.version }
    }
    const version = `${this.#session}:${++this.#versions}`
    this.#keep(watch, version, result)
    return change === null ? { kind: 'whole', version, result } : { kind: 'change', version, change }
  }

  /** About how many bytes the last result takes; it is kept until another live query is asked for. */
  bytesOf(watch: number): number {
    return this.#kept.get(watch)?.bytes ?? 0
  }

  #forget(watch: number): void {
    this.#bytes -= this.#kept.get(watch)?.bytes ?? 0
    this.#kept.delete(watch)
  }

  #keep(watch: number, version: string, result: LiveRows): void {
    this.#forget(watch)
    const bytes = result.rows.reduce((sum, row) => sum + sizeOfRow(row), 0)
    this.#kept.set(watch, { version, result, bytes })
    this.#bytes += bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= KEPT_BYTES || oldest === watch) break
      this.#forget(oldest)
    }
  }
}

function isEmpty({ removed, placed, changed }: RowsChange): boolean {
  return removed.length + placed.length + changed.length === 0
}

/**
 * The rows of one watch (`sql.watch`, `uploads.watch`): watched while somebody reads them, kept up to date by the
 * differences that come.
 *
 * Invariants: rows that did not change keep their identity, also when all rows come anew; the watch ends one tick
 * after its last reader, so that who goes and comes back at once (React's StrictMode) makes no traffic.
 */
import { applyRowsChange, type Cells, type CellValue, type LiveRows } from '../../status/rows.ts'
import type { ErrorInfo } from '../../status/status.ts'
import { decodeChange, type RowsMessage } from '../rows-message.ts'
import { keepWatching, type AckedSource } from './acked.ts'
import { failureOf } from './failure.ts'
import type { Lasting } from './lasting.ts'
import { Cell, type Readable } from './readable.ts'
import { isSameValue } from './rows.ts'
import { isSameList } from './selection.ts'

export interface RowsState {
  /** Null: none came yet. */
  readonly result: LiveRows | null
  /** Why the last run failed; the rows are those before. */
  readonly error: ErrorInfo | null
}

export type RowsSource = Pick<AckedSource<RowsMessage>, 'open' | 'ack'>

export interface WatchedRowsOptions {
  readonly source: RowsSource
  /** The column that tells rows apart. */
  readonly key: string
  /** Nobody reads it any more (and somebody may again). */
  readonly onUnread?: () => void
}

export class WatchedRows implements Readable<RowsState> {
  readonly #options: WatchedRowsOptions
  readonly #state = new Cell<RowsState>({ result: null, error: null })
  #watch: Lasting | null = null
  #readers = 0

  constructor(options: WatchedRowsOptions) {
    this.#options = options
  }

  readonly getSnapshot = this.#state.getSnapshot

  readonly subscribe = (listener: () => void): (() => void) => {
    const unsubscribe = this.#state.subscribe(listener)
    this.#readers++
    this.#watch ??= this.#begin()
    let isReading = true
    return () => {
      if (!isReading) return
      isReading = false
      unsubscribe()
      this.#readers--
      setTimeout(() => this.#endUnread())
    }
  }

  get isRead(): boolean {
    return this.#readers > 0
  }

  close(): void {
    this.#watch?.stop()
    this.#watch = null
  }

  #begin(): Lasting {
    return keepWatching<RowsMessage>(
      {
        ...this.#options.source,
        sequenceOf: ([, sequence]) => sequence,
        beginsAnew: ([kind]) => kind === 0,
      },
      {
        onData: (message) => this.#take(message),
        onRefused: (error) => this.#set(this.#state.getSnapshot().result, failureOf(error)),
      },
    )
  }

  #endUnread(): void {
    if (this.isRead || this.#watch === null) return
    this.close()
    this.#options.onUnread?.()
  }

  #take(message: RowsMessage): void {
    const { result } = this.#state.getSnapshot()
    switch (message[0]) {
      case 0: {
        const [, , columns, rows] = message
        this.#set(keepCells(result, { columns, rows }, this.#options.key), null)
        break
      }
      case 1: {
        const change = decodeChange(message)
        const isSame = change.removed.length + change.placed.length + change.changed.length === 0
        const { columns, rows } = result!
        this.#set(isSame ? result : { columns, rows: applyRowsChange(rows, change) }, null)
        break
      }
      case 2: {
        const [, , code, text] = message
        this.#set(result, { code, message: text })
        break
      }
      default:
        message satisfies never
    }
  }

  #set(result: LiveRows | null, error: ErrorInfo | null): void {
    const before = this.#state.getSnapshot()
    if (result !== before.result || error !== before.error) this.#state.set({ result, error })
  }
}

/** `after` with the rows of `before` where they are equal; `before` itself when all of it is. */
function keepCells(before: LiveRows | null, after: LiveRows, key: string): LiveRows {
  if (before === null || !isSameList(before.columns, after.columns)) return after
  const column = after.columns.indexOf(key)
  const byKey = new Map(column === -1 ? [] : before.rows.map((row) => [row[column], row]))
  let isSame = before.rows.length === after.rows.length
  const rows = after.rows.map((row, place) => {
    const earlier = column === -1 ? before.rows[place] : byKey.get(row[column])
    const kept = earlier !== undefined && isSameRow(earlier, row) ? earlier : row
    if (kept !== before.rows[place]) isSame = false
    return kept
  })
  return isSame ? before : { columns: before.columns, rows }
}

function isSameRow(a: Cells, b: Cells): boolean {
  return a.every((value: CellValue, column) => isSameValue(value, b[column]))
}

/**
 * A long list page by page, as the daemon has it now: the page is read again when the status changed, at most once
 * a second. What was read stays on the screen until the next answer.
 */
import { useEffect, useState } from 'react'
import { failureOf, type Client } from '../../src/ipc/client/index.ts'
import { useClient } from '../../src/ipc/client/react.tsx'
import { isSameList } from '../../src/ipc/client/selection.ts'
import type { ErrorInfo, Status } from '../../src/status/status.ts'

/** How a list is read. The same object for the same list: another one begins anew. */
export interface PageSource<Row, Cursor> {
  /** `of`: what the caller asked for. `cursor`: where the page before ended; null for the first page. */
  readonly read: (
    client: Client,
    of: string,
    cursor: Cursor | null,
    signal: AbortSignal,
  ) => Promise<Page<Row, Cursor>>
  readonly idOf: (row: Row) => string | number
  /** Whether two rows of one id say the same: then the older object stays, and is not rendered again. */
  readonly isSame: (before: Row, after: Row) => boolean
  /** The part of the status that the list changes with. */
  readonly changesWith: (status: Status) => unknown
}

export interface Page<Row, Cursor> {
  readonly rows: readonly Row[]
  /** Null on the last page. */
  readonly next: Cursor | null
  /** How many rows there are on all pages; null: as before. */
  readonly total: number | null
}

export interface Pages<Row> {
  readonly rows: readonly Row[]
  /** Null until the daemon has told. */
  readonly total: number | null
  /** How many pages there are before this one. */
  readonly before: number
  readonly isLoading: boolean
  readonly error: ErrorInfo | null
  /** Null on the last page. */
  readonly onNext: (() => void) | null
  /** Null on the first page. */
  readonly onPrevious: (() => void) | null
}

/** Milliseconds between two readings of the same page. */
const PAUSE = 1000

/** The way to a page: the cursors that the pages before it ended with. */
interface Trail<Cursor> {
  readonly of: string
  readonly cursors: readonly Cursor[]
}

interface Answer<Row, Cursor> {
  readonly trail: Trail<Cursor>
  readonly page: Page<Row, Cursor>
}

/** @param of names what is read; another name begins at the first page. */
export function usePages<Row, Cursor>(source: PageSource<Row, Cursor>, of: string): Pages<Row> {
  const client = useClient()
  const [trail, setTrail] = useState<Trail<Cursor>>({ of, cursors: [] })
  const [answer, setAnswer] = useState<Answer<Row, Cursor> | null>(null)
  const [total, setTotal] = useState<number | null>(null)
  const [error, setError] = useState<ErrorInfo | null>(null)
  if (trail.of !== of) setTrail({ of, cursors: [] })

  useEffect(
    () =>
      keepReading(client, source.changesWith, async (signal) => {
        try {
          const page = await source.read(client, trail.of, trail.cursors.at(-1) ?? null, signal)
          if (signal.aborted) return
          // What stood here is gone, and nothing follows.
          if (page.rows.length === 0 && trail.cursors.length > 0) setTrail({ of: trail.of, cursors: [] })
          setAnswer((last) => ({
            trail,
            page: { ...page, rows: keepRows(source, last?.page.rows ?? [], page.rows) },
          }))
          if (page.total !== null) setTotal(page.total)
          setError(null)
        } catch (failure) {
          if (!signal.aborted) setError(failureOf(failure))
        }
      }),
    [client, source, trail],
  )

  const next = answer?.trail === trail ? answer.page.next : null
  const { cursors } = trail
  return {
    rows: answer?.page.rows ?? NONE,
    total,
    before: answer?.trail.cursors.length ?? 0,
    isLoading: answer?.trail !== trail,
    error,
    onNext: next === null ? null : () => setTrail({ of, cursors: [...cursors, next] }),
    onPrevious: cursors.length === 0 ? null : () => setTrail({ of, cursors: cursors.slice(0, -1) }),
  }
}

const NONE: readonly never[] = []

/** Reads now, and again after changes: never two at once, and with a pause between. */
function keepReading(
  { status }: Client,
  changesWith: (status: Status) => unknown,
  read: (signal: AbortSignal) => Promise<void>,
): () => void {
  const ending = new AbortController()
  let known: unknown = null
  let isResting = false
  const isStale = () => changesWith(status.getSnapshot()) !== known
  const again = async () => {
    isResting = true
    known = changesWith(status.getSnapshot())
    await read(ending.signal)
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
    isResting = false
    if (isStale() && !ending.signal.aborted) void again()
  }
  const stop = status.subscribe(() => {
    if (!isResting && isStale()) void again()
  })
  void again()
  return () => {
    stop()
    ending.abort()
  }
}

/** The same list where nothing in it changed. */
function keepRows<Row>(
  { idOf, isSame }: Pick<PageSource<Row, never>, 'idOf' | 'isSame'>,
  last: readonly Row[],
  rows: readonly Row[],
): readonly Row[] {
  const known = new Map(last.map((row) => [idOf(row), row]))
  const kept = rows.map((row) => {
    const earlier = known.get(idOf(row))
    return earlier !== undefined && isSame(earlier, row) ? earlier : row
  })
  return isSameList(kept, last) ? last : kept
}

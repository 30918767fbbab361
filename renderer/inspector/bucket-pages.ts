/**
 * Pages of buckets, one at a time, as the daemon has them now: the page is read again when the status changed, at
 * most once a second. What was read stays on the screen until the next answer.
 */
import { useEffect, useState } from 'react'
import { failureOf, type BucketPage, type BucketQuery, type Client } from '../../src/ipc/client/index.ts'
import { useClient } from '../../src/ipc/client/react.tsx'
import type { ErrorInfo } from '../../src/status/status.ts'

export type Bucket = BucketPage['rows'][number]
export type BucketFilter = Omit<BucketQuery, 'cursor' | 'limit'>
type Cursor = NonNullable<BucketPage['next']>

export interface BucketPages {
  readonly rows: readonly Bucket[]
  /** How many buckets the filter lets through; null before the first answer. */
  readonly total: number | null
  /** How many buckets stand on the pages before this one. */
  readonly before: number
  readonly isLoading: boolean
  readonly error: ErrorInfo | null
  /** Null on the last page. */
  readonly onNext: (() => void) | null
  /** Null on the first page. */
  readonly onPrevious: (() => void) | null
}

/** Buckets on one page. */
const PAGE = 100
/** Milliseconds between two readings of the same page. */
const PAUSE = 1000

/** The way to a page: the cursors that the pages before it ended with. */
interface Trail {
  readonly filter: string
  readonly cursors: readonly Cursor[]
}

interface Answer {
  readonly trail: Trail
  readonly page: BucketPage
}

export function useBucketPages(filter: BucketFilter): BucketPages {
  const client = useClient()
  const key = JSON.stringify(filter)
  const [trail, setTrail] = useState<Trail>({ filter: key, cursors: [] })
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [total, setTotal] = useState<number | null>(null)
  const [error, setError] = useState<ErrorInfo | null>(null)
  if (trail.filter !== key) setTrail({ filter: key, cursors: [] })

  useEffect(() => {
    const cursor = trail.cursors.at(-1)
    const input: BucketQuery = {
      ...(JSON.parse(trail.filter) as BucketFilter),
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    }
    return keepReading(client, async (signal) => {
      try {
        const page = await client.trpc.inspect.buckets.query(input, { signal })
        if (signal.aborted) return
        setAnswer((last) => ({ trail, page: { ...page, rows: keepRows(page.rows, last?.page.rows ?? []) } }))
        if (page.total !== null) setTotal(page.total)
        setError(null)
      } catch (failure) {
        if (!signal.aborted) setError(failureOf(failure))
      }
    })
  }, [client, trail])

  const next = answer?.trail === trail ? answer.page.next : null
  return {
    rows: answer?.page.rows ?? [],
    total,
    before: (answer?.trail.cursors.length ?? 0) * PAGE,
    isLoading: answer?.trail !== trail,
    error,
    onNext: next === null ? null : () => setTrail({ ...trail, cursors: [...trail.cursors, next] }),
    onPrevious:
      trail.cursors.length === 0 ? null : () => setTrail({ ...trail, cursors: trail.cursors.slice(0, -1) }),
  }
}

/** Reads now, and again after changes of the status: never two at once, and with a pause between. */
function keepReading(client: Client, read: (signal: AbortSignal) => Promise<void>): () => void {
  const ending = new AbortController()
  let isStale = false
  let isResting = false
  const again = async () => {
    isResting = true
    isStale = false
    await read(ending.signal)
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
    isResting = false
    if (isStale && !ending.signal.aborted) void again()
  }
  const stop = client.status.subscribe(() => {
    isStale = true
    if (!isResting) void again()
  })
  void again()
  return () => {
    stop()
    ending.abort()
  }
}

/** Rows that did not change keep their identity, so that they are not rendered again. */
function keepRows(rows: readonly Bucket[], last: readonly Bucket[]): Bucket[] {
  const known = new Map(last.map((row) => [row.name, row]))
  return rows.map((row) => {
    const earlier = known.get(row.name)
    return earlier !== undefined && JSON.stringify(earlier) === JSON.stringify(row) ? earlier : row
  })
}

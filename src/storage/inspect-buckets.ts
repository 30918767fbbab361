/**
 * Buckets page by page, for people who look at them. Reads on a reader connection, so it delays no sync; a page
 * costs one pass over the buckets at most, whatever the sort.
 *
 * Invariant: pages follow each other by key, not by number, so a bucket that comes or goes between two pages
 * makes no other appear twice or not at all.
 */
import type { Reader, ReadValue } from './reader.ts'

/** How many buckets one page may have. */
export const MAX_BUCKETS = 200

export type BucketSort = 'name' | 'priority' | 'operations' | 'downloaded'

/** Where a page ended: its last bucket's place in the order. */
export interface BucketCursor {
  readonly value: number | string
  readonly name: string
}

export interface BucketQuery {
  /** Only buckets of the stream with this id. Default: of all. */
  readonly stream?: number
  /** Only buckets with this text in their name; ASCII letters in either case. Default: any. */
  readonly text?: string
  /** Those without a value come last, and first when descending. Equal ones are in the order of their names. */
  readonly sort: BucketSort
  /** Default false. */
  readonly descending?: boolean
  /** `next` of the page before, asked for with the same filter and sort. Default: the first page. */
  readonly cursor?: BucketCursor
  /** 1 to `MAX_BUCKETS`; more is taken as that. Default 100. */
  readonly limit?: number
}

export interface BucketRow {
  readonly name: string
  /** Null: the last checkpoint does not list the bucket; it goes with the next merge. */
  readonly priority: number | null
  /** Ops that the last checkpoint counts in it; null: it does not say. */
  readonly operations: number | null
  /** Ops received. */
  readonly downloaded: number
  /** The sum of what was received, and what it must be; null: the last checkpoint does not list it. */
  readonly checksum: number
  readonly expectedChecksum: number | null
  /** Ids of the streams that it belongs to. */
  readonly streams: readonly number[]
}

export interface BucketPage {
  readonly rows: readonly BucketRow[]
  /** Null: this was the last page. */
  readonly next: BucketCursor | null
  /** How many buckets the filter lets through; null with every page but the first. */
  readonly total: number | null
}

/**
 * @example
 * const first = inspectBuckets(reader, { sort: 'operations', descending: true })
 * if (first.next) inspectBuckets(reader, { sort: 'operations', descending: true, cursor: first.next })
 */
export function inspectBuckets(reader: Reader, query: BucketQuery): BucketPage {
  const { stream = null, text = null, sort, descending = false, cursor, limit = 100 } = query
  const filter = { stream, pattern: text === null ? null : `%${text.replaceAll(/[\\%_]/g, '\\$&')}%` }
  const wanted = Math.max(1, Math.min(limit, MAX_BUCKETS))
  const key = sortKeys[sort]
  const direction = descending ? 'DESC' : 'ASC'
  const after = cursor === undefined ? '' : `AND (${key}, name) ${descending ? '<' : '>'} (:value, :name)`
  const rows = reader.query(
    `SELECT ${columns}, ${key} AS sort_key FROM ps_buckets WHERE ${passes} ${after}
     ORDER BY ${key} ${direction}, name ${direction} LIMIT :limit`,
    { ...filter, ...cursor, limit: wanted + 1 },
  ) as unknown as StoredRow[]
  const page = rows.slice(0, wanted)
  const last = page.at(-1)
  return {
    rows: page.map(rowOf),
    next: rows.length > wanted && last !== undefined ? { value: last.sort_key, name: last.name } : null,
    total: cursor === undefined ? count(reader, filter) : null,
  }
}

interface StoredRow extends Omit<BucketRow, 'streams'> {
  readonly streams: string
  readonly sort_key: number | string
}

function rowOf(stored: StoredRow): BucketRow {
  const { name, priority, operations, downloaded, checksum, expectedChecksum, streams } = stored
  return {
    name,
    priority,
    operations,
    downloaded,
    checksum,
    expectedChecksum,
    streams: JSON.parse(streams) as number[],
  }
}

/** No value sorts as if it were larger than all. */
const sortKeys: { readonly [sort in BucketSort]: string } = {
  name: 'name',
  priority: 'coalesce(priority, 2147483647)',
  operations: 'coalesce(target_count, 9007199254740991)',
  downloaded: '(count_at_last + count_since_last)',
}

const columns = `name, priority, target_count AS operations, count_at_last + count_since_last AS downloaded,
  checksum, target_checksum AS expectedChecksum, subscriptions AS streams`

const passes = `(:stream IS NULL OR EXISTS (SELECT 1 FROM json_each(subscriptions) WHERE value = :stream))
  AND (:pattern IS NULL OR name LIKE :pattern ESCAPE '\\')`

function count(reader: Reader, filter: { readonly [name: string]: ReadValue }): number {
  return reader.query(`SELECT count(*) AS total FROM ps_buckets WHERE ${passes}`, filter)[0]![
    'total'
  ] as number
}

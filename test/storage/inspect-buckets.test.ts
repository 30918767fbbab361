/** Pages of buckets against a model that filters and sorts in memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import Database from 'better-sqlite3'
import {
  inspectBuckets,
  type BucketQuery,
  type BucketRow,
  type BucketSort,
} from '../../src/storage/inspect-buckets.ts'
import { layout0001 } from '../../src/storage/migrations/0001.ts'
import { openReader, type Reader } from '../../src/storage/reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'headwater-buckets-'))
const path = join(folder, 'app.db')
let reader: Reader

/** 1,000 buckets with many equal values; every tenth is listed by no checkpoint. */
const buckets: readonly BucketRow[] = Array.from({ length: 1000 }, (_, i) => {
  const isListed = i % 10 !== 0
  return {
    name: `stream|${i % 3}["100%_${String((i * 7919) % 1000).padStart(4, '0')}"]`,
    priority: isListed ? i % 4 : null,
    operations: isListed ? (i * 31) % 17 : null,
    downloaded: (i * 13) % 11,
    checksum: i,
    expectedChecksum: isListed ? 2 ** 32 - 1 : null,
    streams: isListed ? [1 + (i % 5), 10] : [],
  }
})

beforeAll(() => {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.exec(layout0001)
  const insert = db.prepare(`
    INSERT INTO ps_buckets(name, ordinal, position, era, checksum, count_at_last, count_since_last,
      target_checksum, target_count, priority, subscriptions)
    VALUES (?, 1, ${2n ** 63n - 1n}, 0, ?, 1, ? - 1, ?, ?, ?, ?)`)
  for (const { name, checksum, downloaded, expectedChecksum, operations, priority, streams } of buckets) {
    insert.run(name, checksum, downloaded, expectedChecksum, operations, priority, JSON.stringify(streams))
  }
  db.close()
  reader = openReader(path)
})

afterAll(() => {
  reader.close()
  rmSync(folder, { recursive: true })
})

const last = Number.MAX_SAFE_INTEGER

function model({ stream, text = '', sort, descending = false }: BucketQuery): readonly BucketRow[] {
  const keyOf = (row: BucketRow) => row[sort] ?? last
  const compare = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0)
  return buckets
    .filter(({ name, streams }) => name.includes(text) && (stream === undefined || streams.includes(stream)))
    .sort((a, b) => (compare(keyOf(a), keyOf(b)) || compare(a.name, b.name)) * (descending ? -1 : 1))
}

function allPages(query: BucketQuery): { readonly rows: BucketRow[]; readonly sizes: number[] } {
  const rows: BucketRow[] = []
  const sizes: number[] = []
  for (let page = inspectBuckets(reader, query); ;) {
    rows.push(...page.rows)
    sizes.push(page.rows.length)
    if (page.next === null) return { rows, sizes }
    page = inspectBuckets(reader, { ...query, cursor: page.next })
  }
}

const sorts: readonly BucketSort[] = ['name', 'priority', 'operations', 'downloaded']
const orders = sorts.flatMap((sort) => [false, true].map((descending) => ({ sort, descending })))

test.each(orders)('pages by key give every bucket once, in order: %j', (order) => {
  const { rows, sizes } = allPages({ ...order, limit: 170 })
  expect(rows).toEqual(model(order))
  expect(sizes).toEqual([170, 170, 170, 170, 170, 150])
})

test.each([
  { stream: 3 },
  { stream: 10, text: '|1[' },
  { stream: 99 },
  { text: '100%_000' },
  { text: '%_%' },
])('a filter by stream and by text, as it is written: %j', (filter) => {
  const query = { ...filter, sort: 'name' } as const
  expect(allPages(query).rows).toEqual(model(query))
  expect(inspectBuckets(reader, query).total).toBe(model(query).length)
})

test('the total comes with the first page only', () => {
  const first = inspectBuckets(reader, { sort: 'name', limit: 1 })
  expect([first.total, first.rows.length]).toEqual([1000, 1])
  expect(inspectBuckets(reader, { sort: 'name', limit: 1, cursor: first.next! }).total).toBeNull()
})

test.each([
  [0, 1],
  [1_000_000, 200],
  [undefined, 100],
])('a page is from 1 to 200 buckets, 100 by default: %s gives %i', (limit, expected) => {
  const query = { sort: 'name', ...(limit !== undefined && { limit }) } as const
  expect(inspectBuckets(reader, query).rows).toHaveLength(expected)
})

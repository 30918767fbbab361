/** Pages of buckets. */
import type { BucketPage, BucketQuery } from '../../src/ipc/client/index.ts'
import { usePages, type Pages, type PageSource } from './pages.ts'

export type Bucket = BucketPage['rows'][number]
export type BucketFilter = Omit<BucketQuery, 'cursor' | 'limit'>

/** Buckets on one page. */
export const BUCKETS = 100

export function useBucketPages(filter: BucketFilter): Pages<Bucket> {
  return usePages(buckets, JSON.stringify(filter))
}

const buckets: PageSource<Bucket, NonNullable<BucketPage['next']>> = {
  read: ({ trpc }, filter, cursor, signal) => {
    const input = {
      ...(JSON.parse(filter) as BucketFilter),
      limit: BUCKETS,
      ...(cursor !== null && { cursor }),
    }
    return trpc.inspect.buckets.query(input, { signal })
  },
  idOf: ({ name }) => name,
  isSame: (before, after) => JSON.stringify(before) === JSON.stringify(after),
  changesWith: (status) => status,
}

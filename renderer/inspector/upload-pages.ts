/** Pages of the upload queue, and the transactions that were given up. */
import type { QueuedChange, RejectedTransaction } from '../../src/ipc/client/index.ts'
import type { Status } from '../../src/status/status.ts'
import { usePages, type Pages, type PageSource } from './pages.ts'

/** Entries on one page; fewer where they are large. */
const ENTRIES = 200

export function useQueuePages(): Pages<QueuedChange> {
  return usePages(queue, '')
}

/** @param readings another number reads again. */
export function useGivenUp(readings: number): Pages<RejectedTransaction> {
  return usePages(givenUp, String(readings))
}

const changesWith = ({ upload }: Status) => upload

const queue: PageSource<QueuedChange, number> = {
  read: async ({ trpc }, _of, cursor, signal) => {
    const after = (id: number | null, limit: number) =>
      trpc.inspect.uploads.query({ limit, ...(id !== null && { after: id }) }, { signal })
    const { entries: rows } = await after(cursor, ENTRIES)
    const last = rows.at(-1)?.id ?? null
    const rest = last === null ? [] : (await after(last, 1)).entries
    return { rows, next: rest.length === 0 ? null : last, total: null }
  },
  idOf: ({ id }) => id,
  // An entry never changes, and no other one gets its id.
  isSame: () => true,
  changesWith,
}

const givenUp: PageSource<RejectedTransaction, never> = {
  read: async ({ uploads }) => ({ rows: await uploads.rejected(), next: null, total: null }),
  idOf: ({ transactionId }) => transactionId,
  isSame: (before, after) => before.discardedAt === after.discardedAt,
  changesWith,
}

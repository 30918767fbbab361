/** Local changes on their way out, for those who show them: what waits, what was rejected, and what to do about it. */
import type { CrudEntry, Daemon, DeadLetter } from '../daemon/daemon.ts'
import { transactionInput, uploadsInput, watchInput } from './input.ts'
import type { Procedures } from './procedures.ts'
import { publicText } from './public.ts'
import type { RowsMessage } from './rows-message.ts'
import { RowsWatch } from './watch-rows.ts'

/** An entry of the upload queue. Its values are parsed; integers beyond 2^53 are bigints. */
export type QueuedChange = Omit<CrudEntry, 'json'>

export interface QueuePage {
  /** Oldest first. Fewer than the limit where they are large; the next page begins after the last one. */
  readonly entries: readonly QueuedChange[]
}

/** A transaction that the backend would not accept and that was given up. */
export type RejectedTransaction = Omit<DeadLetter, 'crud'> & { readonly crud: readonly QueuedChange[] }

/** About how many characters of values one answer holds. */
const PAGE_SIZE = 1024 * 1024
const MAX_REJECTED = 100

type Uploads = Pick<
  Daemon,
  'watchUploads' | 'retryUploads' | 'discardUpload' | 'deadLetters' | 'deleteDeadLetter' | 'uploadQueue'
>

export function uploadProcedures(
  daemon: Uploads,
  interval: number,
  { router, needs, watch, ack }: Procedures,
) {
  return router({
    watch: needs('read')
      .input(watchInput)
      .subscription(({ ctx, input: { watchId } }) =>
        watch<RowsMessage>(
          ctx,
          watchId,
          (send) => new RowsWatch({ open: () => daemon.watchUploads(), interval, send }),
        ),
      ),
    ack: ack('read'),
    retry: needs('upload').mutation(() => daemon.retryUploads()),
    discard: needs('upload')
      .input(transactionInput)
      .mutation(({ input }) => daemon.discardUpload(input.transactionId)),
    // It holds the values of rows, which not everybody may read who may know that there are changes.
    rejected: needs('upload').query(async (): Promise<readonly RejectedTransaction[]> => {
      const newest = (await daemon.deadLetters({ limit: MAX_REJECTED })).toReversed()
      return aPageOf(newest, ({ crud }) => crud.reduce((sum, entry) => sum + sizeOf(entry), 0)).map(rejected)
    }),
    forget: needs('upload')
      .input(transactionInput)
      .mutation(({ input }) => daemon.deleteDeadLetter(input.transactionId)),
  })
}

/** `inspect.uploads`: the queue with its values. */
export function queueProcedure(daemon: Pick<Daemon, 'uploadQueue'>, { needs }: Procedures) {
  return needs('inspect')
    .input(uploadsInput)
    .query(async ({ input }): Promise<QueuePage> => {
      return { entries: aPageOf(await daemon.uploadQueue(input), sizeOf).map(queued) }
    })
}

/** As many of the first as fit a page, and one at least. */
function aPageOf<T>(all: readonly T[], size: (one: T) => number): readonly T[] {
  let sum = 0
  const end = all.findIndex((one) => (sum += size(one)) > PAGE_SIZE)
  return end === -1 ? all : all.slice(0, Math.max(1, end))
}

function rejected({ crud, error, ...letter }: DeadLetter): RejectedTransaction {
  return {
    ...letter,
    crud: crud.map(queued),
    error: { code: error.code, message: publicText(error.message) },
  }
}

/** Without the JSON texts: they say the same again. */
function queued(entry: CrudEntry): QueuedChange {
  const { id, transactionId, op, table, rowId, opData, previousValues, metadata, queuedAt } = entry
  return { id, transactionId, op, table, rowId, opData, previousValues, metadata, queuedAt }
}

function sizeOf({ json, metadata }: CrudEntry): number {
  return (json.opData?.length ?? 0) + (json.previousValues?.length ?? 0) + (metadata?.length ?? 0)
}

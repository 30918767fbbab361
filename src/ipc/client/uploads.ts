/** Local changes on their way out, as this page shows them. */
import { RowObjects } from '../../status/row-objects.ts'
import type { RejectedTransaction } from '../upload-procedures.ts'
import type { Trpc } from './client.ts'
import type { Readable } from './readable.ts'
import { selectFrom } from './selection.ts'
import { WatchedRows, type RowsSource, type RowsState } from './watched-rows.ts'

/** A row with a change that the backend does not have yet. */
export interface PendingChange {
  /** Of the entry; grows. */
  readonly id: number
  readonly table: string
  readonly rowId: string
  readonly op: 'PUT' | 'PATCH' | 'DELETE'
  readonly transactionId: number
}

export interface PendingChanges {
  /** Oldest first, at most 500. A change that did not change keeps its identity. */
  readonly entries: readonly PendingChange[]
  /** Whether there are more than these. */
  readonly more: boolean
}

export interface UploadsClient {
  /** What waits for upload; watched while it is subscribed to. How it goes: `status.upload`. */
  readonly pending: Readable<PendingChanges>
  /** Try again now what failed or is held. */
  retry(): Promise<void>
  /** Give up the oldest transaction: its rows become the service's again. Rejects with `not_the_oldest`. */
  discard(transactionId: number): Promise<void>
  /** Transactions that were given up, the newest first: at most 100, fewer where they are large. */
  rejected(): Promise<readonly RejectedTransaction[]>
  /** Forget one that was given up. */
  forget(transactionId: number): Promise<void>
}

export function openUploads(uploads: Trpc['uploads'], source: RowsSource): UploadsClient & { close(): void } {
  const rows = new WatchedRows({ source, key: 'id' })
  return {
    pending: pendingOf(rows),
    retry: () => uploads.retry.mutate(),
    discard: (transactionId) => uploads.discard.mutate({ transactionId }),
    rejected: () => uploads.rejected.query(),
    forget: (transactionId) => uploads.forget.mutate({ transactionId }),
    close: () => rows.close(),
  }
}

const MAX_SHOWN = 500
const NOTHING: PendingChanges = { entries: [], more: false }

function pendingOf(rows: WatchedRows): Readable<PendingChanges> {
  const objects = new RowObjects()
  const select = ({ result }: RowsState): PendingChanges => {
    if (result === null || result.rows.length === 0) return NOTHING
    const entries = objects.of(result) as readonly object[] as readonly PendingChange[]
    return { entries: entries.slice(0, MAX_SHOWN), more: entries.length > MAX_SHOWN }
  }
  return { getSnapshot: selectFrom(rows, select, Object.is), subscribe: rows.subscribe }
}

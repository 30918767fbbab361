/** Local changes as the app's backend gets them: what `Connector.uploadData` is called with. */
import type { OpId } from '../wire/line.ts'

/** A value of a written row. Integers beyond 2^53 are bigints: `JSON.stringify` refuses those, `json` has them. */
export type CrudValue = string | number | bigint | null

/** One row that was written. */
export interface CrudEntry {
  /** Grows with each entry and is never used twice. */
  readonly id: number
  /** All entries of one local transaction share it. It grows and is never used twice by this client. */
  readonly transactionId: number
  /** `PUT`: the whole row. `PATCH`: what changed. `DELETE`: the row is gone. */
  readonly op: 'PUT' | 'PATCH' | 'DELETE'
  readonly table: string
  readonly rowId: string
  /** The columns that were written; null for DELETE. */
  readonly opData: { readonly [column: string]: CrudValue } | null
  /** The values before, for tables that track them; else null. */
  readonly previousValues: { readonly [column: string]: CrudValue } | null
  /** What the write gave as `_metadata`, for tables that track it; else null. */
  readonly metadata: string | null
  /** When it was written, in milliseconds since 1970; null where an older version recorded it. */
  readonly queuedAt: number | null
  /** `opData` and `previousValues` as JSON text, exact to the last digit. */
  readonly json: { readonly opData: string | null; readonly previousValues: string | null }
}

/** The oldest changes, and the way to say that the backend has them. */
interface Uploadable {
  /** Oldest first. */
  readonly crud: readonly CrudEntry[]
  /**
   * The backend has accepted these entries and all before them: they leave the queue. `writeCheckpoint`: the id
   * that proves it, where the backend asked the service for it itself; most do not, and the daemon asks.
   * Rejects with a `DaemonError`: `upload_cancelled` after the queue was cleared.
   */
  complete(writeCheckpoint?: OpId | string): Promise<void>
}

/** What one local transaction wrote. */
export interface CrudTransaction extends Uploadable {
  readonly transactionId: number
}

/** Changes by number, whatever transactions they belong to. */
export interface CrudBatch extends Uploadable {
  /** Whether more wait behind these. */
  readonly haveMore: boolean
}

export interface UploadCall {
  /** Names this database; the same until it is deleted. */
  readonly clientId: string
  /** The oldest transaction, whole; null when none waits. */
  getNextTransaction(): Promise<CrudTransaction | null>
  /** Transactions, oldest first, read as they are asked for. Completing one completes those before it. */
  getTransactions(): AsyncIterable<CrudTransaction>
  /** The oldest entries, at most `limit` (default 100); may cut a transaction. Null when none waits. */
  getBatch(limit?: number): Promise<CrudBatch | null>
  /** Aborts when the daemon disconnects or closes, and when the call takes too long. */
  readonly signal: AbortSignal
}

/**
 * `uploadData` throws it when the backend will never accept the oldest transaction as it is. Complete what was
 * accepted before it first.
 *
 * @example
 * if (response.status === 422) throw new UploadRejected('The title is too long.')
 */
export class UploadRejected extends Error {
  override readonly name = 'UploadRejected'
  readonly code = 'upload_rejected'
}

export interface RejectedUpload {
  readonly transactionId: number
  readonly crud: readonly CrudEntry[]
  readonly error: UploadRejected
  /** How often in a row it was tried, this time included. */
  readonly attempts: number
}

/**
 * - `retry`: try again, with backoff.
 * - `hold`: keep it, and all that comes after it, until `daemon.retryUploads()`, `daemon.discardUpload()`, the
 *   next connect or the next start. The status shows it.
 * - `discard`: it leaves the queue and goes to `daemon.deadLetters()`; its rows become the service's again.
 */
export type RejectionPolicy = 'retry' | 'hold' | 'discard'

/**
 * The two ports of the daemon: `Connector`, what the app knows (who the user is, how to upload), and
 * `Transport`, how bytes come from the service. Both are called with an `AbortSignal` and must settle.
 */
import type { OpId } from '../wire/line.ts'
import type { SyncRequest } from '../wire/request.ts'
import type { RejectedUpload, RejectionPolicy, UploadCall } from './upload.ts'

/** Where the service is and who asks. The token goes only into the request; it is never logged or stored. */
export interface Credentials {
  /** Base URL of the sync service, `http:` or `https:`, for example `https://sync.example.com`. */
  readonly endpoint: string
  /** A JWT that the service accepts. */
  readonly token: string
}

/**
 * What the app provides. Runs on the main thread, wherever the engine runs.
 *
 * @example
 * const connector: Connector = {
 *   async fetchCredentials({ signal }) {
 *     const answer = await fetch('https://api.example.com/sync-token', { signal })
 *     return await answer.json()
 *   },
 * }
 */
export interface Connector {
  /**
   * Fresh credentials, or null when nobody is signed in (the daemon then waits and asks again with backoff).
   * Called before the first request, when the service says that the token runs out, and once after a 401 or
   * 403. May throw: that counts as a failed attempt. Has 30 s, then `signal` aborts and the attempt fails.
   */
  fetchCredentials(call: { readonly signal: AbortSignal }): Promise<Credentials | null>

  /**
   * Send local changes to the app's backend: the oldest transaction, or several. Called while the upload queue is
   * not empty and the daemon is to be connected, never twice at a time, and again after a failure, with backoff.
   * What it `complete`s leaves the queue; a call that completes nothing counts as a failure (`no_progress`).
   *
   * A change may come twice, when the app ends between the backend's answer and `complete`: the client id and the
   * transaction id name it, so that the backend can tell. Throw to have it tried again, an `UploadRejected` for
   * what the backend will never accept. Has 5 minutes from one call of its queue to the next, then `signal` aborts.
   *
   * @example
   * async uploadData({ clientId, getNextTransaction, signal }) {
   *   const transaction = await getNextTransaction()
   *   if (transaction === null) return
   *   const response = await fetch('https://api.example.com/changes', {
   *     method: 'POST',
   *     headers: { 'content-type': 'application/json', 'idempotency-key': `${clientId}:${transaction.transactionId}` },
   *     body: JSON.stringify(transaction.crud),
   *     signal,
   *   })
   *   if (response.status === 422) throw new UploadRejected(await response.text())
   *   if (!response.ok) throw new Error(`The backend answered ${response.status}.`)
   *   await transaction.complete()
   * }
   */
  uploadData?(call: UploadCall): Promise<void>

  /**
   * What becomes of the oldest transaction after `uploadData` threw an `UploadRejected`. Default: `retry`.
   */
  onUploadRejected?(rejected: RejectedUpload): RejectionPolicy | Promise<RejectionPolicy>
}

/** The bytes of a stream: what `Transport.open` resolves to once the service has answered 200. */
export interface ByteStream {
  readonly format: 'ndjson' | 'bson'
  /** Decompressed bytes, cut anywhere. Ends when the service ends the stream; throws `TransportError`. */
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Speaks to the service. Implementations: HTTP by `fetch` (`http.ts`), the replay, tests. */
export interface Transport {
  /** Throws `TransportError`. Aborting `signal` ends the stream at any time, before or after it resolves. */
  open(call: {
    readonly credentials: Credentials
    readonly request: SyncRequest
    readonly signal: AbortSignal
  }): Promise<ByteStream>

  /**
   * Ask the service for an id that a later checkpoint carries, which then holds everything that the service has
   * seen by now. `id` null: the service names the next one (legacy); else it names this one, or a higher one that
   * it knew already. Throws `TransportError`. A transport without it can upload only with ids from the backend.
   */
  requestCheckpoint?(call: {
    readonly credentials: Credentials
    readonly clientId: string
    readonly id: OpId | null
    readonly signal: AbortSignal
  }): Promise<OpId>
}

/**
 * Why a stream could not be opened or broke:
 * - `unauthorized`: 401 or 403; fresh credentials may help.
 * - `unreachable`: no answer (refused, DNS, reset before headers).
 * - `rejected`: the service answered with an error status; `status` and `serviceCode` say which.
 * - `not_a_sync_service`: the answer was HTML, a redirect or another content type (a proxy, a login page).
 * - `request_too_large`: the body would pass the service's limit of 1 MiB.
 * - `broken`: the stream was reset in the middle.
 * - `silent`: nothing was heard for the idle limit, keepalives included.
 */
export type TransportErrorCode =
  | 'unauthorized'
  | 'unreachable'
  | 'rejected'
  | 'not_a_sync_service'
  | 'request_too_large'
  | 'broken'
  | 'silent'

export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly code: TransportErrorCode
  /** HTTP status, where there was an answer. */
  readonly status: number | null
  /** The service's own code, for example `PSYNC_S2103`. */
  readonly serviceCode: string | null
  /** Seconds that the service asked to wait (`Retry-After`), a floor for the next attempt. */
  readonly retryAfterSeconds: number | null

  constructor(
    code: TransportErrorCode,
    message: string,
    details: {
      readonly status?: number
      readonly serviceCode?: string
      readonly retryAfterSeconds?: number
      readonly cause?: unknown
    } = {},
  ) {
    super(message, { cause: details.cause })
    this.code = code
    this.status = details.status ?? null
    this.serviceCode = details.serviceCode ?? null
    this.retryAfterSeconds = details.retryAfterSeconds ?? null
  }
}

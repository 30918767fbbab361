/** The one error that the daemon's methods reject with. */
import type { ErrorInfo } from '../status/status.ts'

/**
 * - `closed`: the daemon is closed.
 * - `unknown_query`, `bad_parameters`: the named query does not exist or was given other parameters.
 * - `invalid_ttl`, `invalid_priority`, `invalid_params`, `invalid_metadata`: an option breaks its rule.
 * - `lock_timeout`: another local transaction was open for too long.
 * - `transaction_nested`: inside a transaction, something that would wait for its end.
 * - `transaction_idle`: the transaction was left alone and was rolled back.
 * - `transaction_closed`: a statement came after its end.
 * - `not_the_oldest`: only the oldest transaction can be discarded.
 * - `not_connected`: what needs the service was asked for while the daemon is not to be connected.
 * - `checkpoint_unsupported`: the transport has no `requestCheckpoint`.
 * - `upload_cancelled`: what was uploaded was cleared meanwhile.
 * - `upload_timeout`, `no_progress`: `uploadData` did not end, or completed nothing (in the status).
 * - `invalid_checkpoint`: a write checkpoint that is no whole number.
 * - `unsubscribed`: the stream was given back before its first sync, by this hold or by `unsubscribeAll`.
 * - `care_failed`: the thread of a backup or an examination stopped. Trying again is safe.
 * - `readers_failed`: the thread of the named queries stopped over the query. The next one starts it anew.
 * - `engine_failed`: the engine stopped; the message says why. Opening a daemon again is safe.
 * - and every `StorageErrorCode`.
 */
export class DaemonError extends Error {
  override readonly name = 'DaemonError'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }

  toInfo(): ErrorInfo {
    return { code: this.code, message: this.message }
  }
}

/** Fetches credentials before they run out, and lets the open stream go on with them where that helps. */
import type { Credentials } from '../connector/connector.ts'
import type { CredentialStore } from './credentials.ts'

/**
 * Fresh credentials restart a stream at most this often, in milliseconds: about the time from one sign of life of
 * the service to the next. Tokens that live less would otherwise open stream after stream.
 */
const RESTART_MS = 20_000

export interface RenewalOptions {
  readonly credentials: CredentialStore
  /** Those of the open stream; null: none is open. */
  readonly used: () => Credentials | null
  /** Close the stream and open it with the fresh ones. */
  readonly restart: () => void
  readonly onFailed: (error: unknown) => void
}

export class Renewal {
  readonly #options: RenewalOptions
  #restartedAt = -Infinity

  constructor(options: RenewalOptions) {
    this.#options = options
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { credentials, used, restart, onFailed } = this.#options
    let fresh: Credentials
    try {
      fresh = await credentials.refresh()
    } catch (error) {
      onFailed(error)
      return
    }
    const old = used()
    if (old === null || (old.token === fresh.token && old.endpoint === fresh.endpoint)) return
    const at = performance.now()
    if (at - this.#restartedAt < RESTART_MS) return
    this.#restartedAt = at
    restart()
  }
}

/**
 * Credentials, kept in memory and nowhere else. One fetch runs at a time, whoever asks for it; an old answer
 * never replaces a newer wish.
 */
import type { Connector, Credentials } from '../connector/connector.ts'
import { TransportError } from '../connector/connector.ts'

export class CredentialStore {
  readonly #fetch: Connector['fetchCredentials']
  #current: Credentials | null = null
  #running: { readonly promise: Promise<Credentials>; readonly abort: AbortController } | null = null

  constructor(fetch: Connector['fetchCredentials']) {
    this.#fetch = fetch
  }

  /** The credentials at hand, or fresh ones. `fresh` says that they were fetched by this call. */
  async get(): Promise<{ readonly credentials: Credentials; readonly fresh: boolean }> {
    if (this.#current !== null) return { credentials: this.#current, fresh: false }
    return { credentials: await this.refresh(), fresh: true }
  }

  /** Fetch fresh ones; the old ones stay in use until they come. Throws `TransportError` or the app's error. */
  async refresh(): Promise<Credentials> {
    this.#running ??= this.#start()
    return await this.#running.promise
  }

  /** Do something with them; refused ones are replaced by fresh ones once. Throws as `work` and the fetch do. */
  async use<T>(work: (credentials: Credentials) => Promise<T>, signal: AbortSignal): Promise<T> {
    const first = await this.get()
    signal.throwIfAborted()
    try {
      return await work(first.credentials)
    } catch (error) {
      if (!isRefusal(error) || signal.aborted) throw error
      this.forget()
      if (first.fresh) throw error
    }
    const second = await this.refresh()
    signal.throwIfAborted()
    try {
      return await work(second)
    } catch (error) {
      if (isRefusal(error)) this.forget()
      throw error
    }
  }

  /** The service refused them, or they ran out. */
  forget(): void {
    this.#current = null
  }

  /** Drop everything, a running fetch included. */
  clear(): void {
    this.forget()
    this.#running?.abort.abort(new TransportError('unauthorized', 'No credentials are wanted any more.'))
    this.#running = null
  }

  #start() {
    const abort = new AbortController()
    const run = async (): Promise<Credentials> => {
      try {
        const credentials = await this.#fetch({ signal: abort.signal })
        abort.signal.throwIfAborted()
        if (credentials === null) throw new TransportError('unauthorized', 'Nobody is signed in.')
        this.#current = credentials
        return credentials
      } finally {
        if (this.#running?.abort === abort) this.#running = null
      }
    }
    // The fetch begins in a later microtask, so that `#running` is set before it can end.
    return { promise: Promise.resolve().then(run), abort }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof TransportError && error.code === 'unauthorized'
}

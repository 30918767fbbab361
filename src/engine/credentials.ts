/**
 * Credentials, kept in memory and nowhere else. One fetch runs at a time, whoever asks for it; an old answer
 * never replaces a newer wish. Who holds the tokens also hides them, exactly, in texts that others wrote.
 */
import type { Connector, Credentials } from '../connector/connector.ts'
import { TransportError } from '../connector/connector.ts'
import { withoutTokens } from '../status/redact.ts'
import { EngineError } from './face.ts'
import { errorInfo } from './result.ts'

/** Old tokens are still hidden, this many: a late answer may quote one. */
const REMEMBERED = 8

/** Shorter ones are words, as tests and first tries use them. */
const SHORTEST_SECRET = 8

export class CredentialStore {
  readonly #fetch: Connector['fetchCredentials']
  #current: Credentials | null = null
  #running: { readonly promise: Promise<Credentials>; readonly abort: AbortController } | null = null
  /** Newest first. */
  #tokens: readonly string[] = []

  constructor(fetch: Connector['fetchCredentials']) {
    this.#fetch = fetch
  }

  /** The credentials at hand; null: none, or they were forgotten. */
  get current(): Credentials | null {
    return this.#current
  }

  /** The text without the tokens that are or were held here, and without what looks like one. */
  readonly redact = (text: string): string => {
    return withoutTokens(this.#tokens.reduce((rest, token) => rest.replaceAll(token, '(token)'), text))
  }

  /** The credentials at hand, or fresh ones. `fresh` says that they were fetched by this call. */
  async get(): Promise<{ readonly credentials: Credentials; readonly fresh: boolean }> {
    if (this.#current !== null) return { credentials: this.#current, fresh: false }
    return { credentials: await this.refresh(), fresh: true }
  }

  /**
   * Fetch fresh ones; the old ones stay in use until they come. Rejects with `unauthorized` when nobody is signed
   * in, and with `credentials_failed` for what the app threw.
   */
  async refresh(): Promise<Credentials> {
    this.#running ??= this.#start()
    return await this.#running.promise
  }

  /** Do something with them; refused ones are replaced by fresh ones once. Rejects as `work` and the fetch do. */
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
        const credentials = await this.#ask(abort.signal)
        abort.signal.throwIfAborted()
        if (credentials === null) throw new TransportError('unauthorized', 'Nobody is signed in.')
        this.#take(credentials)
        return credentials
      } finally {
        if (this.#running?.abort === abort) this.#running = null
      }
    }
    // The fetch begins in a later microtask, so that `#running` is set before it can end.
    return { promise: Promise.resolve().then(run), abort }
  }

  async #ask(signal: AbortSignal): Promise<Credentials | null> {
    try {
      const answer = await this.#fetch({ signal })
      if (answer !== null && !isWhole(answer)) throw new TypeError('endpoint and token are not both strings.')
      return answer
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const message = `The app could not fetch credentials: ${errorInfo(error).message}`
      throw new EngineError({ code: 'credentials_failed', message }, error)
    }
  }

  #take(credentials: Credentials): void {
    this.#current = credentials
    const { token } = credentials
    if (token.length < SHORTEST_SECRET || this.#tokens.includes(token)) return
    this.#tokens = [token, ...this.#tokens].slice(0, REMEMBERED)
  }
}

/** The app may pass on whatever its backend answered. */
function isWhole(credentials: Credentials): boolean {
  const { endpoint, token } = credentials as { readonly endpoint: unknown; readonly token: unknown }
  return typeof endpoint === 'string' && typeof token === 'string'
}

function isRefusal(error: unknown): boolean {
  return error instanceof TransportError && error.code === 'unauthorized'
}

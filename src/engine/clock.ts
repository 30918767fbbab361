/**
 * What happens by itself: the wake that the machine asked for, and events that nobody can repeat, which are tried
 * again until storage takes them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../storage/storage.ts'
import type { SyncEvent } from '../sync/event.ts'

/** From one try to the next. */
const RETRY_MS = 1000

/** Changes of subscriptions within this time share one restart. */
const COALESCE_MS = 50

/** setTimeout's longest wait; a wake further off is set again. */
const MAX_TIMER_MS = 2 ** 31 - 1

export interface ClockOptions {
  /** A turn of its own. Rejects with what storage threw. */
  readonly act: (event: SyncEvent) => Promise<void>
  /** Storage did not take it; it will be tried again. */
  readonly onRefused: (error: StorageError) => void
}

export class Clock {
  readonly #options: ClockOptions
  readonly #closed = new AbortController()
  #timer: NodeJS.Timeout | undefined
  /** The newest of those that go one after the other; null: none is under way. */
  #last: Promise<void> | null = null

  constructor(options: ClockOptions) {
    this.#options = options
  }

  /**
   * Send `clock` at this time; null: no more. By the monotonic clock: setting the system's clock back must not
   * stretch a wait. A wake for right now opens the next stream after a hidden close; changes rarely come alone
   * (one page opens, another closes), so it waits a moment for the others.
   */
  wake(at: number | null): void {
    clearTimeout(this.#timer)
    if (at !== null && !this.#closed.signal.aborted) {
      this.#wakeIn(Math.max(COALESCE_MS, at - Date.now()), at)
    }
  }

  /** Resolves once storage has taken it, however often it refuses. Rejects when closed, or for another error. */
  async attempt(event: SyncEvent): Promise<void> {
    const { signal } = this.#closed
    for (;;) {
      try {
        return await this.#options.act(event)
      } catch (error) {
        if (signal.aborted || !(error instanceof StorageError)) throw error
        this.#options.onRefused(error)
        await sleep(RETRY_MS, undefined, { signal })
      }
    }
  }

  /** The same, after those that came this way before: many that wait do not all try at once. */
  attemptInOrder(event: SyncEvent): Promise<void> {
    const attempt = () => this.attempt(event)
    const taken = this.#last === null ? attempt() : this.#last.then(attempt)
    const last = taken.catch(() => undefined)
    this.#last = last
    void last.then(() => {
      if (this.#last === last) this.#last = null
    })
    return taken
  }

  close(): void {
    this.#closed.abort(new Error('The daemon is closed.'))
    clearTimeout(this.#timer)
  }

  #wakeIn(wait: number, at: number): void {
    this.#timer = setTimeout(
      () => {
        if (wait > MAX_TIMER_MS) this.#wakeIn(wait - MAX_TIMER_MS, at)
        else this.attempt({ kind: 'clock', now: Math.max(at, Date.now()) }).catch(() => undefined)
      },
      Math.min(MAX_TIMER_MS, wait),
    )
  }
}

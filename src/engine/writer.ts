/**
 * Who may write to the database now: one turn, or one local transaction, in the order in which they asked. A
 * turn is over before anything else runs, but for a large merge, which lets others run between its slices; a
 * local transaction is open over many messages. Until either ends everybody else waits who wants to write, the
 * lines of the service too.
 */
import { EngineError } from './face.ts'

/** Ends the hold. Calling it again does nothing. */
export type Release = () => void

interface Waiter {
  /** Its turn has come. */
  start(): void
  refuse(error: unknown): void
  /** When its patience ends. */
  timer?: NodeJS.Timeout
}

export class Writer {
  #held = false
  #closed: EngineError | null = null
  /** Of the work that is between two slices; ends it. */
  #abort: ((reason: EngineError) => void) | null = null
  readonly #waiting: Waiter[] = []
  /** Milliseconds that short pieces of work, merges above all, have taken so far. */
  #workedMs = 0

  /** Do this when nobody else writes: at once if that is now. Rejects as `work` throws. */
  run<T>(work: () => T, lockTimeoutMs: number = Infinity): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const start = () => {
      const began = performance.now()
      try {
        resolve(work())
      } catch (error) {
        reject(error)
      } finally {
        this.#workedMs += performance.now() - began
      }
    }
    this.#enqueue({ start, refuse: reject }, lockTimeoutMs)
    return promise
  }

  /** The same in slices, keeping everybody else out between them. Rejects when closed; nothing has happened then. */
  runSliced<T>(work: () => Generator<void, T>, lockTimeoutMs: number = Infinity): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const start = () => {
      const slices = work()
      const next = () => {
        const began = performance.now()
        this.#held = false
        this.#abort = null
        try {
          const { done, value } = slices.next()
          if (done) return resolve(value)
          const timer = setImmediate(() => {
            next()
            this.#pump()
          })
          this.#held = true
          this.#abort = (reason) => {
            clearImmediate(timer)
            reject(reason)
            try {
              slices.return(undefined as T)
            } catch {
              // What cannot be rolled back is not committed either: its connection closes.
            }
          }
        } catch (error) {
          reject(error)
        } finally {
          this.#workedMs += performance.now() - began
        }
      }
      next()
    }
    this.#enqueue({ start, refuse: reject }, lockTimeoutMs)
    return promise
  }

  /** Whether what the database shows on the writer's connection may still be rolled back. */
  get isBetweenSlices(): boolean {
    return this.#abort !== null
  }

  /** Keep everybody else out until released. Rejects with `lock_timeout`; the time of merges does not count. */
  hold(lockTimeoutMs: number): Promise<Release> {
    const { promise, resolve, reject } = Promise.withResolvers<Release>()
    const start = () => {
      this.#held = true
      let released = false
      resolve(() => {
        if (released) return
        released = true
        this.#held = false
        this.#pump()
      })
    }
    this.#enqueue({ start, refuse: reject }, lockTimeoutMs)
    return promise
  }

  /** Who waits is refused, and who asks later; what is between two slices ends. */
  close(): void {
    this.#closed = new EngineError({ code: 'closed', message: 'The daemon is closed.' })
    this.#abort?.(this.#closed)
    this.#abort = null
    for (const waiter of this.#waiting.splice(0)) {
      clearTimeout(waiter.timer)
      waiter.refuse(this.#closed)
    }
  }

  #enqueue(waiter: Waiter, lockTimeoutMs: number): void {
    if (this.#closed !== null) return waiter.refuse(this.#closed)
    this.#waiting.push(waiter)
    this.#pump()
    if (lockTimeoutMs !== Infinity && this.#waiting.includes(waiter)) this.#limit(waiter, lockTimeoutMs)
  }

  #pump(): void {
    while (!this.#held) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      clearTimeout(next.timer)
      next.start()
    }
  }

  #limit(waiter: Waiter, lockTimeoutMs: number): void {
    const askedAt = performance.now()
    const workedBefore = this.#workedMs
    const check = () => {
      const waited = performance.now() - askedAt - (this.#workedMs - workedBefore)
      if (waited < lockTimeoutMs) {
        waiter.timer = setTimeout(check, lockTimeoutMs - waited)
        return
      }
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      waiter.refuse(
        new EngineError({
          code: 'lock_timeout',
          message: `Another local transaction was open for ${Math.round(waited / 100) / 10} s. Nothing was written.`,
        }),
      )
    }
    waiter.timer = setTimeout(check, lockTimeoutMs)
  }
}

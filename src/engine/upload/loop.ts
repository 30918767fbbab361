/**
 * Uploads: as long as the queue is not empty the app's `uploadData` is called, never twice at a time; then the
 * service is asked for the write checkpoint that opens the gate.
 *
 * Invariant: from start to stop one loop runs, and it rests only when there is nothing to do. What is to be done
 * is read from the database each time, so a failure, a crash or a lost answer can strand nothing.
 */
import { TransportError } from '../../connector/connector.ts'
import type { ErrorInfo } from '../../status/status.ts'
import type { CrudEntry } from '../../storage/storage.ts'
import { retryDelay } from '../../sync/retry.ts'
import { EngineError } from '../face.ts'
import type { UploadOutcome } from '../face.ts'
import { errorInfo } from '../result.ts'
import type { UploadBoard } from './board.ts'
import { Pause } from './pause.ts'

export interface UploadLoopOptions {
  readonly board: UploadBoard
  /** The oldest entry; null: the queue is empty. */
  readonly head: () => Promise<CrudEntry | null>
  /** Whether the service must be asked for a write checkpoint. */
  readonly needsWriteCheckpoint: () => Promise<boolean>
  /** Ask it, and tell the machine. */
  readonly requestWriteCheckpoint: (signal: AbortSignal) => Promise<void>
  /** Run the app's `uploadData`. `attempt` counts from 1 for each transaction. Null: the app uploads nothing. */
  readonly uploadData: ((attempt: number, signal: AbortSignal) => Promise<UploadOutcome>) | null
  /** Move the oldest transaction to the dead letters. */
  readonly discard: (transactionId: number, error: ErrorInfo, attempts: number) => Promise<void>
  readonly log: (text: string) => void
}

type Task = 'upload' | 'request_checkpoint' | 'rest'

export class UploadLoop {
  readonly #options: UploadLoopOptions
  readonly #pause = new Pause()
  #running: AbortController | null = null
  #throttleMs = 0
  /** Whether all was uploaded: what comes then is a new beginning. */
  #hasUploaded = true
  #beganAt = -Infinity

  constructor(options: UploadLoopOptions) {
    this.#options = options
  }

  /** Starts the loop anew. `throttleMs`: how long it takes at least from one beginning to the next. */
  start(throttleMs: number): void {
    this.stop()
    this.#throttleMs = throttleMs
    this.#beganAt = -Infinity
    this.#hasUploaded = true
    this.#running = new AbortController()
    void this.#run(this.#running.signal)
  }

  /** Aborts what runs. */
  stop(): void {
    this.#running?.abort(new Error('The daemon disconnects.'))
    this.#running = null
    this.#options.board.change({ uploading: false, attempts: 0, retryAt: null, heldTransaction: null })
  }

  /** There may be something to do. */
  poke(): void {
    this.#pause.end('poke')
  }

  /** Try again now what failed or is held. */
  retry(): void {
    this.#options.board.change({ heldTransaction: null })
    this.#pause.end('retry')
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { board } = this.#options
    let failures = 0
    while (!signal.aborted) {
      try {
        const task = await this.#task()
        if (signal.aborted) return
        if (task === 'rest') {
          this.#hasUploaded = true
          await this.#pause.begin(Infinity, 'poke', signal)
          continue
        }
        await (task === 'upload' ? this.#upload(signal) : this.#requestCheckpoint(signal))
        if (signal.aborted) return
        failures = 0
        if (board.upload.heldTransaction === null) board.change({ retryAt: null }, null)
      } catch (error) {
        if (signal.aborted) return
        const wait = retryDelay(failures++, Math.random(), retryAfterOf(error))
        board.change({ retryAt: Date.now() + wait }, errorInfo(error))
        this.#options.log(`Upload: ${errorInfo(error).message}`)
        await this.#pause.begin(wait, 'retry', signal)
        board.change({ retryAt: null })
      }
    }
  }

  #requestCheckpoint(signal: AbortSignal): Promise<void> {
    this.#hasUploaded = true
    return this.#options.requestWriteCheckpoint(signal)
  }

  async #task(): Promise<Task> {
    const { board, head, uploadData, needsWriteCheckpoint } = this.#options
    if (board.upload.heldTransaction !== null) return 'rest'
    if ((await head()) !== null) return uploadData === null ? 'rest' : 'upload'
    return (await needsWriteCheckpoint()) ? 'request_checkpoint' : 'rest'
  }

  /** Writes that come one after the other go out together. */
  async #throttle(signal: AbortSignal): Promise<void> {
    if (!this.#hasUploaded) return
    this.#hasUploaded = false
    await this.#pause.begin(this.#beganAt + this.#throttleMs - performance.now(), 'retry', signal)
    this.#beganAt = performance.now()
  }

  /** One call of the app. Throws when it failed or brought nothing forward. */
  async #upload(signal: AbortSignal): Promise<void> {
    await this.#throttle(signal)
    const { board, head, uploadData } = this.#options
    const before = signal.aborted ? null : await head()
    if (before === null || uploadData === null) return
    const attempt = board.upload.attempts + 1
    board.change({ uploading: true, retryAt: null })
    const outcome = await settledOrAborted(uploadData(attempt, signal), signal)
    if (signal.aborted || outcome === null) return
    board.change({ uploading: false })
    const after = await head()
    const isSame = after?.id === before.id
    const attempts = isSame ? attempt : after === null ? 0 : 1
    switch (outcome.kind) {
      case 'returned': {
        board.change({ attempts: isSame ? attempts : 0 })
        if (isSame) throw new EngineError(NO_PROGRESS)
        break
      }
      case 'threw': {
        board.change({ attempts })
        throw new EngineError(outcome.error)
      }
      case 'rejected': {
        // Somebody else may have given it up while the app decided.
        const isWaiting = after?.transactionId === outcome.transactionId
        board.change({ attempts: isWaiting ? attempts : 0 })
        if (isWaiting) await this.#reject(outcome, attempts)
        break
      }
      default: {
        outcome satisfies never
      }
    }
  }

  async #reject(
    { transactionId, policy, error }: Extract<UploadOutcome, { kind: 'rejected' }>,
    attempts: number,
  ): Promise<void> {
    const { board, discard } = this.#options
    switch (policy) {
      case 'retry': {
        throw new EngineError(error)
      }
      case 'hold': {
        board.change({ heldTransaction: transactionId }, error)
        break
      }
      case 'discard': {
        await discard(transactionId, error, attempts)
        board.change({ attempts: 0 })
        break
      }
      default: {
        policy satisfies never
      }
    }
  }
}

/** Milliseconds that the service asked to wait. */
function retryAfterOf(error: unknown): number | null {
  if (!(error instanceof TransportError) || error.retryAfterSeconds === null) return null
  return error.retryAfterSeconds * 1000
}

/** What the app answers; null as soon as nobody wants to know any more. */
async function settledOrAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const { promise: aborted, resolve } = Promise.withResolvers<null>()
  const onAbort = () => resolve(null)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([answer, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

const NO_PROGRESS = {
  code: 'no_progress',
  message:
    'uploadData returned without completing anything. Call complete() on what the backend accepted, or throw.',
}

/**
 * Runs the app's `uploadData`: hands it the queue, and makes data of how it ended. One call at a time, also when
 * the app does not heed its signal; a call that neither ends nor touches its queue for 5 minutes is given up.
 */
import type { Connector } from '../connector/connector.ts'
import type {
  CrudBatch,
  CrudTransaction,
  RejectionPolicy,
  UploadCall,
  UploadRejected,
} from '../connector/upload.ts'
import type { EngineFace, CrudEntry as StoredEntry, UploadOutcome, UploadPort } from '../engine/face.ts'
import { errorInfo } from '../engine/result.ts'
import { coded } from './coded.ts'
import { toCrudEntry } from './crud-entry.ts'
import { DaemonError } from './daemon.ts'
import { Deadline } from './deadline.ts'

/** The app has this long from one touch of its queue to the next. */
const UPLOAD_MS = 5 * 60_000

const BATCH = 100

type Queue = Pick<EngineFace, 'readQueue' | 'completeUpload'>

export class AppUploads {
  readonly #connector: Connector
  readonly #queue: () => Queue
  #session: Session | null = null
  /** Settles when the call before has ended or was given up. */
  #last: Promise<unknown> = Promise.resolve()

  /** `queue` is not called before the first upload. */
  constructor(connector: Connector, queue: () => Queue) {
    this.#connector = connector
    this.#queue = queue
  }

  /** Null: the app uploads nothing. */
  get port(): UploadPort | null {
    if (this.#connector.uploadData === undefined) return null
    return async (call, signal) => {
      await this.#last.catch(() => undefined)
      signal.throwIfAborted()
      const session = new Session(this.#queue(), call.clientId, signal)
      this.#session = session
      const outcome = this.#run(session, call.attempt)
      this.#last = outcome
      return await outcome
    }
  }

  /** The queue is cleared: what runs can complete nothing any more. */
  forget(): void {
    this.#session?.cancel()
  }

  async #run(session: Session, attempt: number): Promise<UploadOutcome> {
    try {
      await session.deadline.race(this.#connector.uploadData?.(session) ?? Promise.resolve())
      return { kind: 'returned' }
    } catch (error) {
      if (!isRejection(error)) return { kind: 'threw', error: errorInfo(error) }
      return await this.#rejected(session, error, session.hasCompleted ? 1 : attempt)
    } finally {
      session.deadline.end()
    }
  }

  async #rejected(session: Session, error: UploadRejected, attempts: number): Promise<UploadOutcome> {
    try {
      const transaction = await session.getNextTransaction()
      if (transaction === null) return { kind: 'returned' }
      const { transactionId, crud } = transaction
      const asked = this.#connector.onUploadRejected?.({ transactionId, crud, error, attempts }) ?? 'retry'
      const policy: RejectionPolicy = await session.deadline.race(Promise.resolve(asked))
      return { kind: 'rejected', transactionId, error: errorInfo(error), policy }
    } catch (failure) {
      return { kind: 'threw', error: errorInfo(failure) }
    }
  }
}

/** One call of `uploadData`. Its methods are functions, so that the app can take them out of the object. */
class Session implements UploadCall {
  readonly clientId: string
  readonly deadline: Deadline
  hasCompleted = false
  readonly #queue: Queue
  #cancelled = false

  constructor(queue: Queue, clientId: string, signal: AbortSignal) {
    this.#queue = queue
    this.clientId = clientId
    this.deadline = new Deadline(UPLOAD_MS, signal, () => {
      const minutes = UPLOAD_MS / 60_000
      return new DaemonError(
        'upload_timeout',
        `uploadData neither ended nor touched its queue for ${minutes} minutes.`,
      )
    })
  }

  get signal(): AbortSignal {
    return this.deadline.signal
  }

  readonly getNextTransaction = async (): Promise<CrudTransaction | null> => {
    return this.#transaction(await this.#read({ limit: 1, wholeTransactions: true }))
  }

  readonly getTransactions = (): AsyncIterable<CrudTransaction> => this.#transactions()

  readonly getBatch = async (limit: number = BATCH): Promise<CrudBatch | null> => {
    const entries = await this.#read({ limit: limit + 1, wholeTransactions: false })
    const crud = entries.slice(0, limit)
    if (crud.length === 0) return null
    return { haveMore: entries.length > limit, ...this.#uploadable(crud) }
  }

  cancel(): void {
    this.#cancelled = true
  }

  async *#transactions(): AsyncGenerator<CrudTransaction> {
    for (let after = 0; ;) {
      const entries = await this.#read({ after, limit: 1, wholeTransactions: true })
      const transaction = this.#transaction(entries)
      if (transaction === null) return
      yield transaction
      after = entries.at(-1)!.id
    }
  }

  #transaction(entries: readonly StoredEntry[]): CrudTransaction | null {
    const [first] = entries
    return first === undefined ? null : { transactionId: first.transactionId, ...this.#uploadable(entries) }
  }

  #uploadable(entries: readonly StoredEntry[]): Pick<CrudTransaction, 'crud' | 'complete'> {
    const through = entries.at(-1)!.id
    return {
      crud: entries.map(toCrudEntry),
      complete: async (writeCheckpoint) => {
        this.deadline.extend()
        if (this.#cancelled) {
          throw new DaemonError('upload_cancelled', 'The upload queue was cleared while it was uploaded.')
        }
        await coded(this.#queue.completeUpload(through, checkpointId(writeCheckpoint)))
        this.hasCompleted = true
      },
    }
  }

  async #read(options: Parameters<Queue['readQueue']>[0]): Promise<readonly StoredEntry[]> {
    this.deadline.extend()
    return await coded(this.#queue.readQueue(options))
  }
}

function checkpointId(given: bigint | string | undefined): bigint | null {
  if (given === undefined) return null
  if (typeof given === 'bigint' || /^\d{1,19}$/.test(given)) return BigInt(given)
  throw new DaemonError(
    'invalid_checkpoint',
    `A write checkpoint is a whole number; got ${JSON.stringify(given)}.`,
  )
}

/** By its code, since the app may carry another copy of the class. */
function isRejection(error: unknown): error is UploadRejected {
  return error instanceof Error && 'code' in error && error.code === 'upload_rejected'
}

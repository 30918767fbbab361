/**
 * The way of local changes out of the database: the loop that calls the app, the write checkpoint that opens the
 * gate afterwards, the queue for those who look at it.
 */
import type { Transport } from '../../connector/connector.ts'
import type { ErrorInfo, StatusDelta } from '../../status/status.ts'
import type { CrudEntry, QueueOptions, Storage } from '../../storage/storage.ts'
import type { SyncEvent } from '../../sync/event.ts'
import type { OpId } from '../../wire/line.ts'
import type { CredentialStore } from '../credentials.ts'
import { EngineError } from '../face.ts'
import type { CheckpointMode, UploadPort } from '../face.ts'
import type { Writer } from '../writer.ts'
import { UploadBoard } from './board.ts'
import { requestCheckpoint } from './checkpoint-request.ts'
import { UploadLoop } from './loop.ts'

export interface UploadsOptions {
  readonly storage: Pick<Storage, 'readQueue' | 'queueSize' | 'needsWriteCheckpoint' | 'keepDeadLetter'>
  readonly writer: Writer
  readonly clientId: () => string
  readonly credentials: CredentialStore
  readonly transport: Transport
  readonly uploadData: UploadPort | null
  readonly isTransactionOpen: () => boolean
  /** One turn, only when nobody else writes; throws what storage threw. */
  readonly act: (event: SyncEvent) => void
  /** The same, as soon as nobody else writes. */
  readonly tell: (event: (now: number) => SyncEvent) => Promise<void>
  readonly onStatus: (delta: StatusDelta) => void
  readonly log: (text: string) => void
}

/** How this connection uploads. */
export interface UploadSettings {
  readonly checkpointMode: CheckpointMode
  /** Milliseconds from one beginning of an upload to the next. */
  readonly uploadThrottleMs: number
}

export class Uploads {
  readonly #options: UploadsOptions
  readonly #board: UploadBoard
  readonly #loop: UploadLoop
  /** Of the connection that is wanted; null: none is. */
  #connection: { readonly mode: CheckpointMode; readonly abort: AbortController } | null = null
  #allocated: OpId | null = null

  constructor(options: UploadsOptions) {
    this.#options = options
    const { storage, writer, onStatus, log, uploadData } = options
    this.#board = new UploadBoard({
      count: () => (options.isTransactionOpen() ? null : storage.queueSize()),
      tell: onStatus,
    })
    this.#loop = new UploadLoop({
      board: this.#board,
      head: async () => (await this.readQueue({ limit: 1, wholeTransactions: false }))[0] ?? null,
      needsWriteCheckpoint: () => writer.run(() => storage.needsWriteCheckpoint()),
      requestWriteCheckpoint: (signal) => this.#requestWriteCheckpoint(signal),
      uploadData:
        uploadData && ((attempt, signal) => uploadData({ clientId: options.clientId(), attempt }, signal)),
      discard: (transactionId, error, attempts) => this.#discard(transactionId, error, attempts),
      log,
    })
    this.#board.recount()
  }

  start({ checkpointMode, uploadThrottleMs }: UploadSettings): void {
    this.#connection?.abort.abort(new Error('Another connection was asked for.'))
    this.#connection = { mode: checkpointMode, abort: new AbortController() }
    this.#loop.start(uploadThrottleMs)
  }

  stop(): void {
    this.#connection?.abort.abort(new Error('The daemon disconnects.'))
    this.#connection = null
    this.#loop.stop()
  }

  close(): void {
    this.stop()
    this.#board.close()
  }

  /** Local writes were committed, or the queue was cleared. */
  queueChanged(): void {
    this.#board.recount()
    this.#loop.poke()
  }

  /** A sign of life of the service: what was stranded by a crash or a lost answer is found. */
  heard(): void {
    this.#loop.poke()
  }

  /** The service is there again: no need to wait for the next attempt. */
  established(): void {
    if (this.#board.upload.heldTransaction === null) this.#loop.retry()
  }

  /** The machine has allocated an id. */
  allocated(id: OpId): void {
    this.#allocated = id
  }

  readQueue(options: QueueOptions): Promise<readonly CrudEntry[]> {
    return this.#options.writer.run(() => this.#options.storage.readQueue(options))
  }

  /** The app's backend has accepted all up to this entry. */
  async complete(through: number, writeCheckpoint: OpId | null): Promise<void> {
    await this.#options.tell((now) => ({
      kind: 'uploaded',
      through,
      writeCheckpoint,
      now,
      random: Math.random(),
    }))
    this.#board.change({ lastUploadedAt: Date.now() })
    this.queueChanged()
  }

  retry(): void {
    this.#loop.retry()
  }

  /** Give up the oldest transaction. Rejects with `not_the_oldest`. */
  async discard(transactionId: number): Promise<void> {
    const { attempts } = this.#board.upload
    await this.#discard(transactionId, this.#board.error ?? DISCARDED, attempts)
    this.retry()
  }

  /** It is kept as a dead letter before it leaves the queue: after a crash in between it is given up again. */
  async #discard(transactionId: number, error: ErrorInfo, attempts: number): Promise<void> {
    const { storage, writer, act } = this.#options
    await writer.run(() => {
      const entries = storage.readQueue({ limit: 1, wholeTransactions: true })
      const last = entries.at(-1)
      if (last?.transactionId !== transactionId) throw new EngineError(NOT_THE_OLDEST)
      const now = Date.now()
      storage.keepDeadLetter({ transactionId, entries, error, attempts, discardedAt: now })
      act({ kind: 'uploaded', through: last.id, writeCheckpoint: null, now, random: Math.random() })
    })
    this.queueChanged()
  }

  /** Rejects with `not_connected`, or as `requestCheckpoint` does. */
  async requestCheckpoint(): Promise<OpId> {
    const connection = this.#connection
    if (connection === null) {
      throw new EngineError({
        code: 'not_connected',
        message: 'A checkpoint can be asked for while the daemon is to be connected.',
      })
    }
    return await this.#request(connection.mode, connection.abort.signal)
  }

  async #requestWriteCheckpoint(signal: AbortSignal): Promise<void> {
    const id = await this.#request(this.#connection?.mode ?? 'legacy', signal)
    await this.#options.tell((now) => ({ kind: 'write_checkpoint', id, now, random: Math.random() }))
  }

  #request(mode: CheckpointMode, signal: AbortSignal): Promise<OpId> {
    const { clientId, credentials, transport } = this.#options
    return requestCheckpoint({
      mode,
      signal,
      credentials,
      transport,
      clientId: clientId(),
      allocate: () => this.#allocate(),
      seed: (id) => this.#options.tell((now) => ({ kind: 'requests_seeded', id, now })),
    })
  }

  async #allocate(): Promise<OpId> {
    return await this.#options.writer.run(() => {
      this.#allocated = null
      this.#options.act({ kind: 'checkpoint_requested', now: Date.now() })
      if (this.#allocated === null) throw new EngineError(NOT_ALLOCATED)
      return this.#allocated
    })
  }
}

const DISCARDED = { code: 'discarded', message: 'Somebody discarded it.' }

const NOT_THE_OLDEST = {
  code: 'not_the_oldest',
  message: 'Only the oldest transaction of the upload queue can be discarded, so that the order is kept.',
}

const NOT_ALLOCATED = { code: 'internal', message: 'The machine allocated no id.' }

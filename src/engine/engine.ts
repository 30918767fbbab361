/**
 * The shell around the machine: it turns what happens (lines, calls, timers) into turns, and what was decided
 * into effects. It runs on one thread, a worker's by default; a turn is synchronous, so nothing ever sees half
 * of one.
 */
import type { Connector, Transport } from '../connector/connector.ts'
import type { Schema } from '../schema/schema.ts'
import { DeltaBuffer } from '../status/delta.ts'
import { redactDelta, redactError } from '../status/redact.ts'
import type { StatusDelta } from '../status/status.ts'
import type { Committed, Storage } from '../storage/storage.ts'
import { finish } from '../storage/slices.ts'
import { StorageError } from '../storage/storage.ts'
import type { LogSeverity, OutwardCommand, SyncEvent } from '../sync/event.ts'
import type { OpId } from '../wire/line.ts'
import { Clock } from './clock.ts'
import { CredentialStore } from './credentials.ts'
import { EngineError } from './face.ts'
import type {
  ClearOptions,
  ConnectCall,
  CrudEntry,
  DeadLetter,
  EngineOperations,
  QueueOptions,
  Statement,
  StreamKey,
  Subscribe,
  TransactionLimits,
  UploadPort,
  WriteParameters,
  WriteResult,
} from './face.ts'
import { Intake } from './intake.ts'
import { LocalWrites } from './local-writes.ts'
import { whileBusy } from './patience.ts'
import { Renewal } from './renewal.ts'
import { errorInfo } from './result.ts'
import { stepOf } from './trace-step.ts'
import type { RecordedStep } from './trace-step.ts'
import type { TraceRecorder } from './trace.ts'
import { Turns } from './turn.ts'
import type { Turn } from './turn.ts'
import { Uploads } from './upload/uploads.ts'
import { Writer } from './writer.ts'

/** A call waits so long for another program that keeps the database locked, in milliseconds. */
const PATIENCE_MS = 10_000

/** What the engine needs and whom it tells. */
export interface EnginePorts {
  readonly fetchCredentials: Connector['fetchCredentials']
  readonly transport: Transport
  /** Null: the app uploads nothing. */
  readonly uploadData: UploadPort | null
  /** After each commit that changed the status. */
  onStatus(delta: StatusDelta): void
  /** After each commit that changed rows. */
  onTables(tables: readonly string[]): void
  onReached(id: OpId): void
  onLog(severity: LogSeverity, text: string): void
  /** A large merge was committed, and its log not copied: whoever can does it elsewhere. */
  onLongLog(): void
}

export class Engine implements EngineOperations {
  readonly #ports: EnginePorts
  readonly #storage: Storage
  readonly #turns: Turns
  readonly #credentials: CredentialStore
  readonly #trace: TraceRecorder
  readonly #pending = new DeltaBuffer()
  readonly #writer = new Writer()
  readonly #intake: Intake
  readonly #clock: Clock
  readonly #renewal: Renewal
  readonly #local: LocalWrites
  readonly #uploads: Uploads
  #closed = false

  /** Takes over the storage. Throws what it throws. */
  constructor(storage: Storage, trace: TraceRecorder, ports: EnginePorts) {
    this.#ports = ports
    this.#storage = storage
    this.#trace = trace
    this.#credentials = new CredentialStore(ports.fetchCredentials)
    this.#turns = new Turns(storage)
    this.#clock = new Clock({
      act: (event) => this.#tell(() => event),
      onRefused: ({ message }) => this.#log('warning', message),
    })
    this.#intake = new Intake({
      credentials: this.#credentials,
      transport: ports.transport,
      writer: this.#writer,
      turns: this.#turns,
      record: (now, step) => this.#trace.record(now, step),
      onTurn: (turn, events) => this.#taken(turn, events),
      onGivenUp: (generation, error) => this.#giveUp(generation, error),
    })
    this.#renewal = new Renewal({
      credentials: this.#credentials,
      used: () => this.#intake.credentials,
      restart: () => this.#attempt({ kind: 'refreshed', now: Date.now() }),
      onFailed: (error) => this.#log('warning', errorInfo(error).message),
    })
    this.#local = new LocalWrites({
      storage,
      writer: this.#writer,
      onCommitted: (committed, statements) => this.#written(committed, statements),
    })
    this.#uploads = new Uploads({
      storage,
      writer: this.#writer,
      clientId: () => this.#turns.state.known.clientId,
      credentials: this.#credentials,
      transport: ports.transport,
      uploadData: ports.uploadData,
      isTransactionOpen: () => this.#local.isOpen || this.#writer.isBetweenSlices,
      act: (event) => this.#act(event),
      tell: (event) => this.#tell(event),
      onStatus: (delta) => this.#tellStatus(delta),
      log: (text) => this.#log('warning', text),
    })
    this.#act({ kind: 'loaded', loaded: storage.load() })
  }

  async connect({ checkpointMode, uploadThrottleMs, ...options }: ConnectCall): Promise<void> {
    await this.#tell((now) => ({ kind: 'started', now, options }))
    this.#uploads.start({ checkpointMode, uploadThrottleMs })
  }

  async disconnect(): Promise<void> {
    this.#uploads.stop()
    await this.#writer.run(() => this.#stop())
    this.#credentials.clear()
  }

  async clear({ clearLocal, soft }: ClearOptions): Promise<void> {
    await this.disconnect()
    await this.#tell((now) => ({ kind: 'cleared', clearLocal, soft, now }))
    this.#uploads.queueChanged()
  }

  resync(): Promise<void> {
    return this.#tell((now) => ({ kind: 'resynced', now }))
  }

  async setSchema(schema: Schema): Promise<void> {
    await whileBusy(PATIENCE_MS, () => this.#writer.run(() => this.#storage.setSchema(schema)))
    this.#trace.record(Date.now(), { do: 'schema', schema })
  }

  subscribe(subscribe: Subscribe): Promise<void> {
    return this.#tell((now) => ({ kind: 'subscribed', ...subscribe, now }))
  }

  /** Whoever gives a hold back is gone and asks no second time. */
  release({ name, params }: StreamKey, holder: string): Promise<void> {
    return this.#clock.attemptInOrder({ kind: 'released', name, params, holder, now: Date.now() })
  }

  unsubscribeAll({ name, params }: StreamKey): Promise<void> {
    return this.#tell((now) => ({ kind: 'unsubscribed_all', name, params, now }))
  }

  batch(...call: Parameters<EngineOperations['batch']>): Promise<readonly WriteResult[]> {
    return this.#local.batch(...call)
  }

  beginLocal(limits: TransactionLimits): Promise<number> {
    return this.#local.begin(limits)
  }

  async executeLocal(id: number, sql: string, parameters: WriteParameters): Promise<WriteResult> {
    return this.#local.execute(id, sql, parameters)
  }

  async commitLocal(id: number): Promise<void> {
    this.#local.commit(id)
  }

  async rollbackLocal(id: number): Promise<void> {
    this.#local.rollback(id)
  }

  readQueue(options: QueueOptions): Promise<readonly CrudEntry[]> {
    return this.#uploads.readQueue(options)
  }

  completeUpload(through: number, writeCheckpoint: OpId | null): Promise<void> {
    return this.#uploads.complete(through, writeCheckpoint)
  }

  async retryUploads(): Promise<void> {
    this.#uploads.retry()
  }

  discardUpload(transactionId: number): Promise<void> {
    return this.#uploads.discard(transactionId)
  }

  deadLetters(limit: number | null): Promise<readonly DeadLetter[]> {
    return this.#writer.run(() => this.#storage.deadLetters(limit))
  }

  deleteDeadLetter(transactionId: number): Promise<void> {
    return this.#writer.run(() => this.#storage.deleteDeadLetter(transactionId))
  }

  async requestCheckpoint(): Promise<OpId> {
    try {
      return await this.#uploads.requestCheckpoint()
    } catch (error) {
      throw new EngineError(redactError(errorInfo(error), this.#credentials.redact), error)
    }
  }

  async trace(): Promise<string> {
    return this.#trace.text()
  }

  /** Ends the stream and closes the database. Safe to call twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#intake.close()
    this.#clock.close()
    this.#credentials.clear()
    this.#uploads.close()
    this.#writer.close()
    this.#local.close()
    this.#leave()
    this.#storage.close()
  }

  /** Where storage refuses, the dates of what is held stay as they are, but the stream ends. */
  #stop(): void {
    const stopped = { kind: 'stopped', now: Date.now() } as const
    try {
      this.#act(stopped)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.#log('warning', error.message)
      this.#act({ ...stopped, dates: 'kept' })
    }
  }

  /** What is held until now keeps its whole TTL. Nobody hears of it any more. */
  #leave(): void {
    try {
      this.#turns.run([{ kind: 'stopped', now: Date.now() }])
    } catch {
      // Then the dates of the last sign of life count.
    }
  }

  /** A turn of its own, as soon as nobody else writes. Rejects with what storage threw. */
  async #tell(event: (now: number) => SyncEvent): Promise<void> {
    try {
      await whileBusy(PATIENCE_MS, () => this.#writer.runSliced(() => this.#actSliced(event(Date.now()))))
    } catch (error) {
      const now = Date.now()
      const step = stepOf(event(now))
      if (step !== null && error instanceof StorageError) {
        this.#trace.record(now, { do: 'fail', at: 'commit' })
        this.#trace.record(now, step)
      }
      throw error
    }
  }

  /** One event that is a turn of its own. Throws what storage threw; nothing has changed then. */
  #act(event: SyncEvent): void {
    finish(this.#actSliced(event))
  }

  *#actSliced(event: SyncEvent): Generator<void, void> {
    if (this.#closed) return
    const turn = yield* this.#turns.slices([event])
    const step = stepOf(event) ?? this.#reopened(event, turn)
    if (step !== null) this.#trace.record('now' in event ? event.now : Date.now(), step)
    this.#release(turn)
  }

  /** A trace has no wakes: a stream that one opens is a stream that is asked for. */
  #reopened(event: SyncEvent, { outward }: Turn): RecordedStep | null {
    const { phase } = this.#turns.state
    const opens = event.kind === 'clock' && outward.some((command) => command.do === 'open')
    return opens && phase.at === 'opening' ? { do: 'connect', options: phase.options } : null
  }

  /** The app's own writes were committed. */
  #written({ tables }: Committed, statements: readonly Statement[]): void {
    this.#trace.record(Date.now(), { do: 'execute', statements })
    if (tables.length > 0) this.#ports.onTables(tables)
    this.#uploads.queueChanged()
  }

  /** The stream's events were taken. */
  #taken(turn: Turn, events: readonly SyncEvent[]): void {
    this.#release(turn)
    for (const event of events) {
      if (event.kind === 'established') this.#uploads.established()
      else if (event.kind === 'line' && event.line.kind === 'token_expires_in') this.#uploads.heard()
    }
  }

  /** The stream ends with the error, and the machine waits before the next. */
  #giveUp(generation: number, error: unknown): void {
    const info = errorInfo(error)
    this.#log('warning', info.message)
    const reason = { kind: 'failed', error: info, retryAfter: null } as const
    this.#attempt({ kind: 'ended', generation, reason, now: Date.now(), random: Math.random() })
  }

  /** A turn was committed: what it decided goes outward, in order. */
  #release({ outward, tables, hasLongLog }: Turn): void {
    for (const command of outward) this.#carryOut(command)
    const delta = this.#pending.take()
    if (delta !== null) this.#tellStatus(delta)
    if (tables.length > 0) this.#ports.onTables(tables)
    if (hasLongLog) this.#ports.onLongLog()
  }

  #carryOut(command: OutwardCommand): void {
    switch (command.do) {
      case 'open': {
        this.#intake.open(command)
        break
      }
      case 'close': {
        this.#intake.end()
        break
      }
      case 'fail': {
        this.#intake.end()
        this.#log('warning', command.error.message)
        break
      }
      case 'fetch_credentials': {
        if (command.didExpire) this.#credentials.forget()
        void this.#renewal.run()
        break
      }
      case 'wake': {
        this.#clock.wake(command.at)
        break
      }
      case 'report': {
        this.#pending.add(command.delta)
        break
      }
      case 'log': {
        this.#log(command.severity, command.text)
        break
      }
      case 'reached': {
        this.#ports.onReached(command.id)
        break
      }
      case 'post_checkpoint_request': {
        this.#uploads.allocated(command.id)
        break
      }
      default: {
        command satisfies never
      }
    }
  }

  #attempt(event: SyncEvent): void {
    this.#clock.attempt(event).catch(() => undefined)
  }

  /** The one way out for texts that others wrote. */
  #tellStatus(delta: StatusDelta): void {
    this.#ports.onStatus(redactDelta(delta, this.#credentials.redact))
  }

  #log(severity: LogSeverity, text: string): void {
    this.#ports.onLog(severity, this.#credentials.redact(text))
  }
}

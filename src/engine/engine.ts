/**
 * The shell around the machine: it turns what happens (lines, calls, timers) into turns, and what was decided
 * into effects. It runs on one thread, a worker's by default; a turn is synchronous, so nothing ever sees half
 * of one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connector, Transport } from '../connector/connector.ts'
import type { Schema } from '../schema/schema.ts'
import { DeltaBuffer } from '../status/delta.ts'
import { parseParameters } from '../status/parameters.ts'
import type { StatusDelta } from '../status/status.ts'
import { openStorage } from '../storage/open.ts'
import type { Committed, Storage } from '../storage/storage.ts'
import { StorageError } from '../storage/storage.ts'
import type { LogSeverity, OutwardCommand, SyncEvent } from '../sync/event.ts'
import type { OpId } from '../wire/line.ts'
import { CredentialStore } from './credentials.ts'
import { download } from './download.ts'
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
import { Inbox } from './inbox.ts'
import { LocalWrites } from './local-writes.ts'
import { withoutTokens } from './redact.ts'
import { errorInfo } from './result.ts'
import { TraceRecorder } from './trace.ts'
import { Turns } from './turn.ts'
import { Uploads } from './upload/uploads.ts'
import { Writer } from './writer.ts'

/** A turn stops taking lines after this long; the commit comes on top. */
const TURN_MS = 25

/** Longest wait between two tries of a turn that found the database busy. */
const MAX_BUSY_WAIT_MS = 1000

/** Changes of subscriptions within this time share one restart. */
const COALESCE_MS = 50

/** setTimeout's longest wait; a wake further off is set again. */
const MAX_TIMER_MS = 2 ** 31 - 1

export interface EngineOptions {
  readonly path: string
  readonly schema: Schema
  readonly nativeBinding?: string
  /** Room for a trace, in bytes; 0 records none. */
  readonly traceBytes: number
}

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
}

export class Engine implements EngineOperations {
  readonly #ports: EnginePorts
  readonly #storage: Storage
  readonly #turns: Turns
  readonly #credentials: CredentialStore
  readonly #trace: TraceRecorder
  readonly #pending = new DeltaBuffer()
  readonly #inbox = new Inbox()
  readonly #writer = new Writer()
  readonly #local: LocalWrites
  readonly #uploads: Uploads
  #live: AbortController | null = null
  #timer: NodeJS.Timeout | undefined
  #draining = false
  #closed = false

  /** Opens the database and tells the offline status. Throws `StorageError`. */
  constructor(options: EngineOptions, ports: EnginePorts) {
    this.#ports = ports
    this.#credentials = new CredentialStore(ports.fetchCredentials)
    this.#trace = new TraceRecorder(options.traceBytes)
    this.#trace.record(Date.now(), { do: 'schema', schema: options.schema })
    this.#storage = openStorage({
      path: options.path,
      schema: options.schema,
      ...(options.nativeBinding !== undefined && { nativeBinding: options.nativeBinding }),
    })
    this.#turns = new Turns(this.#storage)
    this.#local = new LocalWrites({
      storage: this.#storage,
      writer: this.#writer,
      onCommitted: (committed, statements) => this.#written(committed, statements),
    })
    this.#uploads = new Uploads({
      storage: this.#storage,
      writer: this.#writer,
      clientId: () => this.#turns.state.known.clientId,
      credentials: this.#credentials,
      transport: ports.transport,
      uploadData: ports.uploadData,
      isTransactionOpen: () => this.#local.isOpen,
      act: (event) => this.#act(event),
      record: (now, step) => this.#trace.record(now, step),
      onStatus: ports.onStatus,
      log: (text) => this.#log('warning', text),
    })
    this.#act({ kind: 'loaded', loaded: this.#storage.load() })
  }

  async connect({ checkpointMode, uploadThrottleMs, ...options }: ConnectCall): Promise<void> {
    await this.#tell((now) => {
      this.#trace.record(now, { do: 'connect', options })
      return { kind: 'started', now, options }
    })
    this.#uploads.start({ checkpointMode, uploadThrottleMs })
  }

  async disconnect(): Promise<void> {
    this.#uploads.stop()
    await this.#tell((now) => {
      this.#trace.record(now, { do: 'disconnect' })
      return { kind: 'stopped', now }
    })
    this.#credentials.clear()
  }

  async clear({ clearLocal, soft }: ClearOptions): Promise<void> {
    await this.disconnect()
    await this.#tell((now) => {
      this.#trace.record(now, { do: 'clear', clearLocal, soft })
      return { kind: 'cleared', clearLocal, soft, now }
    })
    this.#uploads.queueChanged()
  }

  resync(): Promise<void> {
    return this.#tell((now) => {
      this.#trace.record(now, { do: 'resync' })
      return { kind: 'resynced', now }
    })
  }

  subscribe({ name, params, ttl, priority, holder }: Subscribe): Promise<void> {
    const shown = parseParameters(params)
    return this.#tell((now) => {
      this.#trace.record(now, { do: 'subscribe', stream: name, params: shown, ttl, priority, holder })
      return { kind: 'subscribed', name, params, ttl, priority, holder, now }
    })
  }

  release({ name, params }: StreamKey, holder: string): Promise<void> {
    return this.#tell((now) => {
      this.#trace.record(now, { do: 'release', stream: name, params: parseParameters(params), holder })
      return { kind: 'released', name, params, holder, now }
    })
  }

  unsubscribeAll({ name, params }: StreamKey): Promise<void> {
    return this.#tell((now) => {
      this.#trace.record(now, { do: 'unsubscribeAll', stream: name, params: parseParameters(params) })
      return { kind: 'unsubscribed_all', name, params, now }
    })
  }

  batch(statements: readonly Statement[], lockTimeoutMs: number): Promise<readonly WriteResult[]> {
    return this.#local.batch(statements, lockTimeoutMs)
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

  deadLetters(): Promise<readonly DeadLetter[]> {
    return this.#writer.run(() => this.#storage.deadLetters())
  }

  deleteDeadLetter(transactionId: number): Promise<void> {
    return this.#writer.run(() => this.#storage.deleteDeadLetter(transactionId))
  }

  requestCheckpoint(): Promise<OpId> {
    return this.#uploads.requestCheckpoint()
  }

  async trace(): Promise<string> {
    return this.#trace.text()
  }

  /** Ends the stream and closes the database. Safe to call twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#endLive()
    clearTimeout(this.#timer)
    this.#credentials.clear()
    this.#uploads.close()
    this.#writer.close()
    this.#local.close()
    this.#storage.close()
  }

  /** A turn of its own, as soon as nobody else writes. Rejects with what storage threw. */
  #tell(event: (now: number) => SyncEvent): Promise<void> {
    return this.#writer.run(() => this.#act(event(Date.now())))
  }

  /** One event that is a turn of its own. Throws what storage threw; nothing has changed then. */
  #act(event: SyncEvent): void {
    if (this.#closed) return
    const turn = this.#turns.run([event])
    this.#release(turn.outward, turn.tables)
  }

  /** The app's own writes were committed. */
  #written({ tables }: Committed, statements: readonly Statement[]): void {
    this.#trace.record(Date.now(), { do: 'execute', statements })
    if (tables.length > 0) this.#ports.onTables(tables)
    this.#uploads.queueChanged()
  }

  /** A turn was committed: what it decided goes outward, in order. */
  #release(outward: readonly OutwardCommand[], tables: readonly string[]): void {
    for (const command of outward) this.#carryOut(command)
    const delta = this.#pending.take()
    if (delta !== null) this.#ports.onStatus(delta)
    if (tables.length > 0) this.#ports.onTables(tables)
  }

  #carryOut(command: OutwardCommand): void {
    switch (command.do) {
      case 'open': {
        this.#open(command)
        break
      }
      case 'close': {
        this.#endLive()
        break
      }
      case 'fail': {
        this.#endLive()
        this.#log('warning', command.error.message)
        break
      }
      case 'fetch_credentials': {
        if (command.didExpire) this.#credentials.forget()
        void this.#refresh(command.didExpire)
        break
      }
      case 'wake': {
        this.#wake(command.at)
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

  #open({ generation, request }: Extract<OutwardCommand, { do: 'open' }>): void {
    this.#endLive()
    const live = new AbortController()
    this.#live = live
    const fill = (item: Parameters<Inbox['add']>[0]) => {
      if (live.signal.aborted) return Promise.resolve()
      const room = this.#inbox.add(item)
      void this.#drain()
      return room
    }
    void download({
      request,
      credentials: this.#credentials,
      transport: this.#ports.transport,
      signal: live.signal,
      sink: {
        established: () => void fill({ kind: 'established', generation }),
        payloads: (payloads) => fill({ kind: 'payloads', generation, payloads }),
        malformed: (error) => void fill({ kind: 'malformed', generation, error }),
        ended: (reason) => void fill({ kind: 'ended', generation, reason }),
      },
    })
  }

  #endLive(): void {
    this.#live?.abort(new Error('The stream was closed.'))
    this.#live = null
    this.#inbox.clear()
  }

  /** Empty the inbox, turn by turn, letting calls and messages in between. */
  async #drain(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    let busyWait = 0
    try {
      while (!this.#closed && this.#inbox.size > 0) {
        try {
          await this.#writer.run(() => this.#takeLines())
          busyWait = 0
        } catch (error) {
          if (this.#closed) return
          this.#trace.record(Date.now(), { do: 'fail', at: 'commit' })
          if (error instanceof StorageError && error.code === 'database_busy') {
            busyWait = Math.min(MAX_BUSY_WAIT_MS, busyWait * 2 + 20)
            await sleep(busyWait)
          } else {
            this.#giveUp(error)
          }
        }
        await new Promise<void>((resolve) => void setImmediate(resolve))
      }
    } finally {
      this.#draining = false
    }
  }

  /** One turn of what arrived. */
  #takeLines(): void {
    // The stream may have been closed while a local transaction was open.
    if (this.#inbox.size === 0) return
    const batch = this.#inbox.next(Date.now(), Math.random())
    const until = performance.now() + TURN_MS
    const turn = this.#turns.run(batch.events, () => performance.now() < until)
    batch.accept(turn.consumed, (now, step) => this.#trace.record(now, step))
    this.#release(turn.outward, turn.tables)
    for (const event of batch.events.slice(0, turn.consumed)) {
      if (event.kind === 'established') this.#uploads.established()
      else if (event.kind === 'line' && event.line.kind === 'token_expires_in') this.#uploads.heard()
    }
  }

  /** A turn failed for good: the stream ends with the error, and the machine waits before the next. */
  #giveUp(error: unknown): void {
    const info = errorInfo(error)
    const generation = this.#inbox.generation
    this.#log('warning', info.message)
    this.#endLive()
    if (generation === null) return
    const reason = { kind: 'failed', error: info, retryAfter: null } as const
    this.#attempt({ kind: 'ended', generation, reason, now: Date.now(), random: Math.random() })
  }

  /** Fetch credentials ahead of the next request; `expired`: no stream is open that could go on with them. */
  async #refresh(expired: boolean): Promise<void> {
    try {
      await this.#credentials.refresh()
    } catch (error) {
      this.#log('warning', errorInfo(error).message)
      return
    }
    if (expired) return
    const now = Date.now()
    this.#trace.record(now, { do: 'refreshed' })
    this.#attempt({ kind: 'refreshed', now })
  }

  /**
   * By the monotonic clock: setting the system's clock back must not stretch a wait. A wake for right now opens
   * the next stream after a hidden close; changes rarely come alone (one page opens, another closes), so it
   * waits a moment for the others.
   */
  #wake(at: number | null): void {
    clearTimeout(this.#timer)
    if (at !== null && !this.#closed) this.#wakeIn(Math.max(COALESCE_MS, at - Date.now()), at)
  }

  #wakeIn(wait: number, at: number): void {
    this.#timer = setTimeout(
      () => {
        if (wait > MAX_TIMER_MS) this.#wakeIn(wait - MAX_TIMER_MS, at)
        else this.#attempt({ kind: 'clock', now: Math.max(at, Date.now()) })
      },
      Math.min(MAX_TIMER_MS, wait),
    )
  }

  /** An event that nobody waits for: when storage refuses it, try again a little later. */
  #attempt(event: SyncEvent): void {
    if (this.#closed) return
    this.#writer
      .run(() => this.#act(event))
      .catch((error: unknown) => {
        if (this.#closed) return
        this.#log('warning', errorInfo(error).message)
        this.#timer = setTimeout(() => this.#attempt(event), MAX_BUSY_WAIT_MS)
      })
  }

  #log(severity: LogSeverity, text: string): void {
    this.#ports.onLog(severity, withoutTokens(text))
  }
}

/**
 * One run of a trace through the native core: what each step asks of it, and its instructions in the words of
 * traces. Decides nothing about the protocol itself.
 */
import type { TraceStep } from '../../../src/replay/step.ts'
import { readStep } from '../../../src/replay/step.ts'
import type { RawTableSchema } from '../../../src/schema/schema.ts'
import type { CoreRequest, CoreStatus, Instruction } from './core.ts'
import { NativeCore } from './core.ts'
import type { Connection } from './dump.ts'
import { describeStatus, dumpCrud, dumpRows, dumpStreams, NEVER_SECONDS } from './dump.ts'
import { coreStream, Holders } from './holders.ts'
import type { SchemaStep } from './schema.ts'
import { toCoreRawTable, toCoreSchema } from './schema.ts'

const TRACE_BEGIN_MS = 1_772_000_000_000

/** The gate of writes that the service has not acknowledged: the largest id there is. */
const GATE_CLOSED = '9223372036854775807'

const OFFLINE: Connection = { connected: false, connecting: false }

/** Runs a trace on the database at `path`, line by line. `../native.ts` says how the steps are mapped. */
export class NativeRun {
  readonly printed: string[] = []
  readonly #path: string
  #holders = new Holders()
  #core: NativeCore
  #schema: SchemaStep = { do: 'schema', tables: {}, rawTables: {} }
  #now = TRACE_BEGIN_MS
  #step = 0
  #live = false
  #connection = OFFLINE
  /** What a hidden close left on show. */
  #shown: Connection | null = null
  #last: CoreStatus | null = null
  /** The id that the service would confirm before new ones can be allocated; null once it has. */
  #checkpointSeed: string | null = null
  #failNext = false

  constructor(path: string) {
    this.#path = path
    this.#core = this.#open()
  }

  close(): void {
    this.#core.close()
  }

  line(number: number, text: string): void {
    this.#step = number
    const read = readStep(text)
    if (!read.ok) return this.#fail(read.code, read.message)
    const { step } = read
    if (this.#failNext && step.do !== 'time' && step.do !== 'dump') {
      this.#failNext = false
      if (step.do === 'execute' && !this.#execute(step, true)) return
      return this.#fail('database_busy', 'The commit was made to fail by the trace (SQLITE_BUSY).')
    }
    this.#run(step)
  }

  #run(step: TraceStep): void {
    switch (step.do) {
      case 'schema': {
        this.#schema = step
        this.#core.replaceSchema(toCoreSchema(step))
        this.#recordRawWrites()
        break
      }
      case 'time': {
        this.#now = step.ms
        break
      }
      case 'subscribe': {
        this.#try('invalid_ttl', () => this.#subscribe(step))
        break
      }
      case 'release': {
        if (this.#holders.remove(step, step.holder)) this.#updateSubscriptions()
        break
      }
      case 'unsubscribeAll': {
        this.#holders.removeAll(step)
        this.#core.control('subscriptions', JSON.stringify({ unsubscribe: coreStream(step) }))
        this.#updateSubscriptions()
        break
      }
      case 'connect': {
        this.#connect(step)
        break
      }
      case 'established':
      case 'end': {
        if (this.#live) this.#event('connection', step.do)
        break
      }
      case 'line': {
        if (!this.#live) return this.#print({ ignored: 'line' })
        if (step.text !== undefined) this.#event('line_text', step.text)
        else this.#event('line_binary', Buffer.from(step.bson ?? '', 'base64'))
        break
      }
      case 'refreshed': {
        if (this.#live) this.#control('refreshed_token')
        break
      }
      case 'disconnect': {
        this.#stop()
        break
      }
      case 'execute': {
        this.#execute(step)
        break
      }
      case 'uploaded': {
        this.#try('database_failed', () => this.#uploaded(step))
        break
      }
      case 'uploadFailed': {
        break
      }
      case 'writeCheckpoint': {
        this.#uploaded({ do: 'uploaded', through: 0, writeCheckpoint: step.id })
        break
      }
      case 'requestsSeeded': {
        this.#checkpointSeed = step.id
        if (this.#live) this.#try('database_failed', () => this.#seedRequests())
        break
      }
      case 'checkpointRequest': {
        this.#checkpointRequest()
        break
      }
      case 'clear': {
        this.#stop()
        const flags = (step.clearLocal ? 1 : 0) + (step.soft ? 2 : 0)
        this.#core.call('SELECT powersync_clear(?)', BigInt(flags))
        this.#last = null
        break
      }
      case 'resync': {
        this.#stop()
        this.#core.call('SELECT powersync_trigger_resync(1)')
        this.#last = null
        break
      }
      case 'fail': {
        this.#failNext = true
        break
      }
      case 'restart': {
        this.#restart()
        break
      }
      case 'dump': {
        this.#dump()
        break
      }
      default: {
        step satisfies never
      }
    }
  }

  #subscribe(step: Extract<TraceStep, { do: 'subscribe' }>): void {
    const ttl = step.ttl === 'never' ? NEVER_SECONDS : step.ttl
    const { priority } = step
    this.#core.control(
      'subscriptions',
      JSON.stringify({ subscribe: { stream: coreStream(step), ttl, priority } }),
    )
    if (this.#holders.add(step, step.holder)) this.#updateSubscriptions()
  }

  /** The SDK reports its held streams whenever the first holder of one comes or the last one goes. */
  #updateSubscriptions(): void {
    if (this.#live) this.#control('update_subscriptions', JSON.stringify(this.#holders.streams()))
  }

  #connect(step: Extract<TraceStep, { do: 'connect' }>): void {
    if (this.#live) {
      this.#closed(true)
      this.#core.control('stop')
    }
    const options = {
      parameters: step.parameters ?? {},
      app_metadata: isEmpty(step.appMetadata) ? undefined : step.appMetadata,
      include_defaults: step.includeDefaults,
      active_streams: this.#holders.streams(),
      checkpoint_mode: 'requests',
      schema: toCoreSchema(this.#schema),
    }
    this.#control('start', JSON.stringify(options))
  }

  #stop(): void {
    if (this.#live) this.#control('stop')
    this.#connection = OFFLINE
    this.#shown = null
  }

  /** Something came over the wire: what a hidden close left on show is over. */
  #event(operation: string, payload: string | Buffer): void {
    this.#shown = null
    this.#control(operation, payload)
  }

  #control(operation: string, payload: string | Buffer | null = null): void {
    let instructions: readonly Instruction[]
    try {
      instructions = this.#core.control(operation, payload)
    } catch (error) {
      this.#live = false
      this.#connection = OFFLINE
      return this.#fail('protocol', error instanceof Error ? error.message : String(error))
    }
    for (const instruction of instructions) this.#follow(instruction)
  }

  #follow(instruction: Instruction): void {
    const { UpdateSyncStatus, EstablishSyncStream, CloseSyncStream, FetchCredentials, LogLine } = instruction
    if (UpdateSyncStatus) {
      const { connected, connecting } = UpdateSyncStatus.status
      this.#last = UpdateSyncStatus.status
      this.#connection = { connected, connecting }
    } else if (EstablishSyncStream) {
      this.#live = true
      this.#checkpointSeed = EstablishSyncStream.checkpoint_request?.checkpoint_request_id ?? null
      this.#print({ request: asPosted(EstablishSyncStream.request) })
    } else if (CloseSyncStream) {
      this.#closed(CloseSyncStream.hide_disconnect)
    } else if (FetchCredentials) {
      this.#print({ credentials: { didExpire: FetchCredentials.did_expire } })
    } else if (LogLine) {
      this.#print({ log: { severity: LogLine.severity.toLowerCase(), text: LogLine.line } })
    }
  }

  #closed(hideDisconnect: boolean): void {
    this.#print({ close: { hideDisconnect } })
    this.#live = false
    this.#shown = hideDisconnect ? (this.#shown ?? this.#connection) : null
    this.#connection = OFFLINE
  }

  /** False: a statement failed. */
  #execute(step: Extract<TraceStep, { do: 'execute' }>, undo = false): boolean {
    const { db } = this.#core
    const statements = step.statements ?? [[step.sql ?? '', step.params] as const]
    db.exec('BEGIN')
    try {
      for (const [sql, params = []] of statements) {
        const statement = db.prepare(sql)
        const bound = Array.isArray(params) ? params : [params]
        const values = bound.map((value) => (typeof value === 'boolean' ? BigInt(value) : value))
        if (statement.reader) statement.all(...values)
        else statement.run(...values)
      }
      db.exec(undo ? 'ROLLBACK' : 'COMMIT')
      return true
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      this.#fail('sql', error instanceof Error ? error.message : String(error))
      return false
    }
  }

  /** The SDK leaves it to the app to make these triggers, and to make them again for new columns. */
  #recordRawWrites(): void {
    for (const [name, raw] of Object.entries(this.#schema.rawTables)) {
      if ((raw as RawTableSchema).schema?.recordWrites !== true) continue
      for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
        const description = JSON.stringify(toCoreRawTable(name, raw))
        const trigger = `raw_${event}_${name}`
        this.#core.call(
          'SELECT powersync_create_raw_table_crud_trigger(?, ?, ?)',
          description,
          trigger,
          event,
        )
      }
    }
  }

  #uploaded({ through, writeCheckpoint }: Extract<TraceStep, { do: 'uploaded' }>): void {
    this.#core.db.prepare('DELETE FROM ps_crud WHERE tx_id <= ?').run(through ?? Number.MAX_SAFE_INTEGER)
    this.#core.control('target_checkpoint_request_id', writeCheckpoint ?? GATE_CLOSED)
    if (this.#live && writeCheckpoint != null) this.#control('completed_upload')
  }

  #checkpointRequest(): void {
    this.#try('not_connected', () => {
      this.#seedRequests()
      const id = this.#core.controlText('next_checkpoint_request_id')
      const client = this.#core.call('SELECT powersync_client_id()')
      this.#print({ checkpointRequest: { client_id: client, checkpoint_request_id: id } })
    })
  }

  #try(code: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(code, error instanceof Error ? error.message : String(error))
    }
  }

  #seedRequests(): void {
    if (this.#checkpointSeed === null) return
    const seed = this.#checkpointSeed
    this.#checkpointSeed = null
    this.#core.control('seed_checkpoint_request_id', seed)
  }

  #restart(): void {
    this.#core.close()
    this.#holders = new Holders()
    this.#live = false
    this.#connection = OFFLINE
    this.#shown = null
    this.#last = null
    this.#core = this.#open()
    this.#run(this.#schema)
  }

  #open(): NativeCore {
    return new NativeCore(this.#path, () => this.#now)
  }

  #dump(): void {
    const status = describeStatus({
      connection: this.#shown ?? this.#connection,
      offline: this.#core.offlineStatus(),
      last: this.#last,
      live: this.#live,
    })
    this.printed.push(
      `{"step":${this.#step},"status":${JSON.stringify(status)},` +
        `"rows":${dumpRows(this.#core, this.#schema)},"crud":${dumpCrud(this.#core)},` +
        `"streams":${JSON.stringify(dumpStreams(this.#core))}}`,
    )
  }

  #fail(code: string, message: string): void {
    this.#print({ error: { code, message } })
  }

  #print(line: object): void {
    this.printed.push(JSON.stringify({ step: this.#step, ...line }))
  }
}

/** No parameters, null and `{}` mean the same to the service: a trace leaves them out. */
function asPosted({ parameters, ...request }: CoreRequest): object {
  return isEmpty(parameters) ? request : { ...request, parameters }
}

function isEmpty(value: object | null | undefined): boolean {
  return value == null || Object.keys(value).length === 0
}

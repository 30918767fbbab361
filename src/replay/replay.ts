/**
 * Runs a trace without a network: the machine and the storage of the engine, driven step by step by a clock
 * that stands still. What it prints is the contract of traces, so nothing here decides anything.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Schema } from '../schema/schema.ts'
import { applyDelta } from '../status/delta.ts'
import { canonicalParameters } from '../status/parameters.ts'
import type { StreamParameters } from '../status/parameters.ts'
import { EMPTY_STATUS } from '../status/status.ts'
import type { Status } from '../status/status.ts'
import { openStorage } from '../storage/open.ts'
import { openReader } from '../storage/reader.ts'
import type { Reader } from '../storage/reader.ts'
import type { SqlValue } from '../storage/storage.ts'
import type { OutwardCommand, SyncEvent } from '../sync/event.ts'
import { NEVER } from '../sync/event.ts'
import { isOpen } from '../sync/state.ts'
import { decodeLine } from '../wire/decode.ts'
import { WireError } from '../wire/error.ts'
import { errorInfo } from '../engine/result.ts'
import { Turns } from '../engine/turn.ts'
import { dump } from './dump.ts'
import { FailingStorage } from './failing-storage.ts'
import { readStep } from './step.ts'
import type { TraceStep } from './step.ts'

/** The clock of a trace before its first `time` step. */
const TRACE_BEGIN_MS = 1_772_000_000_000

/** Half a spread: a replay takes no chances. */
const RANDOM = 0.5

export interface ReplayOptions {
  /** Use and keep this database. Default: a fresh one that is removed at the end. */
  readonly dbPath?: string
}

/**
 * Run a trace and return the JSON lines that it prints.
 *
 * @example
 * await replay('{"do":"schema","tables":{}}\n{"do":"connect"}') // ['{"step":2,"request":{…}}', …]
 */
export async function replay(traceText: string, options: ReplayOptions = {}): Promise<string[]> {
  const folder = options.dbPath === undefined ? await mkdtemp(join(tmpdir(), 'headwater-replay-')) : null
  const run = new Replay(options.dbPath ?? join(folder ?? '', 'replay.db'))
  try {
    traceText.split('\n').forEach((line, index) => {
      if (line.trim() !== '') run.line(index + 1, line)
    })
    return run.printed
  } finally {
    run.close()
    if (folder !== null) await rm(folder, { recursive: true, force: true })
  }
}

/** One run of a trace, step by step: `replay` is the plain way to it. */
export class Replay {
  readonly printed: string[] = []
  readonly #path: string
  #schema: Schema = { tables: {} }
  #storage: FailingStorage
  #turns: Turns
  /** For dumps; null: none was asked for since the database was opened. */
  #reader: Reader | null = null
  #status: Status = EMPTY_STATUS
  #now = TRACE_BEGIN_MS
  #clientId = ''
  #generation = 0
  #step = 0

  constructor(path: string) {
    this.#path = path
    this.#storage = new FailingStorage(openStorage({ path, schema: this.#schema }))
    this.#turns = new Turns(this.#storage)
    this.#load()
  }

  close(): void {
    this.#reader?.close()
    this.#reader = null
    this.#storage.close()
  }

  /** Run one line of the trace. */
  line(number: number, text: string): void {
    this.#step = number
    const read = readStep(text)
    if (!read.ok) return this.#print({ error: { code: read.code, message: read.message } })
    try {
      this.#run(read.step)
    } catch (error) {
      this.#print({ error: errorInfo(error) })
    }
  }

  #run(step: TraceStep): void {
    const now = this.#now
    switch (step.do) {
      case 'schema': {
        const schema = { tables: step.tables, rawTables: step.rawTables } as Schema
        this.#storage.setSchema(schema)
        this.#schema = schema
        break
      }
      case 'time': {
        if (step.ms < now) throw new StepError('The clock only moves forward.')
        this.#now = step.ms
        break
      }
      case 'subscribe': {
        const ttl = step.ttl === 'never' ? NEVER : step.ttl == null ? null : Math.round(step.ttl * 1000)
        const { holder } = step
        this.#act({ kind: 'subscribed', ...key(step), ttl, priority: step.priority ?? null, holder, now })
        break
      }
      case 'release': {
        this.#act({ kind: 'released', ...key(step), holder: step.holder, now })
        break
      }
      case 'unsubscribeAll': {
        this.#act({ kind: 'unsubscribed_all', ...key(step), now })
        break
      }
      case 'connect': {
        const options = {
          parameters: step.parameters ?? {},
          appMetadata: step.appMetadata ?? {},
          includeDefaults: step.includeDefaults,
        }
        this.#act({ kind: 'started', now, options })
        break
      }
      case 'established': {
        this.#act({ kind: 'established', generation: this.#generation, now })
        break
      }
      case 'line': {
        this.#line(step)
        break
      }
      case 'end': {
        const reason = { kind: 'closed' } as const
        this.#act({ kind: 'ended', generation: this.#generation, reason, now, random: RANDOM })
        break
      }
      case 'refreshed': {
        this.#act({ kind: 'refreshed', now })
        break
      }
      case 'disconnect': {
        this.#act({ kind: 'stopped', now })
        break
      }
      case 'fail': {
        this.#storage.failNext = true
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
      case 'execute': {
        this.#execute(step)
        break
      }
      case 'uploaded': {
        const through = step.through === undefined ? (step.entry ?? null) : this.#lastEntryOf(step.through)
        const writeCheckpoint = step.writeCheckpoint == null ? null : BigInt(step.writeCheckpoint)
        this.#act({ kind: 'uploaded', through, writeCheckpoint, now, random: RANDOM })
        break
      }
      case 'uploadFailed': {
        break
      }
      case 'writeCheckpoint': {
        this.#act({ kind: 'write_checkpoint', id: BigInt(step.id), now, random: RANDOM })
        break
      }
      case 'requestsSeeded': {
        this.#act({ kind: 'requests_seeded', id: BigInt(step.id), now })
        break
      }
      case 'checkpointRequest': {
        this.#act({ kind: 'checkpoint_requested', now })
        break
      }
      case 'clear': {
        this.#act({ kind: 'stopped', now })
        this.#act({ kind: 'cleared', clearLocal: step.clearLocal, soft: step.soft, now })
        break
      }
      case 'resync': {
        this.#act({ kind: 'resynced', now })
        break
      }
      default: {
        step satisfies never
      }
    }
  }

  #execute(step: Extract<TraceStep, { do: 'execute' }>): void {
    const statements = step.statements ?? [[step.sql ?? '', step.params] as const]
    const transaction = this.#storage.beginLocal()
    try {
      for (const [sql, parameters] of statements) transaction.execute(sql, bound(parameters))
      transaction.commit()
    } catch (error) {
      transaction.rollback()
      const { code, message } = errorInfo(error)
      this.#print({ error: { code: code === 'database_busy' ? code : 'sql', message } })
    }
  }

  /** Id of the last queued entry of the local transactions up to this number; 0: none of them is queued. */
  #lastEntryOf(transaction: number): number {
    const queue = this.#storage.readQueue({ limit: Infinity, wholeTransactions: false })
    return queue.findLast(({ transactionId }) => transactionId <= transaction)?.id ?? 0
  }

  #line(step: Extract<TraceStep, { do: 'line' }>): void {
    if (!isOpen(this.#turns.state)) return this.#print({ ignored: 'line' })
    const payload = step.text ?? new Uint8Array(Buffer.from(step.bson ?? '', 'base64'))
    const generation = this.#generation
    const now = this.#now
    let event: SyncEvent
    try {
      event = { kind: 'line', generation, line: decodeLine(payload), now, random: RANDOM }
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      const info = { code: 'protocol', message: error.message }
      event = { kind: 'malformed', generation, error: info, now, random: RANDOM }
    }
    this.#act(event)
  }

  #act(event: SyncEvent): void {
    for (const command of this.#turns.run([event]).outward) this.#carryOut(command)
  }

  #carryOut(command: OutwardCommand): void {
    switch (command.do) {
      case 'open': {
        this.#generation = command.generation
        this.#print({ request: command.request })
        break
      }
      case 'close': {
        this.#print({ close: { hideDisconnect: command.hideDisconnect } })
        break
      }
      case 'fetch_credentials': {
        this.#print({ credentials: { didExpire: command.didExpire } })
        break
      }
      case 'log': {
        this.#print({ log: { severity: command.severity, text: command.text } })
        break
      }
      case 'fail': {
        this.#print({ error: command.error })
        break
      }
      case 'report': {
        this.#status = applyDelta(this.#status, command.delta)
        break
      }
      case 'post_checkpoint_request': {
        const id = String(command.id)
        this.#print({ checkpointRequest: { client_id: this.#clientId, checkpoint_request_id: id } })
        break
      }
      case 'wake':
      case 'reached': {
        break
      }
      default: {
        command satisfies never
      }
    }
  }

  #restart(): void {
    this.close()
    this.#storage = new FailingStorage(openStorage({ path: this.#path, schema: this.#schema }))
    this.#turns = new Turns(this.#storage)
    this.#status = EMPTY_STATUS
    this.#load()
  }

  #load(): void {
    const loaded = this.#storage.load()
    this.#clientId = loaded.clientId
    this.#act({ kind: 'loaded', loaded })
  }

  #dump(): void {
    this.#reader ??= openReader(this.#path)
    const [status, schema, reader] = [this.#status, this.#schema, this.#reader]
    const queue = this.#storage.readQueue({ limit: Infinity, wholeTransactions: false })
    this.printed.push(dump(this.#step, { status, schema, reader, queue }))
  }

  #print(line: object): void {
    this.printed.push(JSON.stringify({ step: this.#step, ...line }))
  }
}

function key(step: { readonly stream: string; readonly params?: StreamParameters | undefined }) {
  return { name: step.stream, params: canonicalParameters(step.params) }
}

type Bound = SqlValue | boolean

/** Booleans as SQLite has them. */
function bound(parameters: readonly Bound[] | { readonly [name: string]: Bound } = []) {
  const toSql = (value: Bound): SqlValue => (typeof value === 'boolean' ? BigInt(value) : value)
  if (Array.isArray(parameters)) return parameters.map(toSql)
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, toSql(value)]))
}

class StepError extends Error {
  readonly code = 'bad_step'
}

/**
 * SQL that windows send, in processes of its own: an endless query stops nothing else, and every wait settles.
 *
 * Questions wait here, not in the process: one that is killed takes one question with it, and the others go to
 * the next process. A second process helps out as soon as something waits behind a slow query, so even an
 * endless one delays the others by a moment only.
 */
import type { Schema } from '../../schema/schema.ts'
import type { Encryption } from '../../storage/encryption.ts'
import type { ReadParameters } from '../../storage/reader.ts'
import { EngineError, type Statement } from '../face.ts'
import type { LiveAnswered, LiveQuestion } from '../live-results.ts'
import type { ReaderChannel, SpawnReader } from './channel.ts'
import { Job } from './job.ts'
import { LiveRowsKept } from './live-rows.ts'
import type { Judgement, Question, QueryResult, SessionOptions, Value, WatchAnswered } from './messages.ts'
import { Restarts } from './restarts.ts'
import { Runner, type RunnerEnd } from './runner.ts'

export type { QueryResult, SpawnReader }

export interface ReadProcessOptions {
  readonly spawn: SpawnReader
  /** A database that `openStorage` has made. */
  readonly dbPath: string
  /** Path of the SQLite binary, where it does not lie in better-sqlite3's own folder (packaged apps). */
  readonly nativeBinding?: string | undefined
  /** For a file that is encrypted. */
  readonly encryption?: Encryption | undefined
  /** What windows may see. When it changes, close and open anew. */
  readonly schema: Schema
  /** Virtual tables that windows may read, each with its CREATE VIRTUAL TABLE statement. */
  readonly virtualTables?: { readonly [name: string]: string }
  /** How long a query may run, in milliseconds. Default 5,000. */
  readonly deadlineMs?: number
  /** Default 10,000. */
  readonly maxRows?: number
  /** About how many bytes a result may take. Default 16 MiB. */
  readonly maxBytes?: number
  /** About how many bytes the results of all live queries may take together. Default 256 MiB. */
  readonly maxLiveBytes?: number
}

export interface ReadProcess {
  /**
   * Run one statement that reads. Rejects with an `EngineError`:
   * - what the gate says: `sql_refused`, `sql_syntax`, `sql_too_long`, `sql_too_complex`, `sql_unavailable`
   * - `bad_parameters`: they do not fit the statement
   * - `query_timeout`: it ran longer than the deadline and was stopped
   * - `query_aborted`: the signal aborted; the reason is the cause
   * - `result_too_large`: more rows or bytes than the limits, of this result or of all live queries together
   * - `queue_full`: too many queries wait already
   * - `read_process_failed`: the process died over it twice, or cannot be kept running
   * - `closed`, or a code of `StorageError`
   */
  query(sql: string, parameters?: ReadParameters, options?: AskOptions): Promise<QueryResult>
  /** As `query`, answered with what changed since the asker's last answer, if this process gave it. */
  watch(
    sql: string,
    parameters: ReadParameters,
    live: LiveQuestion,
    options?: AskOptions,
  ): Promise<LiveAnswered>
  /**
   * Judge writes, which run elsewhere: by the gate, and by running them here without effect, where one that has
   * no end is ended. Rejects as `query` does; a refusal is an answer.
   */
  rehearse(statements: readonly Statement[], options?: AskOptions): Promise<Judgement>
  /** Every wait fails with `closed`. Settles within 2 s in any state. Safe to call twice. */
  close(): Promise<void>
}

export interface AskOptions {
  readonly signal?: AbortSignal
}

/**
 * Starts no process yet: the first question does.
 *
 * @example
 *   const readers = openReadProcess({ spawn: forkReader(entry), dbPath, schema })
 *   await readers.query('SELECT id FROM todos WHERE done = ?', [0])
 *   // { columns: ['id'], rows: [['t1'], ['t2']], tables: ['todos'] }
 */
export function openReadProcess(options: ReadProcessOptions): ReadProcess {
  return new Readers(options)
}

const DEADLINE_MS = 5_000
const MAX_ROWS = 10_000
const MAX_BYTES = 16 * 1024 * 1024
const MAX_LIVE_BYTES = 256 * 1024 * 1024
/** How much longer than its deadline a statement may run before its process ends itself. */
const GRACE_MS = 2_000
const MAX_WAITING = 1_000
const MAX_PROCESSES = 2
/** How long something waits before a second process starts. */
const HELP_AFTER_MS = 100
/** Processes that die one after the other before they have opened the database: nothing waits for another. */
const MAX_STILLBORN = 3
const CLOSE_MS = 1_500

class Readers implements ReadProcess {
  readonly #spawn: SpawnReader
  readonly #deadlineMs: number
  readonly #session: SessionOptions
  readonly #waiting: Job[] = []
  readonly #runners = new Set<Runner>()
  /** The ends of processes that were killed and are not gone yet. */
  readonly #leaving = new Set<Promise<void>>()
  readonly #restarts = new Restarts()
  readonly #liveRows: LiveRowsKept
  #stillborn = 0
  #helpTimer: NodeJS.Timeout | null = null
  #startTimer: NodeJS.Timeout | null = null
  #closed = false
  #closing: Promise<void> | null = null

  constructor(options: ReadProcessOptions) {
    this.#spawn = options.spawn
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS
    this.#liveRows = new LiveRowsKept(options.maxLiveBytes ?? MAX_LIVE_BYTES)
    this.#session = {
      dbPath: options.dbPath,
      nativeBinding: options.nativeBinding ?? null,
      encryption: options.encryption ?? null,
      schema: options.schema,
      virtualTables: options.virtualTables ?? {},
      maxRows: options.maxRows ?? MAX_ROWS,
      maxBytes: options.maxBytes ?? MAX_BYTES,
      longestMs: this.#deadlineMs + GRACE_MS,
    }
  }

  query(sql: string, parameters: ReadParameters = [], options: AskOptions = {}): Promise<QueryResult> {
    const question = { kind: 'query', sql, parameters } as const
    return this.#ask(question, this.#deadlineMs, options) as Promise<QueryResult>
  }

  async watch(
    sql: string,
    parameters: ReadParameters,
    live: LiveQuestion,
    options: AskOptions = {},
  ): Promise<LiveAnswered> {
    this.#liveRows.forget(live.ended)
    const question = { kind: 'watch', sql, parameters, live } as const
    const { bytes, ...answered } = (await this.#ask(question, this.#deadlineMs, options)) as WatchAnswered
    // It may have ended just now, and is then told of as ended only once.
    if (options.signal?.aborted !== true) this.#liveRows.keep(live.watch, bytes)
    return answered
  }

  rehearse(statements: readonly Statement[], options: AskOptions = {}): Promise<Judgement> {
    const question = { kind: 'rehearse', statements } as const
    return this.#ask(question, this.#deadlineMs, options) as Promise<Judgement>
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  #ask(question: Question, deadlineMs: number, { signal }: AskOptions): Promise<Value> {
    const job = new Job(question, deadlineMs)
    if (this.#closed) job.fail(closed())
    else if (this.#waiting.length >= MAX_WAITING) job.fail(queueFull())
    else {
      this.#waiting.push(job)
      if (signal) job.listen(signal, () => this.#forget(job))
      this.#pump()
    }
    return job.promise
  }

  #forget(job: Job): void {
    const place = this.#waiting.indexOf(job)
    if (place !== -1) this.#waiting.splice(place, 1)
    for (const runner of this.#runners) runner.abandon(job)
  }

  /** Give what waits to who is idle, and see that somebody will be. */
  #pump(): void {
    for (const runner of this.#runners) {
      if (runner.phase !== 'idle') continue
      const job = this.#waiting.shift()
      if (job) runner.run(job)
    }
    if (this.#waiting.length === 0 || this.#runners.size >= MAX_PROCESSES || this.#closed) return
    if (this.#runners.size === 0) this.#start()
    else this.#helpTimer ??= setTimeout(() => this.#help(), HELP_AFTER_MS)
  }

  #help(): void {
    this.#helpTimer = null
    if (this.#waiting.length > 0 && this.#runners.size < MAX_PROCESSES) this.#start()
  }

  #start(): void {
    if (this.#startTimer !== null) return
    const delay = this.#restarts.delay(performance.now())
    if (delay === null) this.#failWaiting(notKept())
    else if (delay === 0) this.#startNow()
    else {
      this.#startTimer = setTimeout(() => {
        this.#startTimer = null
        this.#startNow()
      }, delay)
    }
  }

  #startNow(): void {
    let channel: ReaderChannel
    try {
      channel = this.#spawn()
    } catch (cause) {
      this.#restarts.crashed(performance.now())
      this.#failWaiting(
        new EngineError({ code: 'read_process_failed', message: 'The read process cannot start.' }, cause),
      )
      return
    }
    const runner = new Runner(channel, this.#session, {
      onIdle: () => {
        this.#stillborn = 0
        this.#pump()
      },
      onAnswer: () => this.#restarts.answered(),
      onEnd: (ended, end) => this.#ended(ended, end),
    })
    this.#runners.add(runner)
  }

  #ended(runner: Runner, end: RunnerEnd): void {
    this.#runners.delete(runner)
    this.#leaving.add(runner.exited)
    void runner.exited.then(() => this.#leaving.delete(runner.exited))
    switch (end.kind) {
      case 'killed':
        this.#restarts.killed(performance.now())
        break
      case 'crashed':
        this.#restarts.crashed(performance.now())
        if (!end.opened && ++this.#stillborn >= MAX_STILLBORN) this.#failWaiting(notKept())
        if (end.job) this.#tryAgain(end.job)
        break
      case 'cannot_open':
        this.#restarts.crashed(performance.now())
        this.#failWaiting(new EngineError(end.error))
        break
      default:
        end satisfies never
    }
    this.#pump()
  }

  /** A read changes nothing, so it may run twice; but what kills two processes would kill a third. */
  #tryAgain(job: Job): void {
    if (job.tried) {
      const message = 'The read process died twice over this query.'
      job.fail(new EngineError({ code: 'read_process_failed', message }))
      return
    }
    job.tried = true
    this.#waiting.unshift(job)
  }

  #failWaiting(error: EngineError): void {
    for (const job of this.#waiting.splice(0)) job.fail(error)
  }

  async #close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#helpTimer ?? undefined)
    clearTimeout(this.#startTimer ?? undefined)
    this.#failWaiting(closed())
    for (const runner of this.#runners) runner.close(closed())
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, CLOSE_MS)
    await Promise.race([Promise.all(this.#leaving), late])
    clearTimeout(timer)
  }
}

function closed(): EngineError {
  return new EngineError({ code: 'closed', message: 'The daemon is closed.' })
}

function queueFull(): EngineError {
  const message = `More than ${MAX_WAITING} queries wait already.`
  return new EngineError({ code: 'queue_full', message })
}

function notKept(): EngineError {
  const message = 'The read process ended too often. Try again in a minute.'
  return new EngineError({ code: 'read_process_failed', message })
}

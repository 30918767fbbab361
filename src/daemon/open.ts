/**
 * Opens a daemon: starts the engine, keeps the status, and gives the app its face. Everything here is on the
 * main thread and only passes things on.
 */
import { randomUUID } from 'node:crypto'
import { inProcess } from '../engine/in-process.ts'
import { inWorker } from '../engine/in-worker.ts'
import { EngineError } from '../engine/face.ts'
import type { EngineFace, FaceOptions, FacePorts } from '../engine/face.ts'
import { applyDelta } from '../status/delta.ts'
import { EMPTY_STATUS } from '../status/status.ts'
import type { Status, StatusDelta } from '../status/status.ts'
import { DaemonError } from './daemon.ts'
import type {
  BucketPage,
  BucketQuery,
  ConnectOptions,
  Daemon,
  DaemonOptions,
  LogLine,
  QueryResult,
  SqlValue,
} from './daemon.ts'
import { Listeners } from './listeners.ts'
import { checkConnect } from './options.ts'
import { openSyncStream } from './stream.ts'

/**
 * Open (or make) the database and its daemon. It stays offline until `connect`.
 *
 * Rejects with a `DaemonError`: `database_in_use`, `database_newer`, `database_foreign`, `invalid_schema` and
 * the other codes of storage.
 *
 * @example
 * const daemon = await openDaemon({
 *   path: join(app.getPath('userData'), 'app.db'),
 *   schema: { tables: { todos: { columns: { description: 'text', done: 'integer' } } } },
 *   connector: { fetchCredentials: async () => ({ endpoint: 'https://sync.example.com', token: await getToken() }) },
 * })
 */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const status = new StatusBoard()
  const tables = new Listeners<readonly string[]>()
  const logs = new Listeners<LogLine>()
  const ports: FacePorts = {
    fetchCredentials: async (call) => await options.connector.fetchCredentials(call),
    transport: options.transport ?? null,
    onStatus: (delta) => status.change(delta),
    onTables: (names) => tables.tell(names),
    onLog: (severity, text) => logs.tell({ at: Date.now(), severity, text }),
    onFailed: (error) => {
      logs.tell({ at: Date.now(), severity: 'warning', text: error.message })
      status.change({
        connection: { state: 'offline' },
        downloading: null,
        downloadError: { code: error.code, message: error.message },
      })
    },
  }
  const engine = await coded(startEngine(options, ports))
  return new RunningDaemon(engine, status, tables, logs)
}

async function startEngine(options: DaemonOptions, ports: FacePorts): Promise<EngineFace> {
  const face: FaceOptions = {
    path: options.path,
    schema: options.schema,
    queries: options.queries ?? {},
    nativeBinding: options.nativeBinding ?? null,
    traceBytes: options.traceBytes ?? 0,
  }
  if (options.inProcess === true) return await inProcess(face, ports)
  return await inWorker(face, ports, options.workerPath ?? new URL('../engine/worker.ts', import.meta.url))
}

class RunningDaemon implements Daemon {
  readonly epoch = randomUUID()
  readonly #engine: EngineFace
  readonly #status: StatusBoard
  readonly #tables: Listeners<readonly string[]>
  readonly #logs: Listeners<LogLine>
  readonly #closed = new AbortController()
  #closing: Promise<void> | null = null

  constructor(
    engine: EngineFace,
    status: StatusBoard,
    tables: Listeners<readonly string[]>,
    logs: Listeners<LogLine>,
  ) {
    this.#engine = engine
    this.#status = status
    this.#tables = tables
    this.#logs = logs
  }

  get status(): Status {
    return this.#status.current
  }

  onStatus(listener: (delta: StatusDelta, status: Status) => void): () => void {
    return this.#status.listen(listener)
  }

  onTables(listener: (names: readonly string[]) => void): () => void {
    return this.#tables.add(listener)
  }

  onLog(listener: (line: LogLine) => void): () => void {
    return this.#logs.add(listener)
  }

  async connect(options: ConnectOptions = {}): Promise<void> {
    await coded(this.#engine.connect(checkConnect(options)))
  }

  async disconnect(): Promise<void> {
    await coded(this.#engine.disconnect())
  }

  syncStream(...[name, params]: Parameters<Daemon['syncStream']>) {
    return openSyncStream({
      name,
      params,
      engine: this.#engine,
      daemon: this,
      closed: this.#closed.signal,
      coded,
    })
  }

  async query(name: string, params: { readonly [name: string]: SqlValue } = {}): Promise<QueryResult> {
    return await coded(this.#engine.read(name, params))
  }

  async inspectBuckets(query: BucketQuery): Promise<BucketPage> {
    return await coded(this.#engine.inspectBuckets(query))
  }

  async trace(): Promise<string> {
    return await coded(this.#engine.trace())
  }

  async close(): Promise<void> {
    this.#closed.abort(new DaemonError('closed', 'The daemon is closed.'))
    this.#closing ??= this.#engine.close().finally(() => {
      this.#status.change({ connection: { state: 'offline' }, downloading: null })
      this.#status.close()
      this.#tables.clear()
      this.#logs.clear()
    })
    await this.#closing
  }
}

/** The status as it is, and those who watch it. */
class StatusBoard {
  current: Status = EMPTY_STATUS
  readonly #listeners = new Listeners<StatusDelta>()

  change(delta: StatusDelta): void {
    this.current = applyDelta(this.current, delta)
    this.#listeners.tell(delta)
  }

  listen(listener: (delta: StatusDelta, status: Status) => void): () => void {
    return this.#listeners.add((delta) => listener(delta, this.current))
  }

  close(): void {
    this.#listeners.clear()
  }
}

/** What apps catch is a `DaemonError`, whatever thread it came from. */
async function coded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof EngineError) throw new DaemonError(error.code, error.message, error)
    throw error
  }
}

/**
 * Opens a daemon: starts the engine, keeps the status, and gives the app its face. Everything here is on the
 * main thread and only passes things on.
 */
import { randomUUID } from 'node:crypto'
import { inProcess } from '../engine/in-process.ts'
import { inWorker } from '../engine/in-worker.ts'
import type { EngineFace, FaceOptions, FacePorts } from '../engine/face.ts'
import { applyDelta } from '../status/delta.ts'
import { EMPTY_STATUS } from '../status/status.ts'
import type { Status, StatusDelta } from '../status/status.ts'
import type { CrudEntry } from '../connector/upload.ts'
import { Checkpoints } from './checkpoints.ts'
import { coded } from './coded.ts'
import { toCrudEntry } from './crud-entry.ts'
import { DaemonError } from './daemon.ts'
import type {
  BucketPage,
  BucketQuery,
  CheckpointRequest,
  ClearOptions,
  ConnectOptions,
  Daemon,
  DaemonOptions,
  DeadLetter,
  LogLine,
  QueryResult,
  SqlParameters,
  SqlValue,
  Statement,
  Transaction,
  TransactionOptions,
  WriteOptions,
  WriteResult,
} from './daemon.ts'
import { Listeners } from './listeners.ts'
import { checkConnect } from './options.ts'
import { openSyncStream } from './stream.ts'
import { LOCK_TIMEOUT_MS, openTransactions } from './transaction.ts'
import type { Transactions } from './transaction.ts'
import { AppUploads } from './uploads.ts'

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
  let engine: EngineFace
  const status = new StatusBoard()
  const checkpoints = new Checkpoints()
  const uploads = new AppUploads(options.connector, () => engine)
  const tables = new Listeners<readonly string[]>()
  const logs = new Listeners<LogLine>()
  const ports: FacePorts = {
    fetchCredentials: async (call) => await options.connector.fetchCredentials(call),
    transport: options.transport ?? null,
    uploadData: uploads.port,
    onStatus: (delta) => status.change(delta),
    onReached: (id) => checkpoints.reach(id),
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
  engine = await coded(startEngine(options, ports))
  return new RunningDaemon(engine, { status, tables, logs, uploads, checkpoints })
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

/** What the daemon keeps on its thread. */
interface Boards {
  readonly status: StatusBoard
  readonly tables: Listeners<readonly string[]>
  readonly logs: Listeners<LogLine>
  readonly uploads: AppUploads
  readonly checkpoints: Checkpoints
}

class RunningDaemon implements Daemon {
  readonly epoch = randomUUID()
  readonly #engine: EngineFace
  readonly #transactions: Transactions
  readonly #boards: Boards
  readonly #closed = new AbortController()
  #closing: Promise<void> | null = null

  constructor(engine: EngineFace, boards: Boards) {
    this.#transactions = openTransactions(engine)
    this.#engine = this.#transactions.engine
    this.#boards = boards
  }

  get status(): Status {
    return this.#boards.status.current
  }

  onStatus(listener: (delta: StatusDelta, status: Status) => void): () => void {
    return this.#boards.status.listen(listener)
  }

  onTables(listener: (names: readonly string[]) => void): () => void {
    return this.#boards.tables.add(listener)
  }

  onLog(listener: (line: LogLine) => void): () => void {
    return this.#boards.logs.add(listener)
  }

  async connect(options: ConnectOptions = {}): Promise<void> {
    await coded(this.#engine.connect(checkConnect(options)))
  }

  async disconnect(): Promise<void> {
    await coded(this.#engine.disconnect())
  }

  async disconnectAndClear({ clearLocal = true, soft = false }: ClearOptions = {}): Promise<void> {
    this.#boards.uploads.forget()
    await coded(this.#engine.clear({ clearLocal, soft }))
  }

  async resync(): Promise<void> {
    await coded(this.#engine.resync())
  }

  async execute(sql: string, params: SqlParameters = [], options: WriteOptions = {}): Promise<WriteResult> {
    const [result] = await this.batch([[sql, params]], options)
    return result!
  }

  async batch(
    statements: readonly Statement[],
    { lockTimeoutMs = LOCK_TIMEOUT_MS }: WriteOptions = {},
  ): Promise<readonly WriteResult[]> {
    return await coded(this.#engine.batch(statements, lockTimeoutMs))
  }

  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return await this.#transactions.run(work, options)
  }

  async uploadQueue({ after = 0, limit = 100 }: { after?: number; limit?: number } = {}): Promise<
    readonly CrudEntry[]
  > {
    const entries = await coded(this.#engine.readQueue({ after, limit, wholeTransactions: false }))
    return entries.map(toCrudEntry)
  }

  async retryUploads(): Promise<void> {
    await coded(this.#engine.retryUploads())
  }

  async discardUpload(transactionId: number): Promise<void> {
    await coded(this.#engine.discardUpload(transactionId))
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    const letters = await coded(this.#engine.deadLetters())
    return letters.map(({ entries, ...letter }) => ({ ...letter, crud: entries.map(toCrudEntry) }))
  }

  async deleteDeadLetter(transactionId: number): Promise<void> {
    await coded(this.#engine.deleteDeadLetter(transactionId))
  }

  async requestCheckpoint(): Promise<CheckpointRequest> {
    const id = await coded(this.#engine.requestCheckpoint())
    return this.#boards.checkpoints.requested(id, this.#closed.signal)
  }

  syncStream(...[name, params]: Parameters<Daemon['syncStream']>) {
    return openSyncStream({
      name,
      params,
      engine: this.#engine,
      daemon: this,
      closed: this.#closed.signal,
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
      this.#boards.status.change({ connection: { state: 'offline' }, downloading: null })
      this.#boards.status.close()
      this.#boards.tables.clear()
      this.#boards.logs.clear()
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

/**
 * Opens a daemon: starts the engine, keeps the status, and gives the app its face. Everything here is on the
 * main thread and only passes things on.
 */
import { randomUUID } from 'node:crypto'
import { inProcess } from '../engine/in-process.ts'
import { inWorker } from '../engine/in-worker.ts'
import type { EngineFace, FaceOptions, FacePorts } from '../engine/face.ts'
import { forkReader } from '../engine/read-process/channel.ts'
import { openReadProcess } from '../engine/read-process/open.ts'
import { entryBeside } from '../entry.ts'
import type { Schema } from '../schema/schema.ts'
import { shownNames } from '../schema/sql.ts'
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
  LiveHandle,
  LogLine,
  QueryResult,
  SpawnReader,
  SqlParameters,
  SqlValue,
  Statement,
  Transaction,
  TransactionOptions,
  WatchOptions,
  WatchUpdate,
  WindowSql,
  WriteOptions,
  WriteResult,
} from './daemon.ts'
import { Holds } from './holds.ts'
import { Listeners } from './listeners.ts'
import { iterate } from './live/iterate.ts'
import { LiveQueries, THROTTLE_MS } from './live/queries.ts'
import { liveSources, UPLOAD_QUEUE, UPLOADS } from './live/sources.ts'
import { checkConnect } from './options.ts'
import { StatusBoard } from './status-board.ts'
import { openSyncStream } from './stream.ts'
import { LOCK_TIMEOUT_MS, openTransactions } from './transaction.ts'
import type { Transactions } from './transaction.ts'
import { AppUploads } from './uploads.ts'
import { WindowReaders } from './window-readers.ts'
import { openWindowSql } from './window-sql.ts'

/**
 * Open (or make) the database and its daemon. It stays offline until `connect`.
 *
 * Rejects with a `DaemonError`: `path_unusable`, `database_in_use`, `database_newer`, `database_foreign`,
 * `invalid_schema` and the other codes of storage.
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
  const failed = new AbortController()
  const ports: FacePorts = {
    fetchCredentials: async (call) => await options.connector.fetchCredentials(call),
    transport: options.transport ?? null,
    uploadData: uploads.port,
    onStatus: (delta) => status.change(delta),
    onReached: (id) => checkpoints.reach(id),
    onTables: (names) => tables.tell(names),
    onLog: (severity, text) => logs.tell({ at: Date.now(), severity, text }),
    onFailed: (error) => {
      failed.abort(new DaemonError(error.code, error.message, error))
      logs.tell({ at: Date.now(), severity: 'warning', text: error.message })
      status.rest({
        downloadError: { code: error.code, message: error.message },
      })
    },
  }
  engine = await coded(startEngine(options, ports))
  const spawn = options.spawnReader ?? defaultReader()
  const readers = new WindowReaders(
    (schema) =>
      openReadProcess({
        spawn,
        dbPath: options.path,
        schema,
        nativeBinding: options.nativeBinding,
        encryption: options.encryption,
        ...(options.virtualTables !== undefined && { virtualTables: options.virtualTables }),
        ...(options.windowQueryMs !== undefined && { deadlineMs: options.windowQueryMs }),
      }),
    options.schema,
  )
  return new RunningDaemon(engine, readers, options.schema, {
    status,
    tables,
    logs,
    uploads,
    checkpoints,
    failed: failed.signal,
  })
}

function defaultReader(): SpawnReader {
  if (process.versions['electron'] === undefined) {
    return forkReader(entryBeside(import.meta.url, '../engine/read-process/entry'))
  }
  return () => {
    // Forked there, it would be another copy of the app.
    throw new Error('In Electron, SQL of windows needs a daemon that was opened by headwater/electron.')
  }
}

async function startEngine(options: DaemonOptions, ports: FacePorts): Promise<EngineFace> {
  const face: FaceOptions = {
    path: options.path,
    schema: options.schema,
    queries: options.queries ?? {},
    nativeBinding: options.nativeBinding ?? null,
    encryption: options.encryption ?? null,
    traceBytes: options.traceBytes ?? 0,
  }
  if (options.inProcess === true) return await inProcess(face, ports)
  return await inWorker(face, ports, options.workerPath ?? entryBeside(import.meta.url, '../engine/worker'))
}

/** What the daemon keeps on its thread. */
interface Boards {
  readonly status: StatusBoard
  readonly tables: Listeners<readonly string[]>
  readonly logs: Listeners<LogLine>
  readonly uploads: AppUploads
  readonly checkpoints: Checkpoints
  /** Aborts, with the reason, when the engine stops by itself. */
  readonly failed: AbortSignal
}

class RunningDaemon implements Daemon {
  readonly epoch = randomUUID()
  readonly #engine: EngineFace
  readonly #transactions: Transactions
  readonly #readers: WindowReaders
  readonly #live: LiveQueries
  readonly #boards: Boards
  readonly windowSql: WindowSql
  readonly #closed = new AbortController()
  /** Nothing that is waited for can come any more. */
  readonly #ended: AbortSignal
  readonly #holds: Holds
  #schema: Schema
  /** The options of the last `connect`. */
  #asked: ConnectOptions = {}
  #closing: Promise<void> | null = null

  constructor(engine: EngineFace, readers: WindowReaders, schema: Schema, boards: Boards) {
    this.#transactions = openTransactions(engine)
    this.#engine = this.#transactions.engine
    this.#readers = readers
    this.#schema = schema
    this.#boards = boards
    this.#ended = AbortSignal.any([this.#closed.signal, boards.failed])
    this.#holds = new Holds(this.#ended)
    this.#live = new LiveQueries(liveSources(engine, readers))
    boards.tables.add((names) => this.#live.changed(names))
    boards.status.listen(({ upload }) => {
      if (upload !== undefined) this.#live.changed([UPLOAD_QUEUE])
    })
    this.windowSql = openWindowSql({ transactions: this.#transactions, readers, live: this.#live })
  }

  get status(): Status {
    return this.#boards.status.current
  }

  onStatus(listener: (delta: StatusDelta) => void): () => void {
    return this.#boards.status.listen(listener)
  }

  onTables(listener: (names: readonly string[]) => void): () => void {
    return this.#boards.tables.add(listener)
  }

  onLog(listener: (line: LogLine) => void): () => void {
    return this.#boards.logs.add(listener)
  }

  async connect(options: ConnectOptions = this.#asked): Promise<void> {
    const checked = checkConnect(options)
    this.#asked = options
    await coded(this.#engine.connect(checked))
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

  async updateSchema(schema: Schema): Promise<void> {
    await coded(this.#engine.setSchema(schema))
    if (JSON.stringify(schema) === JSON.stringify(this.#schema)) return
    const names = new Set([...shownNames(this.#schema), ...shownNames(schema)])
    this.#schema = schema
    this.#readers.use(schema)
    this.#live.renew()
    this.#boards.tables.tell([...names].sort())
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

  watch(
    sql: string,
    params: SqlParameters = [],
    { signal, throttleMs = THROTTLE_MS, key = 'id' }: WatchOptions = {},
  ): AsyncIterable<WatchUpdate> {
    const open = () => this.#live.open({ source: 'app', sql, params, throttleMs, key })
    const ended = [this.#closed.signal, signal]
    return { [Symbol.asyncIterator]: () => iterate(open(), ended) }
  }

  watchUploads(): LiveHandle {
    return this.#live.open(UPLOADS)
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

  async deadLetters({ limit }: { readonly limit?: number } = {}): Promise<readonly DeadLetter[]> {
    const letters = await coded(this.#engine.deadLetters(limit ?? null))
    return letters.map(({ entries, ...letter }) => ({ ...letter, crud: entries.map(toCrudEntry) }))
  }

  async deleteDeadLetter(transactionId: number): Promise<void> {
    await coded(this.#engine.deleteDeadLetter(transactionId))
  }

  async requestCheckpoint(): Promise<CheckpointRequest> {
    const id = await coded(this.#engine.requestCheckpoint())
    return this.#boards.checkpoints.requested(id, this.#ended)
  }

  syncStream(...[name, params]: Parameters<Daemon['syncStream']>) {
    return openSyncStream({
      name,
      params,
      engine: this.#engine,
      daemon: this,
      holds: this.#holds,
    })
  }

  async query(name: string, params: { readonly [name: string]: SqlValue } = {}): Promise<QueryResult> {
    return await coded(this.#engine.read(name, params))
  }

  async inspectBuckets(query: BucketQuery): Promise<BucketPage> {
    return await coded(this.#engine.inspectBuckets(query))
  }

  async backUp(path: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    try {
      await coded(this.#engine.backUp(path, signal ?? null))
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }

  async checkIntegrity(): Promise<readonly string[]> {
    return await coded(this.#engine.checkIntegrity())
  }

  async trace(): Promise<string> {
    return await coded(this.#engine.trace())
  }

  async close(): Promise<void> {
    this.#closed.abort(new DaemonError('closed', 'The daemon is closed.'))
    this.#live.close()
    this.#closing ??= this.#end().finally(() => {
      this.#boards.status.rest({})
      this.#boards.status.close()
      this.#boards.tables.clear()
      this.#boards.logs.clear()
    })
    await this.#closing
  }

  async #end(): Promise<void> {
    await Promise.all([this.#engine.close(), this.#readers.close()])
  }
}

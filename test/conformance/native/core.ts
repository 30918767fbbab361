/**
 * The native PowerSync core, loaded into SQLite: the yardstick that Headwater is compared with. The core's
 * only clock is the SQL function `unixepoch`, so replacing that makes it follow the trace's clock exactly.
 */
import Database from 'better-sqlite3'
import { fileURLToPath } from 'node:url'

/** What the core asks its host to do, as `powersync_control` returns it. Each object has one key. */
export interface Instruction {
  readonly LogLine?: { readonly severity: 'DEBUG' | 'INFO' | 'WARNING'; readonly line: string }
  readonly UpdateSyncStatus?: { readonly status: CoreStatus }
  readonly EstablishSyncStream?: {
    readonly request: CoreRequest
    readonly checkpoint_request?: { readonly checkpoint_request_id: string }
  }
  readonly CloseSyncStream?: { readonly hide_disconnect: boolean }
  readonly FetchCredentials?: { readonly did_expire: boolean }
}

export interface CoreRequest {
  readonly parameters: object | null
  readonly [field: string]: unknown
}

export interface CoreStatus {
  readonly connected: boolean
  readonly connecting: boolean
  readonly priority_status: readonly { readonly priority: number; readonly has_synced: boolean | null }[]
  readonly downloading: {
    readonly buckets: {
      readonly [name: string]: {
        readonly priority: number
        readonly at_last: number
        readonly since_last: number
        readonly target_count: number
      }
    }
  } | null
  readonly streams: readonly CoreStream[]
}

export interface CoreStream {
  readonly name: string
  readonly parameters: object | null
  readonly priority: number | null
  readonly active: boolean
  readonly is_default: boolean
  readonly has_explicit_subscription: boolean
  readonly last_synced_at: number | null
  readonly progress: { readonly total: number; readonly downloaded: number }
}

export class NativeCore {
  readonly db: Database.Database
  readonly #statements = new Map<string, Database.Statement>()

  /** Opens (or makes) the database. `clock` gives the time in milliseconds whenever the core asks. */
  constructor(path: string, clock: () => number) {
    this.db = new Database(path)
    // The types leave out the entry point, which this library needs: its file name does not lead to it.
    const loader: { loadExtension(file: string, entryPoint: string): void } = this.db
    loader.loadExtension(libraryPath(), 'sqlite3_powersync_init')
    // What is compared is gone after the run: nothing needs to reach a disk.
    this.db.pragma('synchronous = OFF')
    this.db.pragma('journal_mode = MEMORY')
    this.call('SELECT powersync_init()')
    // The core multiplies the seconds by a million and cuts: a tenth of a microsecond keeps it from 0.999….
    this.db.function('unixepoch', { varargs: true }, () => (clock() + 0.0001) / 1000)
  }

  /** Run one control call in its transaction. Throws what the core threw, after the roll-back. */
  control(operation: string, payload: string | Buffer | null = null): readonly Instruction[] {
    const instructions: unknown = JSON.parse(this.controlText(operation, payload) ?? '[]')
    return Array.isArray(instructions) ? (instructions as Instruction[]) : []
  }

  /** The same, for the calls that answer with an id. */
  controlText(operation: string, payload: string | Buffer | null = null): string | null {
    return this.call('SELECT CAST(powersync_control(?, ?) AS TEXT)', operation, payload)
  }

  /** The status as the tables tell it, without a connection. */
  offlineStatus(): CoreStatus {
    return JSON.parse(this.call('SELECT powersync_offline_sync_status()') ?? 'null') as CoreStatus
  }

  /** The core's functions want a transaction. Returns the first column as text. */
  call(sql: string, ...values: unknown[]): string | null {
    const statement = this.prepare(sql).pluck()
    return this.db.transaction(() => statement.get(...values) as string | null)()
  }

  /** A statement for this connection, prepared once. */
  prepare(sql: string): Database.Statement {
    const statement = this.#statements.get(sql) ?? this.db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  replaceSchema(schema: object): void {
    this.#statements.clear()
    this.call('SELECT powersync_replace_schema(?)', JSON.stringify(schema))
  }

  close(): void {
    this.db.close()
  }
}

function libraryPath(): string {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x64'
  const file =
    process.platform === 'win32'
      ? `powersync_${machine}.dll`
      : `libpowersync_${machine}.${process.platform === 'darwin' ? 'macos.dylib' : 'linux.so'}`
  return fileURLToPath(new URL(`../../../node_modules/@powersync/node/lib/${file}`, import.meta.url))
}

/**
 * The native PowerSync core, as the released SDK drives it and without the SDK's own cost: SQLite set as the SDK
 * sets it, statements prepared once, one transaction for each line.
 */
import { fileURLToPath } from 'node:url'
import { getPowerSyncExtensionFilename } from '@powersync/node/worker.js'
import Sqlite from 'better-sqlite3'
import type { Schema } from '../../../src/schema/schema.ts'
import { announces, completes } from '../peer.ts'
import type { Counts, Payload, Peer, PeerOptions } from '../peer.ts'

export async function open(options: PeerOptions): Promise<Peer> {
  return new NativePeer('native', options, 'line')
}

/** Load the core into a connection. */
export function loadCore(db: Sqlite.Database): void {
  // The types leave out the entry point, which this library needs: its file name does not lead to it.
  const loader: { loadExtension(file: string, entryPoint: string): void } = db
  loader.loadExtension(CORE, 'sqlite3_powersync_init')
}

export class NativePeer implements Peer {
  readonly name: string
  readonly #options: PeerOptions
  /** What a transaction holds. */
  readonly #unit: 'line' | 'checkpoint'
  readonly #db: Sqlite.Database
  readonly #control: Sqlite.Statement<[operation: string, payload: string | Buffer | null], string | null>
  readonly #begin: Sqlite.Statement
  readonly #commit: Sqlite.Statement
  #synced = false

  constructor(name: string, options: PeerOptions, unit: 'line' | 'checkpoint') {
    this.name = name
    this.#options = options
    this.#unit = unit
    this.#db = new Sqlite(options.dbPath)
    loadCore(this.#db)
    this.#db.pragma('journal_mode = WAL')
    this.#db.pragma('recursive_triggers = TRUE')
    this.#begin = this.#db.prepare('BEGIN IMMEDIATE')
    this.#commit = this.#db.prepare('COMMIT')
    this.#inTransaction('SELECT powersync_init()')
    this.#inTransaction('SELECT powersync_replace_schema(?)', JSON.stringify(toCoreSchema(options.schema)))
    this.#inTransaction('SELECT powersync_offline_sync_status()')
    this.#control = this.#db
      .prepare<[string, string | Buffer | null], string | null>(
        'SELECT CAST(powersync_control(?, ?) AS TEXT)',
      )
      .pluck()
  }

  start(): void {
    const streams = (this.#options.subscriptions ?? []).map(({ name, params }) => ({
      name,
      params: params ?? null,
    }))
    for (const stream of streams) this.#call('subscriptions', JSON.stringify({ subscribe: { stream } }))
    const schema = toCoreSchema(this.#options.schema)
    const parameters = this.#options.params ?? {}
    const start = { parameters, include_defaults: true, active_streams: streams, schema }
    this.#call('start', JSON.stringify(start))
    this.#call('connection', 'established')
  }

  line(payload: Payload): void {
    const operation = typeof payload === 'string' ? 'line_text' : 'line_binary'
    if (this.#unit === 'line' || !this.#db.inTransaction) this.#begin.run()
    const said = this.#control.get(operation, payload) ?? ''
    if (this.#options.onStatus) this.#tell(said, this.#options.onStatus)
    if (announces(payload)) this.#synced = false
    const complete = completes(payload)
    if (this.#unit === 'line' || complete) this.#commit.run()
    if (complete) this.#synced = said.includes('"DidCompleteSync"')
  }

  counts(): Counts {
    const tables = Object.keys(this.#options.schema.tables)
    return Object.fromEntries(
      tables.map((table) => [
        table,
        this.#db.prepare(`SELECT count(*) FROM "${table}"`).pluck().get() as number,
      ]),
    )
  }

  synced(): boolean {
    return this.#synced
  }

  close(): void {
    if (this.#db.inTransaction) this.#commit.run()
    this.#db.close()
  }

  #call(operation: string, payload: string): void {
    this.#begin.run()
    this.#control.get(operation, payload)
    this.#commit.run()
  }

  #inTransaction(sql: string, ...values: string[]): void {
    const statement = this.#db.prepare(sql).pluck()
    this.#db.transaction(() => statement.get(...values)).immediate()
  }

  #tell(said: string, onStatus: (bytes: number) => void): void {
    for (const instruction of JSON.parse(said) as { readonly UpdateSyncStatus?: object }[]) {
      if (instruction.UpdateSyncStatus) {
        onStatus(Buffer.byteLength(JSON.stringify(instruction.UpdateSyncStatus)))
      }
    }
  }
}

const CORE = fileURLToPath(
  new URL(getPowerSyncExtensionFilename(), import.meta.resolve('@powersync/node/worker.js')),
)

function toCoreSchema({ tables }: Schema): object {
  return {
    tables: Object.entries(tables).map(([name, table]) => ({
      name,
      view_name: null,
      local_only: false,
      insert_only: false,
      columns: Object.entries(table.columns).map(([column, type]) => ({ name: column, type })),
      indexes: [],
    })),
    raw_tables: [],
  }
}

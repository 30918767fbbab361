/**
 * The limit: the rows of PUTs into a final table of the schema's columns, in one transaction, and nothing else.
 * No checksums, no buckets, no changes of what was there before.
 */
import Sqlite from 'better-sqlite3'
import { deserialize } from 'bson'
import { completes } from '../peer.ts'
import type { Counts, Payload, Peer, PeerOptions } from '../peer.ts'

export async function open({ dbPath, schema }: PeerOptions): Promise<Peer> {
  const db = new Sqlite(dbPath)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.pragma('cache_size = -32768')
  const inserts = new Map<string, Sqlite.Statement>()
  for (const [table, { columns }] of Object.entries(schema.tables)) {
    const names = Object.keys(columns)
    db.exec(`CREATE TABLE IF NOT EXISTS "${table}"(id TEXT PRIMARY KEY NOT NULL, ${names.join(', ')})`)
    const values = names.map((column) => `json_extract(data, '$.${column}')`)
    inserts.set(
      table,
      db.prepare(
        `INSERT INTO "${table}" SELECT id, ${values.join(', ')} FROM (SELECT ? AS id, ? AS data) WHERE true`,
      ),
    )
  }
  return {
    name: 'bare',
    start() {},
    line(payload) {
      if (!db.inTransaction) db.exec('BEGIN IMMEDIATE')
      for (const { object_type: type, object_id: id, data } of read(payload).data?.data ?? []) {
        inserts.get(type)?.run(id, data)
      }
      if (completes(payload)) db.exec('COMMIT')
    },
    counts(): Counts {
      const count = (table: string) => db.prepare(`SELECT count(*) FROM "${table}"`).pluck().get() as number
      return Object.fromEntries([...inserts.keys()].map((table) => [table, count(table)]))
    },
    synced: () => !db.inTransaction,
    close: () => void db.close(),
  }
}

interface Line {
  readonly data?: {
    readonly data: readonly {
      readonly object_type: string
      readonly object_id: string
      readonly data: string
    }[]
  }
}

function read(payload: Payload): Line {
  return (typeof payload === 'string' ? JSON.parse(payload) : deserialize(payload)) as Line
}

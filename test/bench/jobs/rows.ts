/** Rows as anyone sees them who opens the file a peer left: the same for all peers. */
import { createHash } from 'node:crypto'
import Sqlite from 'better-sqlite3'
import type { Schema } from '../../../src/schema/schema.ts'
import type { PeerName } from '../peer.ts'
import { loadCore } from '../peers/native.ts'

const WITH_CORE: readonly PeerName[] = ['native', 'native-one-transaction', 'sdk']

export function openToRead(dbPath: string, peer: PeerName): Sqlite.Database {
  const db = new Sqlite(dbPath, { readonly: true })
  if (WITH_CORE.includes(peer)) loadCore(db)
  return db
}

/** Of all rows of all tables, by id. */
export function digestOfRows(dbPath: string, peer: PeerName, schema: Schema): string {
  const db = openToRead(dbPath, peer)
  try {
    const hash = createHash('sha256')
    for (const [table, { columns }] of Object.entries(schema.tables)) {
      const names = ['id', ...Object.keys(columns)].map((column) => `"${column}"`)
      const rows = db.prepare(`SELECT ${names.join(', ')} FROM "${table}" ORDER BY id`).raw()
      for (const row of rows.iterate()) hash.update(JSON.stringify(row))
    }
    return hash.digest('hex')
  } finally {
    db.close()
  }
}

export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

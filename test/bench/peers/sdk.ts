/** The released SDK whole: `@powersync/node` with its threads, lines over HTTP. */
import { basename, dirname } from 'node:path'
import { column, PowerSyncDatabase, Schema, Table } from '@powersync/node'
import type { TableSchema } from '../../../src/schema/schema.ts'
import type { Client } from '../over-http.ts'
import { peerOf } from '../over-http.ts'
import type { Peer, PeerOptions } from '../peer.ts'

export async function open(options: PeerOptions): Promise<Peer> {
  return peerOf(await openClient(options))
}

export async function openClient({ dbPath, schema, subscriptions, params }: PeerOptions): Promise<Client> {
  const tables = Object.entries(schema.tables)
  const database = new PowerSyncDatabase({
    schema: new Schema(Object.fromEntries(tables.map(([name, table]) => [name, toTable(table)]))),
    database: { dbFilename: basename(dbPath), dbLocation: dirname(dbPath) },
  })
  await database.waitForReady()
  for (const { name, params: wanted } of subscriptions ?? []) {
    await database.syncStream(name, wanted ?? undefined).subscribe()
  }
  return {
    name: 'sdk',
    connect(endpoint) {
      const connector = {
        fetchCredentials: () => Promise.resolve({ endpoint, token: 'bench' }),
        uploadData: () => Promise.resolve(),
      }
      const connection = { params: { ...params } } as Parameters<typeof database.connect>[1]
      void database.connect(connector, connection)
    },
    lastSyncedAt: () => database.currentStatus.lastSyncedAt?.getTime() ?? null,
    onStatus: (changed) => database.registerListener({ statusChanged: changed }),
    async counts() {
      const counts: Record<string, number> = {}
      for (const [table] of tables) {
        counts[table] = (await database.get<{ n: number }>(`SELECT count(*) AS n FROM "${table}"`)).n
      }
      return counts
    },
    write: async (sql, params) => void (await database.execute(sql, [...params])),
    close: () => database.close(),
  }
}

function toTable({ columns, localOnly = false }: TableSchema): Table {
  const typed = Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, column[type]]))
  return new Table(typed, { localOnly })
}

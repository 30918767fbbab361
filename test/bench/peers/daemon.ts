/** Headwater whole: the daemon on this thread, its engine in the worker, lines over HTTP. */
import { openDaemon } from '../../../src/daemon/open.ts'
import { FULL_SYNC } from '../../../src/status/status.ts'
import type { Client } from '../over-http.ts'
import { peerOf } from '../over-http.ts'
import type { Peer, PeerOptions } from '../peer.ts'

export async function open(options: PeerOptions): Promise<Peer> {
  return peerOf(await openClient(options))
}

export async function openClient({ dbPath, schema, subscriptions, params }: PeerOptions): Promise<Client> {
  let endpoint = ''
  const tables = Object.keys(schema.tables)
  const count = (table: string) => [table, { sql: `SELECT count(*) AS n FROM "${table}"` }] as const
  const daemon = await openDaemon({
    path: dbPath,
    schema,
    connector: { fetchCredentials: () => Promise.resolve({ endpoint, token: 'bench' }) },
    queries: Object.fromEntries(tables.map(count)),
  })
  for (const { name, params: wanted } of subscriptions ?? []) {
    await daemon.syncStream(name, wanted ?? null).subscribe()
  }
  return {
    name: 'daemon',
    connect(url) {
      endpoint = url
      void daemon.connect({ params: params ?? null })
    },
    lastSyncedAt: () =>
      daemon.status.priorities.find(({ priority }) => priority === FULL_SYNC)?.lastSyncedAt ?? null,
    onStatus: (changed) => daemon.onStatus(changed),
    async counts() {
      const counts: Record<string, number> = {}
      for (const table of tables) counts[table] = Number((await daemon.query(table)).rows[0]!['n'])
      return counts
    },
    write: async (sql, params) => void (await daemon.execute(sql, params)),
    close: () => daemon.close(),
  }
}

/**
 * Peers that fetch their lines themselves, over local HTTP: whole clients, with their threads and transport.
 * `peerOf` makes one into a peer that is handed its lines.
 */
import { completes } from './peer.ts'
import type { Counts, Payload, Peer } from './peer.ts'
import type { Source } from './source.ts'
import { startSource } from './source.ts'

export interface Client {
  readonly name: string
  connect(endpoint: string): void
  /** When the last full sync was published; null: never. */
  lastSyncedAt(): number | null
  /** Calls when the status changed; returns the way to stop. */
  onStatus(changed: () => void): () => void
  counts(): Promise<Counts>
  /** The user's own write: on the disk when it resolves. */
  write(sql: string, params: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Resolves with the next full sync after `before`. */
export async function nextSync(client: Client, before: number | null): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const check = () => {
    if (client.lastSyncedAt() !== before) resolve()
  }
  const stop = client.onStatus(check)
  check()
  await promise
  stop()
}

export function peerOf(client: Client): Peer {
  let source: Source | null = null
  let pending = false
  return {
    name: client.name,
    async start() {
      source = await startSource(null)
      client.connect(source.url)
    },
    async line(payload: Payload) {
      if (source === null) throw new Error('The stream was not started.')
      pending = true
      const before = client.lastSyncedAt()
      await source.send(payload)
      if (!completes(payload)) return
      await nextSync(client, before)
      pending = false
    },
    counts: () => client.counts(),
    synced: () => !pending,
    async close() {
      await client.close()
      source?.close()
    },
  }
}

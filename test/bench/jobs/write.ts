/** A whole client fetches a file over HTTP, and meanwhile the user writes: how long each write takes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../over-http.ts'
import { nextSync } from '../over-http.ts'
import type { PeerOptions } from '../peer.ts'
import { rowsSchema } from '../service.ts'
import { startSource } from '../source.ts'
import { median, percentile } from '../spread.ts'
import type { Job, Result } from './job.ts'
import { digestOfRows } from './rows.ts'

export async function runWrite(job: Extract<Job, { do: 'write' }>): Promise<Result> {
  const { dbPath, schema } = job
  const { openClient } = (await import(`../peers/${job.peer}.ts`)) as {
    openClient(options: PeerOptions): Promise<Client>
  }
  const source = await startSource(job)
  const client = await openClient({ dbPath, schema })
  try {
    const idle = await writeUntil(client, sleep(IDLE_MS))
    const began = performance.now()
    client.connect(source.url)
    let ms = 0
    const synced = nextSync(client, null).then(() => (ms = performance.now() - began))
    const busy = await writeUntil(client, synced)
    await client.close()
    return {
      figures: {
        p50: median(busy),
        p99: percentile(busy, 0.99),
        max: Math.max(...busy),
        idleP50: median(idle),
        idleP99: percentile(idle, 0.99),
        writes: busy.length,
        ms,
      },
      digest: digestOfRows(dbPath, job.peer, rowsSchema),
    }
  } finally {
    source.close()
  }
}

const IDLE_MS = 500
/** Nobody types faster, and the sync shall not be held up by the measuring. */
const PAUSE_MS = 5

/** Milliseconds of each write. */
async function writeUntil(client: Client, end: Promise<unknown>): Promise<readonly number[]> {
  let ended = false
  void end.then(() => (ended = true))
  const times: number[] = []
  do {
    const began = performance.now()
    await client.write('INSERT INTO notes(id, body) VALUES (?, ?)', [
      crypto.randomUUID(),
      'something to keep',
    ])
    times.push(performance.now() - began)
    await sleep(PAUSE_MS)
  } while (!ended)
  return times
}

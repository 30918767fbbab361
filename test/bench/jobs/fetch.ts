/** Lets a whole client fetch a file over HTTP, and watches the main thread's event loop while it does. */
import { setTimeout as sleep } from 'node:timers/promises'
import { watchDelay, watchMemory, watchWriting } from '../gauges.ts'
import { nextSync } from '../over-http.ts'
import type { Client } from '../over-http.ts'
import type { PeerOptions } from '../peer.ts'
import { startSource } from '../source.ts'
import type { Job, Result } from './job.ts'
import { digestOfRows } from './rows.ts'

export async function runFetch(job: Extract<Job, { do: 'fetch' }>): Promise<Result> {
  const { dbPath, schema } = job
  const { openClient } = (await import(`../peers/${job.peer}.ts`)) as {
    openClient(options: PeerOptions): Promise<Client>
  }
  const source = await startSource(job)
  const client = await openClient({ dbPath, schema })
  try {
    const idle = watchDelay()
    await sleep(IDLE_MS)
    const { p99: idleP99, max: idleMax } = idle()

    const memory = watchMemory()
    const writing = watchWriting()
    const delay = watchDelay()
    const began = performance.now()
    client.connect(source.url)
    await nextSync(client, null)
    const ms = performance.now() - began
    const { p99: delayP99, max: delayMax } = delay()
    const atEnd = memory()
    await client.close()
    const figures = { ms, delayP99, delayMax, idleP99, idleMax, ...atEnd, ...writing() }
    return { figures, digest: digestOfRows(dbPath, job.peer, schema) }
  } finally {
    source.close()
  }
}

const IDLE_MS = 300

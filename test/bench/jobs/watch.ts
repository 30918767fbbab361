/**
 * A daemon, its router, a WebSocket and the client of a page that watches a query: from the moment that a write is
 * on the disk to the page having its row.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { openDaemon } from '../../../src/daemon/open.ts'
import { createClient, type Client } from '../../../src/ipc/client/index.ts'
import { createRouter } from '../../../src/ipc/router.ts'
import { serveWeb, type WebHost } from '../../../src/web/serve.ts'
import { median, percentile } from '../spread.ts'
import type { Job, Result } from './job.ts'

export async function runWatch(job: Extract<Job, { do: 'watch' }>): Promise<Result> {
  const { dbPath: path, schema, rows, times } = job
  const daemon = await openDaemon({
    path,
    schema,
    connector: { fetchCredentials: () => Promise.resolve(null) },
  })
  for (let from = 0; from < rows; from += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, rows - from) }, (_, index) => `note-${from + index}`)
    await daemon.batch(ids.map((id) => ['INSERT INTO notes(id, body) VALUES (?, ?)', [id, 'as it was']]))
  }
  const directory = mkdtempSync(join(tmpdir(), 'headwater-bench-page-'))
  writeFileSync(join(directory, 'index.html'), '')
  const host = await serveWeb({ router: createRouter({ daemon }), directory })
  const client = openPage(host)
  try {
    const watched = client.liveSql('SELECT id, body FROM notes')
    const shows = async (id: string, body: string) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const check = () => {
        if (watched.getSnapshot().rows.find((row) => row['id'] === id)?.['body'] === body) resolve()
      }
      const stop = watched.subscribe(check)
      check()
      await promise
      stop()
    }
    const stay = watched.subscribe(() => undefined)
    await shows(`note-${rows - 1}`, 'as it was')
    const [writes, arrivals]: [number[], number[]] = [[], []]
    for (let n = 0; n < times; n++) {
      const id = `note-${(n * 7919) % rows}`
      const shown = shows(id, `change ${n}`)
      const began = performance.now()
      await daemon.execute('UPDATE notes SET body = ? WHERE id = ?', [`change ${n}`, id])
      const committed = performance.now()
      await shown
      writes.push(committed - began)
      arrivals.push(performance.now() - committed)
    }
    stay()
    return {
      figures: {
        p50: median(arrivals),
        p99: percentile(arrivals, 0.99),
        max: Math.max(...arrivals),
        writeP50: median(writes),
      },
      digest: null,
    }
  } finally {
    client.close()
    await host.close()
    await daemon.close()
    rmSync(directory, { recursive: true })
  }
}

const BATCH = 1000

/** A page of the host as far as its client sees one. */
function openPage({ origin, tokens }: WebHost): Client {
  class PageSocket extends WebSocket {
    constructor(url: string, protocols: string | string[]) {
      super(url, protocols, { origin })
    }
  }
  const { host } = new URL(origin)
  const storage = { getItem: () => null, setItem: () => undefined }
  Object.assign(globalThis, {
    WebSocket: PageSocket,
    location: { protocol: 'http:', host, hash: `#token=${tokens.app}`, pathname: '/', search: '' },
    history: { replaceState: () => undefined },
  })
  Object.defineProperty(globalThis, 'sessionStorage', { value: storage, configurable: true })
  return createClient()
}

/** A worker thread that serves one prepared stream over HTTP, so that making and sending it costs main nothing. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { firstSync } from './lines.ts'
import type { FirstSync } from './lines.ts'

export interface Source {
  readonly url: string
  close(): Promise<void>
}

/** Resolves when the stream is made and the server listens. */
export async function startSource(workload: FirstSync): Promise<Source> {
  const worker = new Worker(new URL(import.meta.url), { workerData: workload })
  const [port] = (await once(worker, 'message')) as [number]
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => void (await worker.terminate()),
  }
}

if (parentPort !== null) {
  const chunks: Buffer[] = []
  let pending = ''
  for (const line of firstSync(workerData as FirstSync)) {
    pending += `${line}\n`
    if (pending.length < 65_536) continue
    chunks.push(Buffer.from(pending))
    pending = ''
  }
  chunks.push(Buffer.from(pending))

  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    void (async () => {
      for (const chunk of chunks) if (!response.write(chunk)) await once(response, 'drain')
    })()
  })
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port))
}

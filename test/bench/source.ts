/**
 * A process that answers every sync request with prepared lines, so that making and sending them costs the
 * measured process nothing. It serves a file, or what it is handed line by line.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { StreamFormat } from '../../src/wire/framing.ts'
import type { Payload } from './peer.ts'

export interface SourceFile {
  readonly file: string
  readonly format: StreamFormat
}

export interface Source {
  readonly url: string
  /** Hand over one more line; resolves once it is on its way. Not for a source that serves a file. */
  send(payload: Payload): Promise<void>
  close(): void
}

/** Resolves when the server listens. */
export async function startSource(served: SourceFile | null): Promise<Source> {
  const child = fork(new URL(import.meta.url), served === null ? [] : [served.file, served.format], {
    serialization: 'advanced',
    execArgv: [],
  })
  const [port] = (await once(child, 'message')) as [number]
  return {
    url: `http://127.0.0.1:${port}`,
    send: (payload) =>
      new Promise((resolve, reject) => {
        child.send(payload, (error) => (error === null ? resolve() : reject(error)))
      }),
    close: () => void child.kill(),
  }
}

if (import.meta.main) serve(process.argv[2], process.argv[3])

function serve(file: string | undefined, format: string | undefined): void {
  const handed: Payload[] = []
  let wake = () => {}
  process.on('message', (payload: Payload) => {
    handed.push(payload)
    wake()
  })
  process.on('disconnect', () => process.exit())

  const server = createServer((request, response) => {
    request.resume()
    if (!request.url?.endsWith('/sync/stream')) return void response.writeHead(404).end()
    if (file !== undefined) {
      accept(response, format === 'bson')
      createReadStream(file, { highWaterMark: 65_536 }).pipe(response, { end: false })
    } else void pass(response)
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))

  async function pass(response: ServerResponse): Promise<void> {
    for (;;) {
      const payload = handed.shift()
      if (payload === undefined) {
        await new Promise<void>((resolve) => void (wake = resolve))
        continue
      }
      if (!response.headersSent) accept(response, typeof payload !== 'string')
      const written = response.write(typeof payload === 'string' ? `${payload}\n` : payload)
      if (!written) await once(response, 'drain')
    }
  }
}

function accept(response: ServerResponse, bson: boolean): void {
  const type = bson ? 'application/vnd.powersync.bson-stream' : 'application/x-ndjson'
  response.writeHead(200, { 'content-type': type })
}

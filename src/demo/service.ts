/**
 * The demo service: an embedded sync service with an issue tracker inside, on loopback, for first runs, demos
 * and tests. It speaks the protocol that `test/captures` recorded from a real service.
 *
 *     const demo = await startDemo({ seed: 7, simulate: false })
 *     const response = await fetch(`${demo.url}/sync/stream`, {
 *       method: 'POST',
 *       headers: { 'content-type': 'application/json', authorization: `Token ${demo.token()}` },
 *       body: '{}',
 *     })
 *     // response.body: the lines
 *     await demo.close()
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { Backend } from './backend.ts'
import { createHttp, type Call, type RecordedRequest, type Routes } from './http.ts'
import { checkpointId, checkpointRequest, parseBody, uploadRequest } from './requests.ts'
import { createSimulation } from './simulation.ts'
import { OpenStreams } from './open-streams.ts'
import { signToken, verifyToken, type Identity, type TokenOptions } from './tokens.ts'
import type { Transaction } from './transaction.ts'

export type { RecordedRequest } from './http.ts'
export type { TokenOptions } from './tokens.ts'
export type { Transaction } from './transaction.ts'

export interface DemoOptions {
  /** Default 0: a free one. */
  readonly port?: number
  /** Decides the data and the simulation. Default 1. */
  readonly seed?: number
  /** Whether other people work from the start. Default true. */
  readonly simulate?: boolean
  /**
   * Keeps changes, write checkpoints and the tokens' secret across restarts; created if absent, for one service
   * at a time. Default: everything in memory.
   */
  readonly directory?: string
  /** Seconds between keepalives, give or take 8 %. Default 20. */
  readonly keepaliveSeconds?: number
  /** Buckets of the `archive` stream. Default 10,000; 40 for a small scale. */
  readonly archiveBuckets?: number
  /** `full`: 40 projects, 5,000 issues, 20,000 comments. `small`, for tests: 6, 120 and 400. Default `full`. */
  readonly scale?: 'full' | 'small'
  /** Most buckets for one stream; more get HTTP 500 PSYNC_S2305. Default 20,000. */
  readonly bucketLimit?: number
  /** Most streams at once; more get HTTP 429. Default 200. */
  readonly streamLimit?: number
  /** Told about failures inside the service, one line each. Default: nobody. */
  readonly log?: (line: string) => void
}

export interface DemoService {
  /** `http://127.0.0.1:<port>`: the endpoint for credentials. */
  readonly url: string
  readonly port: number
  /** A token that this service accepts. Default: the person that the app is signed in as, for an hour. */
  token(options?: TokenOptions): string
  /** Stops the simulation; `resume` starts it again. Streams go on. */
  pause(): void
  resume(): void
  /**
   * Makes a change at once: `demo.change((tx) => tx.patch('issues', 'issue-00001', { status: 'done' }))`. What
   * `fn` leaves behind is one commit; if it throws, nothing happened.
   */
  change(fn: (transaction: Transaction) => void): void
  /** Replaces superseded ops by MOVE and CLEAR, as a real service does now and then. */
  compact(): void
  /** The latest requests, oldest first, at most 30. */
  readonly requests: readonly RecordedRequest[]
  /** How many streams are open. */
  readonly openStreams: number
  /** Resets all open streams, as a service does that is shut down. */
  dropConnections(): void
  /** Resets the streams, frees the port and closes the journal. May be called again. */
  close(): Promise<void>
}

const requestsKept = 30

/** Starts the service. Rejects when the port is taken or the directory's journal is damaged. */
export async function startDemo(options: DemoOptions = {}): Promise<DemoService> {
  const { port = 0, seed = 1, simulate = true, scale = 'full', log = () => {} } = options
  const backend = new Backend({
    seed,
    scale,
    archiveBuckets: options.archiveBuckets ?? (scale === 'full' ? 10_000 : 40),
    directory: options.directory ?? null,
    onCommit: (commit) => open.noteCommit(commit),
    onWriteCheckpoint: (client) => open.noteWriteCheckpoint(client),
  })
  const open = new OpenStreams(backend, {
    keepaliveSeconds: options.keepaliveSeconds ?? 20,
    bucketLimit: options.bucketLimit ?? 20_000,
    streamLimit: options.streamLimit ?? 200,
  })
  const simulation = createSimulation({
    seed: seed + backend.simulatedBefore,
    store: backend.store,
    watched: () => open.watched,
    write: (change) => {
      try {
        backend.write('simulation', change)
      } catch (error) {
        log(`A simulated change failed: ${String(error)}`)
      }
    },
  })
  const requests: RecordedRequest[] = []
  const record = (request: RecordedRequest) => {
    requests.push(request)
    if (requests.length > requestsKept) requests.shift()
  }
  const server = createHttp({ routes: routesOf(backend, open), record, log })

  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    backend.close()
    throw error
  }
  if (simulate) simulation.resume()

  const address = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = async () => {
    simulation.pause()
    open.drop()
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
    backend.close()
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    token: (tokenOptions) => signToken(backend.secret, tokenOptions),
    pause: () => simulation.pause(),
    resume: () => simulation.resume(),
    change: (fn) => backend.write('test', fn),
    compact: () => backend.store.compact(),
    requests,
    get openStreams() {
      return open.count
    },
    dropConnections: () => open.drop(),
    close: () => (closing ??= close()),
  }
}

function routesOf(backend: Backend, open: OpenStreams): Routes {
  const signedIn = (answer: (identity: Identity, call: Call) => unknown) => (call: Call) =>
    answer(verifyToken(backend.secret, call.request.headers.authorization), call)

  return {
    'POST /sync/stream': signedIn((identity, call) => open.serve(identity, call)),
    'GET /write-checkpoint2.json': signedIn(({ userId }, { query }) => {
      const id = backend.requestCheckpoint({ userId, clientId: query.get('client_id') ?? '' })
      return { data: { write_checkpoint: String(id) } }
    }),
    'POST /sync/checkpoint-request': signedIn(({ userId }, { body }) => {
      const { client_id: clientId = '', checkpoint_request_id: wanted } = parseBody(checkpointRequest, body)
      const id = backend.requestCheckpoint({ userId, clientId }, checkpointId(wanted))
      return { data: { checkpoint_request_id: String(id) } }
    }),
    'POST /upload': signedIn(({ userId }, { body }) => ({
      data: backend.upload(userId, parseBody(uploadRequest, body)),
    })),
    'GET /probes/liveness': () => ({ ready: true, started: true, touched_at: new Date().toISOString() }),
  }
}

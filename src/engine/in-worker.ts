/**
 * The engine in a worker thread and the named queries in another, seen from the daemon's thread. Either may
 * die or hang; every call settles all the same.
 */
import { Worker } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import type { BirpcReturn } from 'birpc'
import { EngineError } from './face.ts'
import type { EngineFace, FaceOptions, FacePorts } from './face.ts'
import { hostCalls } from './host.ts'
import type { EngineCalls, HostCalls, ReadCalls, WorkerData } from './messages.ts'
import { unwrap } from './result.ts'

/** A thread that has not closed its database by then is ended. */
const CLOSE_MS = 1500

/**
 * Starts both threads and opens the database. Rejects with an `EngineError` when it cannot be opened.
 * `workerPath` names `worker.ts` where a bundler moved it.
 */
export async function inWorker(
  options: FaceOptions,
  ports: FacePorts,
  workerPath: string | URL,
): Promise<EngineFace> {
  const start = <Calls extends EngineCalls | ReadCalls>(data: WorkerData, host: Partial<HostCalls>) =>
    startThread<Calls>(workerPath, data, host, ports.onFailed)
  const host = hostCalls(ports)
  const engine = start<EngineCalls>(
    { kind: 'engine', options, mainTransport: ports.transport !== null },
    host.calls,
  )
  const reads = start<ReadCalls>({ kind: 'reads', options }, {})
  const close = async (): Promise<void> => {
    host.cancelAll()
    await Promise.all([engine.close(), reads.close()])
  }
  try {
    unwrap(await engine.calls.open())
    unwrap(await reads.calls.open())
  } catch (error) {
    await close()
    throw error
  }
  return {
    connect: async (stream) => unwrap(await engine.calls.connect(stream)),
    disconnect: async () => unwrap(await engine.calls.disconnect()),
    subscribe: async (subscribe) => unwrap(await engine.calls.subscribe(subscribe)),
    release: async (key, holder) => unwrap(await engine.calls.release(key, holder)),
    unsubscribeAll: async (key) => unwrap(await engine.calls.unsubscribeAll(key)),
    read: async (name, parameters) => unwrap(await reads.calls.read(name, parameters)),
    trace: async () => unwrap(await engine.calls.trace()),
    close,
  }
}

interface Thread<Calls extends object> {
  readonly calls: BirpcReturn<Calls, Partial<HostCalls>>
  close(): Promise<void>
}

function startThread<Calls extends EngineCalls | ReadCalls>(
  workerPath: string | URL,
  data: WorkerData,
  host: Partial<HostCalls>,
  onFailed: (error: EngineError) => void,
): Thread<Calls> {
  const worker = new Worker(workerPath, { workerData: data, name: `headwater ${data.kind}` })
  const calls = createBirpc<Calls, Partial<HostCalls>>(host, {
    post: (message) => worker.postMessage(message),
    on: (listener) => void worker.on('message', listener),
    timeout: -1,
  })
  let closing: Promise<void> | null = null
  const failed = (message: string, cause?: unknown): void => {
    const error = new EngineError(
      closing === null
        ? { code: 'engine_failed', message }
        : { code: 'closed', message: 'The daemon is closed.' },
      cause,
    )
    calls.$close(error)
    if (closing === null) onFailed(error)
  }
  worker.once('error', (cause) =>
    failed('The engine stopped because of an error. Opening it again is safe.', cause),
  )
  worker.once('exit', () => failed('The engine stopped. Opening it again is safe.'))
  const end = async (): Promise<void> => {
    const late = new Promise<void>((resolve) => void setTimeout(resolve, CLOSE_MS).unref())
    await Promise.race([calls.close().catch(() => undefined), late])
    // A thread inside a long SQL statement cannot be stopped: do not wait for it.
    const stopped = worker.terminate()
    worker.unref()
    await Promise.race([stopped, late])
    calls.$close(new EngineError({ code: 'closed', message: 'The daemon is closed.' }))
  }
  return { calls, close: () => (closing ??= end()) }
}

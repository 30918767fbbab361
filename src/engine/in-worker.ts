/**
 * The engine in a worker thread and the named queries in another, seen from the daemon's thread. Either may
 * die or hang; every call settles all the same.
 */
import { Worker } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import type { BirpcReturn } from 'birpc'
import { EngineError } from './face.ts'
import type { EngineFace, EngineOperations, FaceOptions, FacePorts, ReadOperations } from './face.ts'
import { hostCalls } from './host.ts'
import type { EngineCalls, HostCalls, ReadCalls, WorkerData } from './messages.ts'
import { engineOperations, operationsBy, readOperations } from './operations.ts'
import { unwrap } from './result.ts'
import type { Result } from './result.ts'

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
  const host = hostCalls(ports)
  const start = <Calls extends EngineCalls | ReadCalls>(data: WorkerData, calls: Partial<HostCalls>) =>
    startThread<Calls>(workerPath, data, calls, ports.onFailed)
  const engine = start<EngineCalls>(
    {
      kind: 'engine',
      options,
      mainTransport: ports.transport !== null,
      uploads: ports.uploadData !== null,
    },
    host.calls,
  )
  const reads = start<ReadCalls>({ kind: 'reads', options }, {})
  const close = async (): Promise<void> => {
    host.cancelAll()
    await Promise.all([engine.close(), reads.close()])
  }
  try {
    await engine.ask((calls) => calls.open())
    await reads.ask((calls) => calls.open())
  } catch (error) {
    await close()
    throw error
  }
  return {
    ...operationsBy<EngineOperations>(engineOperations, (name, parameters) =>
      engine.ask((calls) => Reflect.apply(calls[name], calls, parameters)),
    ),
    ...operationsBy<ReadOperations>(readOperations, (name, parameters) =>
      reads.ask((calls) => Reflect.apply(calls[name], calls, parameters)),
    ),
    close,
  }
}

interface Thread<Calls extends object> {
  /** Ask the thread. Rejects with an `EngineError`: its own, or why it is gone. */
  ask<T>(call: (calls: BirpcReturn<Calls, Partial<HostCalls>>) => Promise<Result<T>>): Promise<T>
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
  /** Why no call is answered any more. */
  let gone: EngineError | null = null
  let closing: Promise<void> | null = null

  const failed = (message: string, cause?: unknown): void => {
    if (gone !== null) return
    gone = new EngineError({ code: 'engine_failed', message }, cause)
    calls.$close(gone)
    onFailed(gone)
  }
  const exited = new Promise<'exited'>((resolve) => void worker.once('exit', () => resolve('exited')))
  worker.once('error', (cause) =>
    failed('The engine stopped because of an error. Opening it again is safe.', cause),
  )
  void exited.then(() => failed('The engine stopped. Opening it again is safe.'))

  const end = async (): Promise<void> => {
    if (gone === null) void calls.close().catch(() => undefined)
    gone ??= new EngineError({ code: 'closed', message: 'The daemon is closed.' })
    const late = new Promise<'late'>((resolve) => void setTimeout(() => resolve('late'), CLOSE_MS).unref())
    // A thread inside a long SQL statement cannot be stopped, only left alone.
    if ((await Promise.race([exited, late])) === 'late') void worker.terminate()
    worker.unref()
    calls.$close(gone)
  }
  return {
    ask: async (call) => {
      if (gone !== null) throw gone
      return unwrap(await call(calls))
    },
    close: () => (closing ??= end()),
  }
}

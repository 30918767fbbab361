/** A worker thread behind calls. It may die or hang; every call settles all the same. */
import { Worker } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import type { BirpcReturn } from 'birpc'
import type { ErrorInfo } from '../status/status.ts'
import { EngineError } from './face.ts'
import type { CareCalls, EngineCalls, HostCalls, ReadCalls, WorkerData } from './messages.ts'
import { unwrap } from './result.ts'
import type { Result } from './result.ts'

/** A thread that has not closed its database by then is ended. */
const CLOSE_MS = 1500

/**
 * What dies young in a thread, mostly decoded lines, in MiB. Left alone, V8 lets it grow to a hundred as long as
 * lines come, and keeps it.
 */
const YOUNG_MIB = 24

export interface Thread<Calls extends object> {
  /** Ask the thread. Rejects with an `EngineError`: its own, or why it is gone. */
  ask<T>(call: (calls: BirpcReturn<Calls, Partial<HostCalls>>) => Promise<Result<T>>): Promise<T>
  /** Every later call fails with the reason, unless it had one before. Settles within 2 s. */
  close(reason: EngineError): Promise<void>
  /** Why it ended by itself. Resolves after its end, when its files are free again; else never. */
  readonly failed: Promise<EngineError>
}

export interface ThreadOptions {
  readonly workerPath: string | URL
  readonly data: WorkerData
  /** What the thread may call here. */
  readonly host: Partial<HostCalls>
  /** The error of a thread that ended by itself. */
  readonly failure: ErrorInfo
}

export function startThread<Calls extends EngineCalls | ReadCalls | CareCalls>(
  options: ThreadOptions,
): Thread<Calls> {
  const { workerPath, data, host, failure } = options
  const worker = new Worker(workerPath, {
    workerData: data,
    name: `headwater ${data.kind}`,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  })
  const calls = createBirpc<Calls, Partial<HostCalls>>(host, {
    post: (message) => worker.postMessage(message),
    on: (listener) => void worker.on('message', listener),
    timeout: -1,
  })
  /** Why no call is answered any more. */
  let gone: EngineError | null = null
  let closing: Promise<void> | null = null
  const failed = Promise.withResolvers<EngineError>()
  const exited = Promise.withResolvers<'exited'>()

  const fail = (cause?: unknown): void => {
    if (gone !== null) return
    const error = new EngineError(failure, cause)
    gone = error
    calls.$close(error)
    void exited.promise.then(() => failed.resolve(error))
  }
  worker.once('error', fail)
  worker.once('exit', () => {
    exited.resolve('exited')
    fail()
  })

  const end = async (reason: EngineError): Promise<void> => {
    if (gone === null) void calls.close().catch(() => undefined)
    gone ??= reason
    const { promise: late, resolve } = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => resolve('late'), CLOSE_MS).unref()
    // A thread inside a long SQL statement cannot be stopped, only left alone.
    if ((await Promise.race([exited.promise, late])) === 'late') void worker.terminate()
    clearTimeout(timer)
    worker.unref()
    calls.$close(gone)
  }
  return {
    ask: async (call) => {
      if (gone !== null) throw gone
      return unwrap(await call(calls))
    },
    close: (reason) => (closing ??= end(reason)),
    failed: failed.promise,
  }
}

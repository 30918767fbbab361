/**
 * The engine in a worker thread and the app's reads in another, seen from the daemon's thread. Without the engine
 * there is nothing: the readers end with it. They keep nothing that is not on disk, so they are started anew.
 */
import { careInThreads } from './care.ts'
import { EngineError } from './face.ts'
import type { EngineFace, EngineOperations, FaceOptions, FacePorts, ReadOperations } from './face.ts'
import { hostCalls } from './host.ts'
import type { CareCalls, EngineCalls, ReadCalls } from './messages.ts'
import { engineOperations, operationsBy, readOperations } from './operations.ts'
import { startThread } from './thread.ts'
import type { Thread } from './thread.ts'

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
  const engine = startThread<EngineCalls>({
    workerPath,
    data: {
      kind: 'engine',
      options,
      mainTransport: ports.transport !== null,
      uploads: ports.uploadData !== null,
    },
    host: { ...host.calls, longLog: () => void care.copyLog() },
    failure: {
      code: 'engine_failed',
      message: 'The engine stopped because of an error. Opening it again is safe.',
    },
  })
  const readers = new Readers(
    () =>
      startThread<ReadCalls>({
        workerPath,
        data: { kind: 'reads', options },
        host: {},
        failure: READERS_FAILED,
      }),
    (error) => ports.onLog('warning', error.message),
  )
  const care = careInThreads(() =>
    startThread<CareCalls>({ workerPath, data: { kind: 'care', options }, host: {}, failure: CARE_FAILED }),
  )
  const close = async (): Promise<void> => {
    const reason = new EngineError({ code: 'closed', message: 'The daemon is closed.' })
    host.cancelAll()
    await Promise.all([engine.close(reason), readers.close(reason), care.close()])
  }
  try {
    await engine.ask((calls) => calls.open())
    await readers.open()
  } catch (error) {
    await close()
    throw error
  }
  void engine.failed.then(async (error) => {
    host.cancelAll()
    await readers.close(error)
    ports.onFailed(error)
  })
  return {
    ...operationsBy<EngineOperations>(engineOperations, (name, parameters) =>
      engine.ask((calls) => Reflect.apply(calls[name], calls, parameters)),
    ),
    ...operationsBy<ReadOperations>(readOperations, (name, parameters) =>
      readers.ask((calls) => Reflect.apply(calls[name], calls, parameters)),
    ),
    backUp: care.backUp,
    checkIntegrity: care.checkIntegrity,
    close,
  }
}

const CARE_FAILED = {
  code: 'care_failed',
  message: 'The thread that took care of the database stopped because of an error. Trying again is safe.',
}

const READERS_FAILED = {
  code: 'readers_failed',
  message: 'The readers stopped because of an error. Reading again is safe.',
}

type ReadThread = Thread<ReadCalls>

/** One thread at a time. One that died is replaced when somebody asks again, so that none dies in a loop. */
class Readers {
  readonly #start: () => ReadThread
  readonly #onFailed: (error: EngineError) => void
  #thread: ReadThread | null
  #opening: Promise<ReadThread> | null = null
  #closed: EngineError | null = null

  /** Starts the first thread; `open` opens it. */
  constructor(start: () => ReadThread, onFailed: (error: EngineError) => void) {
    this.#start = start
    this.#onFailed = onFailed
    this.#thread = this.#begin()
  }

  /** Rejects with an `EngineError` when the database cannot be opened. */
  open(): Promise<ReadThread> {
    return (this.#opening ??= this.#open())
  }

  ask: ReadThread['ask'] = async (call) => await (await this.open()).ask(call)

  async close(reason: EngineError): Promise<void> {
    this.#closed = reason
    await this.#thread?.close(reason)
  }

  async #open(): Promise<ReadThread> {
    if (this.#closed !== null) throw this.#closed
    const thread = (this.#thread ??= this.#begin())
    try {
      await thread.ask((calls) => calls.open())
      return thread
    } catch (error) {
      // The next question tries again.
      if (this.#thread === thread) this.#opening = null
      throw error
    }
  }

  #begin(): ReadThread {
    const thread = this.#start()
    void thread.failed.then((error) => {
      this.#forget(thread)
      this.#onFailed(error)
    })
    return thread
  }

  #forget(thread: ReadThread): void {
    if (this.#thread !== thread) return
    this.#thread = null
    this.#opening = null
  }
}

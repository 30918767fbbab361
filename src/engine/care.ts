/**
 * Care of the database file. It takes as long as the file is large, so each task has a thread of its own, which
 * ends with it: neither the engine nor a read waits.
 */
import type { BirpcReturn } from 'birpc'
import { backUp, copyLog, examine } from '../storage/care.ts'
import { EngineError } from './face.ts'
import type { CareOperations, FaceOptions } from './face.ts'
import type { CareCalls, HostCalls } from './messages.ts'
import { fileOptionsOf } from './file-options.ts'
import type { Result } from './result.ts'
import type { Thread } from './thread.ts'

export interface Care extends CareOperations {
  /** Copies the write-ahead log into the file, as far as that can be done now. Never rejects. */
  copyLog(): Promise<void>
  /** Gives up what runs. Settles within 2 s; the thread of an examination ends when that does. */
  close(): Promise<void>
}

/** Each task in a thread that `start` starts. */
export function careInThreads(start: () => Thread<CareCalls>): Care {
  const running = new Set<Thread<CareCalls>>()
  let closed = false
  const run = async <T>(
    task: (calls: BirpcReturn<CareCalls, Partial<HostCalls>>) => Promise<Result<T>>,
    signal: AbortSignal | null,
  ): Promise<T> => {
    if (closed) throw CLOSED
    const thread = start()
    running.add(thread)
    const giveUp = () => void thread.close(GIVEN_UP)
    if (signal?.aborted) giveUp()
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      return await thread.ask(task)
    } finally {
      signal?.removeEventListener('abort', giveUp)
      await thread.close(GIVEN_UP)
      running.delete(thread)
    }
  }
  return {
    backUp: (to, signal) => run((calls) => calls.backUp(to), signal),
    checkIntegrity: () => run((calls) => calls.checkIntegrity(), null),
    // Should it fail, the log stays and nothing is lost: a later commit of the engine copies it.
    copyLog: () => run((calls) => calls.copyLog(), null).catch(() => undefined),
    async close() {
      closed = true
      await Promise.all([...running].map((thread) => thread.close(CLOSED)))
    },
  }
}

/** On this thread: what such a thread does, and an engine that has none. */
export function careHere(options: Pick<FaceOptions, 'path' | 'nativeBinding' | 'encryption'>): Care {
  const { path } = options
  const file = fileOptionsOf(options)
  const closed = new AbortController()
  return {
    backUp: (to, signal) =>
      backUp(path, to, { ...file, signal: AbortSignal.any([closed.signal, ...(signal ? [signal] : [])]) }),
    checkIntegrity: async () => examine(path, file),
    copyLog: async () => copyLog(path, file),
    close: async () => closed.abort(CLOSED),
  }
}

const GIVEN_UP = new EngineError({ code: 'aborted', message: 'It was given up.' })
const CLOSED = new EngineError({ code: 'closed', message: 'The daemon is closed.' })

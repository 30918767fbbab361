/**
 * The demo service in a worker thread, seen from the main thread: the same face, with promises.
 *
 * Invariant: every call settles; when the worker stops by itself, all of them reject with `DemoStopped`.
 */
import { Worker } from 'node:worker_threads'

import { entryBeside } from '../entry.ts'
import type { DemoOptions, TokenOptions } from './service.ts'

/** `DemoService`, as far as it can cross a thread. */
export interface DemoWorker {
  readonly url: string
  readonly port: number
  token(options?: TokenOptions): Promise<string>
  pause(): Promise<void>
  resume(): Promise<void>
  dropConnections(): Promise<void>
  /** Ends the service and its thread. May be called again. */
  close(): Promise<void>
}

/** The worker could not start the service, or has ended. */
export class DemoStopped extends Error {
  readonly code = 'demo_stopped'
}

type Call =
  | { readonly kind: 'token'; readonly options: TokenOptions }
  | { readonly kind: 'pause' | 'resume' | 'dropConnections' | 'close' }

export type WorkerCall = Call & { readonly id: number }

export type WorkerAnswer =
  | { readonly kind: 'ready'; readonly url: string; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'done'; readonly id: number; readonly value?: string | void; readonly error?: string }

export interface DemoWorkerOptions extends DemoOptions {
  /** The file that `headwater/demo-worker` was bundled into. Default: as it lies in the package. */
  readonly workerPath?: string | URL
}

/**
 * Starts `startDemo(options)` in a worker.
 *
 * @example
 * const demo = await startDemoInWorker({ directory: join(app.getPath('userData'), 'demo') })
 */
export async function startDemoInWorker(options: DemoWorkerOptions = {}): Promise<DemoWorker> {
  const { log = () => {}, workerPath = entryBeside(import.meta.url, './worker'), ...workerData } = options
  const worker = new Worker(workerPath, { workerData })
  const waiting = new Map<number, PromiseWithResolvers<string | void>>()
  const ready = Promise.withResolvers<{ readonly url: string; readonly port: number }>()
  let stopped: DemoStopped | null = null
  let nextId = 1

  const stop = (reason: DemoStopped) => {
    stopped ??= reason
    ready.reject(stopped)
    for (const { reject } of waiting.values()) reject(stopped)
    waiting.clear()
  }
  worker.on('error', (cause) => stop(new DemoStopped('The demo service failed', { cause })))
  worker.on('exit', () => stop(new DemoStopped('The demo service has ended')))
  worker.on('message', (answer: WorkerAnswer) => {
    switch (answer.kind) {
      case 'ready':
        return ready.resolve(answer)
      case 'failed':
        return stop(new DemoStopped(`The demo service could not start: ${answer.message}`))
      case 'log':
        return log(answer.line)
      case 'done': {
        const call = waiting.get(answer.id)
        waiting.delete(answer.id)
        if (answer.error === undefined) return call?.resolve(answer.value)
        return call?.reject(new Error(answer.error))
      }
    }
  })

  const ask = (call: Call): Promise<string | void> => {
    if (stopped !== null) return Promise.reject(stopped)
    const id = nextId
    nextId += 1
    const answer = Promise.withResolvers<string | void>()
    waiting.set(id, answer)
    worker.postMessage({ ...call, id } satisfies WorkerCall)
    return answer.promise
  }
  const close = async () => {
    if (stopped !== null) return
    await ask({ kind: 'close' })
    await worker.terminate()
  }

  const { url, port } = await ready.promise
  let closing: Promise<void> | undefined
  return {
    url,
    port,
    token: async (tokenOptions = {}) => String(await ask({ kind: 'token', options: tokenOptions })),
    pause: async () => void (await ask({ kind: 'pause' })),
    resume: async () => void (await ask({ kind: 'resume' })),
    dropConnections: async () => void (await ask({ kind: 'dropConnections' })),
    close: () => (closing ??= close()),
  }
}

/** The daemon's side of the calls that the engine's thread makes: the app's functions run here. */
import { TransportError } from '../connector/connector.ts'
import type { ByteStream, Connector } from '../connector/connector.ts'
import type { FacePorts } from './face.ts'
import { checkpointUnsupported } from './upload/checkpoint-request.ts'
import type { HostCalls } from './messages.ts'
import { errorInfo, settle } from './result.ts'
import type { Result } from './result.ts'

/** The app has this long to answer with credentials. */
const CREDENTIALS_MS = 30_000

export interface Host {
  readonly calls: Omit<HostCalls, 'longLog'>
  /** Abort everything that runs. */
  cancelAll(): void
}

export function hostCalls(ports: FacePorts): Host {
  const running = new Map<number, AbortController>()
  const streams = new Map<number, AsyncIterator<Uint8Array>>()

  const cancel = (id: number): void => {
    running.get(id)?.abort(new Error('The engine wants no answer any more.'))
    running.delete(id)
    const stream = streams.get(id)
    streams.delete(id)
    if (stream !== undefined) void giveBack(stream)
  }
  const begin = (id: number): AbortSignal => {
    const abort = new AbortController()
    running.set(id, abort)
    return abort.signal
  }

  return {
    calls: {
      fetchCredentials: async (id) => {
        const answer = await settle(() => withDeadline(ports.fetchCredentials, begin(id)))
        running.delete(id)
        return answer
      },
      openStream: async (id, credentials, request) => {
        const signal = begin(id)
        const opened = await settleTransport(async () => {
          if (ports.transport === null) throw new TransportError('unreachable', 'There is no transport.')
          return await ports.transport.open({ credentials, request, signal })
        })
        if (!opened.ok) {
          running.delete(id)
          return opened
        }
        const { format, chunks } = opened.value
        streams.set(id, chunks[Symbol.asyncIterator]())
        if (signal.aborted) cancel(id)
        return { ok: true, value: format } satisfies Result<ByteStream['format']>
      },
      pull: async (id) => {
        const chunk = await settleTransport(async () => {
          const next = await streams.get(id)?.next()
          return next === undefined || next.done ? null : next.value
        })
        if (!chunk.ok || chunk.value === null) cancel(id)
        return chunk
      },
      requestCheckpoint: async (id, credentials, clientId, requestId) => {
        const signal = begin(id)
        const answer = await settleTransport(async () => {
          const ask = ports.transport?.requestCheckpoint?.bind(ports.transport)
          if (ask === undefined) throw checkpointUnsupported()
          return await ask({ credentials, clientId, id: requestId, signal })
        })
        running.delete(id)
        return answer
      },
      uploadData: async (id, call) => {
        const signal = begin(id)
        const answer = await settle(async () => {
          if (ports.uploadData === null) throw new Error('The app uploads nothing.')
          return await ports.uploadData(call, signal)
        })
        running.delete(id)
        return answer
      },
      cancel,
      status: ports.onStatus,
      tables: ports.onTables,
      reached: ports.onReached,
      log: ports.onLog,
    },
    cancelAll() {
      for (const id of running.keys()) cancel(id)
    },
  }
}

/** A generator that waits for its next chunk takes this up after it; nobody waits for that. */
async function giveBack(stream: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await stream.return?.()
  } catch {
    // It is over either way.
  }
}

/** The app's answer, or an error after 30 s, whether the app listens to its signal or not. */
export async function withDeadline(
  fetchCredentials: Connector['fetchCredentials'],
  signal: AbortSignal,
): ReturnType<Connector['fetchCredentials']> {
  const deadline = AbortSignal.timeout(CREDENTIALS_MS)
  const either = AbortSignal.any([signal, deadline])
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () =>
    reject(
      signal.aborted ? signal.reason : new Error(`there was no answer within ${CREDENTIALS_MS / 1000} s.`),
    )
  if (either.aborted) onAbort()
  else either.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([fetchCredentials({ signal: either }), promise])
  } finally {
    either.removeEventListener('abort', onAbort)
    promise.catch(() => undefined)
  }
}

/** As `settle`, keeping what a `TransportError` knows of waiting. */
async function settleTransport<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    const info = errorInfo(error)
    const retryAfterSeconds = error instanceof TransportError ? error.retryAfterSeconds : null
    return {
      ok: false,
      error: retryAfterSeconds === null ? info : Object.assign(info, { retryAfterSeconds }),
    }
  }
}

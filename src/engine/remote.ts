/** The app's functions, seen from the engine's thread: calls with an id, cancelled by it. */
import type { BirpcReturn } from 'birpc'
import { TransportError } from '../connector/connector.ts'
import type { Connector, Transport, TransportErrorCode } from '../connector/connector.ts'
import type { UploadPort } from './face.ts'
import type { HostCalls } from './messages.ts'
import type { Result } from './result.ts'
import { unwrap } from './result.ts'

type Host = Pick<
  BirpcReturn<HostCalls>,
  'fetchCredentials' | 'openStream' | 'pull' | 'requestCheckpoint' | 'uploadData' | 'cancel'
>

let ids = 0

/** Ask the app for credentials, on its own thread. */
export function remoteCredentials(host: Host): Connector['fetchCredentials'] {
  return async ({ signal }) => {
    const id = ++ids
    return unwrap(await cancellable(host, id, signal, host.fetchCredentials(id)))
  }
}

/** Have the app upload, on its own thread. */
export function remoteUpload(host: Host): UploadPort {
  return async (call, signal) => {
    const id = ++ids
    return unwrap(await cancellable(host, id, signal, host.uploadData(id, call)))
  }
}

/** Fetch by the app's transport: main opens the stream, this side pulls one chunk ahead. */
export function remoteTransport(host: Host): Transport {
  return {
    async open({ credentials, request, signal }) {
      const id = ++ids
      const opened = await cancellable(host, id, signal, host.openStream(id, credentials, request))
      const cancel = () => void host.cancel(id)
      // Also when nobody pulls, or nobody any more.
      if (signal.aborted) cancel()
      else signal.addEventListener('abort', cancel, { once: true })
      const pull = () => cancellable(host, id, signal, host.pull(id))
      return { format: unwrapTransport(opened), chunks: pullChunks(pull, cancel) }
    },
    async requestCheckpoint({ credentials, clientId, id: requestId, signal }) {
      const id = ++ids
      const answer = host.requestCheckpoint(id, credentials, clientId, requestId)
      const settled = await cancellable(host, id, signal, answer)
      const isOurs = settled.ok || Object.hasOwn(transportCodes, settled.error.code)
      return isOurs ? unwrapTransport(settled) : unwrap(settled)
    },
  }
}

async function* pullChunks(
  pull: () => Promise<Result<Uint8Array | null>>,
  cancel: () => void,
): AsyncGenerator<Uint8Array> {
  let next = pull()
  try {
    for (;;) {
      const chunk = unwrapTransport(await next)
      if (chunk === null) return
      next = pull()
      yield chunk
    }
  } finally {
    next.catch(() => undefined)
    cancel()
  }
}

/** The answer, or the signal's reason as soon as it aborts: the other side is told, and not waited for. */
async function cancellable<T>(host: Host, id: number, signal: AbortSignal, answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    void host.cancel(id)
    reject(signal.reason)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([answer, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    promise.catch(() => undefined)
    answer.catch(() => undefined)
  }
}

const transportCodes: { readonly [K in TransportErrorCode]: true } = {
  unauthorized: true,
  unreachable: true,
  rejected: true,
  not_a_sync_service: true,
  request_too_large: true,
  broken: true,
  silent: true,
}

function unwrapTransport<T>(result: Result<T>): T {
  if (result.ok) return result.value
  const { code, message, retryAfterSeconds } = result.error as typeof result.error & {
    retryAfterSeconds?: number
  }
  if (!Object.hasOwn(transportCodes, code)) {
    throw new TransportError('broken', `The transport failed: ${message}`)
  }
  throw new TransportError(code as TransportErrorCode, message, {
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}

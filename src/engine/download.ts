/**
 * The life of one stream: credentials, request, bytes, payloads, end. It decides nothing about the protocol
 * and hands everything over in order, waiting while the engine is behind.
 */
import { TransportError } from '../connector/connector.ts'
import type { Credentials, Transport } from '../connector/connector.ts'
import type { ErrorInfo } from '../status/status.ts'
import type { EndReason } from '../sync/event.ts'
import { WireError } from '../wire/error.ts'
import { createFramer } from '../wire/framing.ts'
import type { Payload } from '../wire/line.ts'
import type { SyncRequest } from '../wire/request.ts'
import type { CredentialStore } from './credentials.ts'
import { EngineError } from './face.ts'
import { errorInfo } from './result.ts'

/** The service may ask for a longer wait; a client that is sent away for days never notices that it may return. */
const LONGEST_RETRY_AFTER_S = 3600

/** Who takes what a stream brings. After `ended` or `malformed` nothing more comes. */
export interface DownloadSink {
  /** The service answered, to these credentials. */
  established(used: Credentials): void
  /** Resolves when there is room for more. */
  payloads(payloads: readonly Payload[]): Promise<void>
  malformed(error: ErrorInfo): void
  ended(reason: EndReason): void
}

export interface DownloadOptions {
  readonly request: SyncRequest
  readonly credentials: CredentialStore
  readonly transport: Transport
  readonly sink: DownloadSink
  /** Aborting it ends the download without a word to the sink. */
  readonly signal: AbortSignal
}

/** Run one stream to its end. Never rejects. */
export async function download(options: DownloadOptions): Promise<void> {
  const { request, credentials, transport, sink, signal } = options
  try {
    const { format, chunks, used } = await credentials.use(
      async (fresh) => ({ ...(await transport.open({ credentials: fresh, request, signal })), used: fresh }),
      signal,
    )
    if (signal.aborted) {
      await chunks[Symbol.asyncIterator]().return?.()
      return
    }
    sink.established(used)
    const framer = createFramer(format)
    for await (const chunk of chunks) {
      signal.throwIfAborted()
      const payloads = framer.push(chunk)
      if (payloads.length > 0) await sink.payloads(payloads)
      signal.throwIfAborted()
    }
    const rest = framer.end()
    if (rest.length > 0) await sink.payloads(rest)
    if (!signal.aborted) sink.ended({ kind: 'closed' })
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof WireError) sink.malformed({ code: 'protocol', message: error.message })
    else sink.ended(endReason(error))
  }
}

/** Why the stream ended, by what was thrown: by the transport, or by the fetch of credentials. */
function endReason(error: unknown): EndReason {
  if (error instanceof TransportError) {
    const seconds = error.retryAfterSeconds
    const retryAfter = seconds === null ? null : Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1000
    return { kind: 'failed', error: errorInfo(error), retryAfter }
  }
  if (error instanceof EngineError) return { kind: 'failed', error: errorInfo(error), retryAfter: null }
  const message = `The transport failed: ${errorInfo(error).message}`
  return { kind: 'failed', error: { code: 'broken', message }, retryAfter: null }
}

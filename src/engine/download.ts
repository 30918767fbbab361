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
import { withoutTokens } from './redact.ts'

/** Who takes what a stream brings. After `ended` or `malformed` nothing more comes. */
export interface DownloadSink {
  established(): void
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
    const open = (fresh: Credentials) => transport.open({ credentials: fresh, request, signal })
    const stream = await credentials.use(open, signal)
    signal.throwIfAborted()
    sink.established()
    const framer = createFramer(stream.format)
    for await (const chunk of stream.chunks) {
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
    else sink.ended(failure(error))
  }
}

function failure(error: unknown): EndReason {
  if (error instanceof TransportError) {
    const retryAfter = error.retryAfterSeconds === null ? null : error.retryAfterSeconds * 1000
    return { kind: 'failed', error: { code: error.code, message: error.message }, retryAfter }
  }
  const said = withoutTokens(error instanceof Error ? error.message : String(error))
  return {
    kind: 'failed',
    error: { code: 'credentials_failed', message: `The app could not fetch credentials: ${said}` },
    retryAfter: null,
  }
}

/**
 * Asks the service for the id that a later checkpoint carries: it proves that the service has seen everything
 * that was there before.
 */
import type { Transport } from '../../connector/connector.ts'
import type { OpId } from '../../wire/line.ts'
import type { CredentialStore } from '../credentials.ts'
import { EngineError } from '../face.ts'
import type { CheckpointMode } from '../face.ts'

export interface CheckpointRequestOptions {
  readonly mode: CheckpointMode
  readonly clientId: string
  readonly transport: Transport
  readonly credentials: CredentialStore
  readonly signal: AbortSignal
  /** The next id of this client's own count. */
  readonly allocate: () => Promise<OpId>
  /** Go on counting from here. */
  readonly seed: (id: OpId) => Promise<void>
}

/** Rejects with a `TransportError`, what the fetch of credentials threw, or `checkpoint_unsupported`. */
export async function requestCheckpoint(options: CheckpointRequestOptions): Promise<OpId> {
  switch (options.mode) {
    case 'legacy': {
      return await ask(options, null)
    }
    case 'requests': {
      return await count(options)
    }
  }
}

/**
 * The service answers with the larger of what it knows and what it is told. If it knew a larger one, that may
 * stand for an earlier moment, so a still larger one is asked for.
 */
async function count(options: CheckpointRequestOptions): Promise<OpId> {
  for (;;) {
    const id = await options.allocate()
    const answered = await ask(options, id)
    if (answered <= id) return id
    await options.seed(answered)
    options.signal.throwIfAborted()
  }
}

export function checkpointUnsupported(): EngineError {
  return new EngineError({
    code: 'checkpoint_unsupported',
    message: 'The transport has no requestCheckpoint, so nobody can ask for a write checkpoint.',
  })
}

async function ask({ transport, credentials, clientId, signal }: CheckpointRequestOptions, id: OpId | null) {
  const send = transport.requestCheckpoint?.bind(transport)
  if (send === undefined) throw checkpointUnsupported()
  return await credentials.use((fresh) => send({ credentials: fresh, clientId, id, signal }), signal)
}

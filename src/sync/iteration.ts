/**
 * The life of one stream, from request to close, and the ways from one to the next. A close is *hidden* when
 * another stream follows at once: the status keeps its connection until something comes from the new one.
 */
import type { ConnectionStatus, ErrorInfo } from '../status/status.ts'
import { extendHeld, redate, removeExpired } from './changes.ts'
import { restartCounts } from './counts.ts'
import type { Draft } from './draft.ts'
import type { StorageOutcome, StreamOptions, SyncEvent } from './event.ts'
import { connectionOf } from './report.ts'
import { buildRequest } from './request.ts'
import { retryDelay } from './retry.ts'
import type { Opening, Phase, Streaming } from './state.ts'
import { isOrphan, requestedOf } from './subscriptions.ts'

/** Ask for the positions; the request follows when they come. `shown` is the connection until then. */
export function prepare(draft: Draft, options: StreamOptions, shown: ConnectionStatus, now: number): void {
  redate(draft, now)
  removeExpired(draft, now)
  for (const [id, subscription] of draft.known.subscriptions) if (isOrphan(subscription)) draft.remove(id)
  restartCounts(draft)
  draft.phase = { at: 'preparing', options, shown }
  draft.ask({ do: 'read_positions' })
}

export function open(
  draft: Draft,
  { options, shown }: Extract<Phase, { at: 'preparing' }>,
  positions: Extract<StorageOutcome, { kind: 'positions' }>,
): void {
  const generation = draft.known.generation + 1
  const requested = requestedOf(draft.known.subscriptions)
  draft.learn({ generation })
  draft.phase = { at: 'opening', options, requested, shown }
  draft.tell({ do: 'open', generation, request: buildRequest(draft.known, options, requested, positions) })
}

/** The service answered. */
export function connected(draft: Draft, stream: Opening | Streaming): Streaming {
  if (stream.at === 'streaming') return stream
  const { options, requested } = stream
  const streaming: Streaming = { at: 'streaming', options, requested, target: { state: 'none' } }
  draft.phase = streaming
  return streaming
}

/** Close the open stream, if there is one. Gives the connection to show meanwhile; null: a new one begins. */
export function closeHidden(draft: Draft): ConnectionStatus | null {
  const { phase } = draft
  if (phase.at === 'restarting') return phase.shown
  if (phase.at !== 'opening' && phase.at !== 'streaming') return null
  draft.tell({ do: 'close', generation: draft.known.generation, hideDisconnect: true })
  return connectionOf(phase)
}

/** Close the stream because the next request must differ. The shell's `clock` opens the next one. */
export function restart(draft: Draft, { options }: Opening | Streaming, now: number): void {
  const shown = closeHidden(draft) ?? { state: 'connecting' }
  draft.phase = { at: 'restarting', options, shown }
  draft.tell({ do: 'wake', at: now })
}

/** Restart an open stream if this step changes what its request would be. */
export function restartIfChanged(draft: Draft, now: number): void {
  const { phase } = draft
  if (phase.at !== 'opening' && phase.at !== 'streaming') return
  if (draft.changesRequest) restart(draft, phase, now)
}

/** The app wants no connection, or closes. */
export function stop(draft: Draft, { now, dates }: Extract<SyncEvent, { kind: 'stopped' }>): void {
  if (dates !== 'kept') extendHeld(draft, now)
  const { phase } = draft
  if (phase.at === 'opening' || phase.at === 'streaming') {
    draft.tell({ do: 'close', generation: draft.known.generation, hideDisconnect: false })
  } else if (phase.at === 'waiting' || phase.at === 'restarting') {
    draft.tell({ do: 'wake', at: null })
  }
  draft.phase = { at: 'stopped' }
}

/** The time that was asked for has come: the next attempt. */
export function wakeUp(draft: Draft, now: number): void {
  const { phase } = draft
  if (phase.at === 'restarting') prepare(draft, phase.options, phase.shown, now)
  if (phase.at !== 'waiting') return
  if (now < phase.retryAt) draft.tell({ do: 'wake', at: phase.retryAt })
  else prepare(draft, phase.options, { state: 'connecting' }, now)
}

/** The stream ended by itself. */
export function end(
  draft: Draft,
  stream: Opening | Streaming,
  { reason, now, random }: Extract<SyncEvent, { kind: 'ended' }>,
): void {
  if (reason.kind === 'closed') {
    const ended = { code: 'stream_ended', message: 'The service ended the stream.' }
    closeAndWait(draft, stream, { reason: ended, now, random })
    return
  }
  draft.learn({ downloadError: reason.error })
  closeAndWait(draft, stream, { reason: reason.error, now, random, retryAfter: reason.retryAfter })
}

export interface Pause {
  readonly reason: ErrorInfo
  readonly now: number
  readonly random: number
  /** Milliseconds; what the service asked for. */
  readonly retryAfter?: number | null
}

/** Close the stream for everyone to see, and wait. */
export function closeAndWait(draft: Draft, stream: Opening | Streaming, pause: Pause): void {
  draft.tell({ do: 'close', generation: draft.known.generation, hideDisconnect: false })
  wait(draft, stream, pause)
}

/** The service broke the protocol: the shell drops the stream, and the next attempt comes later. */
export function fail(draft: Draft, stream: Opening | Streaming, pause: Pause): void {
  draft.learn({ downloadError: pause.reason })
  draft.tell({ do: 'fail', error: pause.reason })
  wait(draft, stream, pause)
}

/** Longer after each failure. */
function wait(draft: Draft, { options }: Opening | Streaming, pause: Pause): void {
  const { reason, now, random, retryAfter = null } = pause
  const { failures } = draft.known
  const retryAt = now + retryDelay(failures, random, retryAfter)
  draft.learn({ failures: failures + 1 })
  draft.phase = { at: 'waiting', options, reason, retryAt }
  draft.tell({ do: 'wake', at: retryAt })
}

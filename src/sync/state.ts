/**
 * The state of the machine: what it knows, and the phase it is in.
 *
 *     unloaded ─loaded▶ stopped ─started▶ preparing ─positions▶ opening ─established, line▶ streaming ◀▶ applying
 *                          ▲                  ▲                    │                           │
 *                       stopped            clock at retryAt        ├── ended, failed ──────────┤▶ waiting
 *                     (from any)              └────────────────────┴── refreshed, new request ─┘▶ restarting
 *
 * `preparing` and `applying` last only until storage has answered, inside one turn: no event but the answer
 * comes in them. A stream is open in `opening` and `streaming`; it has the number `known.generation`.
 */
import type { ConnectionStatus, ErrorInfo, PriorityStatus } from '../status/status.ts'
import type { OpId } from '../wire/line.ts'
import type { StreamOptions, SubscriptionRow } from './event.ts'
import type { PrioritySum, Share } from './progress.ts'
import { SubscriptionMap } from './subscription-map.ts'

export interface State {
  readonly known: Known
  readonly phase: Phase
}

/** What holds in every phase. */
export interface Known {
  readonly clientId: string
  readonly subscriptions: SubscriptionMap
  /** Higher than every id in use. */
  readonly nextId: number
  /** No subscription that nobody holds runs out before this time; it need not be exact. */
  readonly firstExpiry: number
  readonly priorities: readonly PriorityStatus[]
  readonly sums: readonly PrioritySum[]
  readonly downloadError: ErrorInfo | null
  /** The number of the newest stream. */
  readonly generation: number
  /** Attempts that ended since the last applied checkpoint. */
  readonly failures: number
}

export interface Subscription {
  readonly row: SubscriptionRow
  /** Who holds it, in the order in which they came, with the priority that each asked for. */
  readonly holders: ReadonlyMap<string, number | null>
  readonly error: ErrorInfo | null
  readonly share: Share
}

export type Phase =
  | { readonly at: 'unloaded' }
  | { readonly at: 'stopped' }
  | { readonly at: 'preparing'; readonly options: StreamOptions; readonly shown: ConnectionStatus }
  | Opening
  | Streaming
  | Applying
  | {
      readonly at: 'waiting'
      readonly options: StreamOptions
      readonly reason: ErrorInfo
      readonly retryAt: number
    }
  /** Closed without a word; the next stream follows at once. */
  | { readonly at: 'restarting'; readonly options: StreamOptions; readonly shown: ConnectionStatus }

/** The request is on its way. `shown`: what the status says until something comes. */
export interface Opening {
  readonly at: 'opening'
  readonly options: StreamOptions
  readonly requested: readonly Requested[]
  readonly shown: ConnectionStatus
}

export interface Streaming {
  readonly at: 'streaming'
  readonly options: StreamOptions
  readonly requested: readonly Requested[]
  readonly target: Target
}

/** Storage is merging `stream`'s target, up to `priority`; null: all of it. */
export interface Applying {
  readonly at: 'applying'
  readonly stream: Streaming
  readonly checkpoint: TrackedCheckpoint
  readonly priority: number | null
  readonly attempt: Attempt
  readonly now: number
  readonly random: number
}

/**
 * Why a checkpoint is applied: it just completed; or it was blocked, and the write gate may have opened
 * (`again`) or should have, as its write checkpoint reaches what the gate asks for (`due`).
 */
export type Attempt = 'completed' | 'again' | 'due'

/** A subscription as the open stream's request has it, in the order of the request. */
export interface Requested {
  readonly id: number
  readonly priority: number | null
}

/**
 * The checkpoint that the stream is about: none yet, one being downloaded (`tracking`), one that is complete
 * but waits for local writes (`blocked`), or one that is in the tables (`applied`; a diff continues from it).
 */
export type Target =
  | { readonly state: 'none' }
  | { readonly state: 'tracking' | 'blocked' | 'applied'; readonly checkpoint: TrackedCheckpoint }

export interface TrackedCheckpoint {
  readonly lastOpId: OpId
  readonly writeCheckpoint: OpId | null
  /** For each of its streams the subscription that stands for the default one; null: none. */
  readonly defaults: readonly (number | null)[]
}

/** Before anything was loaded. */
export const initial: State = {
  known: {
    clientId: '',
    subscriptions: SubscriptionMap.empty,
    nextId: 1,
    firstExpiry: Number.POSITIVE_INFINITY,
    priorities: [],
    sums: [],
    downloadError: null,
    generation: 0,
    failures: 0,
  },
  phase: { at: 'unloaded' },
}

/** Whether a stream is open (from its request to its close): lines mean something. */
export function isOpen({ phase }: State): boolean {
  return phase.at === 'opening' || phase.at === 'streaming'
}

/** Whether there is download progress to show. */
export function isTracking(phase: Phase): boolean {
  if (phase.at === 'applying') return isTracking(phase.stream)
  return phase.at === 'streaming' && (phase.target.state === 'tracking' || phase.target.state === 'blocked')
}

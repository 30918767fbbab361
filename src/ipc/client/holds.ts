/**
 * Holds on streams, shared: however many components wish for the same stream in the same way, the host sees one
 * hold of this document.
 *
 * Invariant: a hold is given back one tick after its last user let go, never earlier. So a component that lets
 * go and holds again at once (React's StrictMode, a list that becomes a detail) makes no traffic.
 */
import { canonicalParameters, parseParameters, type StreamParameters } from '../../status/parameters.ts'
import type { ErrorInfo, StreamStatus } from '../../status/status.ts'
import type { HoldMessage } from '../router.ts'
import { failureOf } from './failure.ts'
import { keepSubscribed, type Lasting, type Observer } from './lasting.ts'
import { Cell, type Readable } from './readable.ts'

/** A wish for a stream. Wishes are equal when all four are, parameters in their canonical form. */
export interface StreamWish {
  readonly name: string
  readonly parameters?: StreamParameters
  /** Seconds that the data stays after the last hold; `'never'` or `Infinity`: for ever. Default: a day. */
  readonly ttl?: number | 'never'
  /** 0 (first) to 3. Default: the service's own priority. */
  readonly priority?: 0 | 1 | 2 | 3
}

/**
 * What the host answered. `asking`: no answer yet, or the host dropped the hold and it is being asked for again;
 * `error` when it waits because the document has too many subscriptions.
 */
export type HoldState = { readonly state: 'asking'; readonly error?: ErrorInfo } | HoldMessage

export interface HoldInput {
  readonly name: string
  readonly params: StreamStatus['params']
  readonly ttl?: number | 'never'
  readonly priority?: 0 | 1 | 2 | 3
}

export type AskHold = (input: HoldInput, observer: Observer<HoldMessage>) => { unsubscribe(): void }

export interface Hold {
  readonly state: Readable<HoldState>
  /** Give it back. Calling it again does nothing. */
  release(): void
}

interface Shared {
  readonly state: Cell<HoldState>
  readonly subscription: Lasting
  users: number
}

export class StreamHolds {
  readonly #ask: AskHold
  readonly #shared = new Map<string, Shared>()

  constructor(ask: AskHold) {
    this.#ask = ask
  }

  /** Throws a `TypeError` for parameters that JSON cannot carry. */
  hold(wish: StreamWish): Hold {
    const key = wishKey(wish)
    const known = this.#shared.get(key)
    // A hold that others ended stays ended for those who had it; a new wish is a new hold.
    const isOver = known?.state.getSnapshot().state === 'ended'
    const shared = known === undefined || isOver ? this.#begin(key, wish) : known
    shared.users++
    let held = true
    const release = () => {
      if (!held) return
      held = false
      shared.users--
      setTimeout(() => this.#endUnused(key, shared))
    }
    return { state: shared.state, release }
  }

  close(): void {
    for (const { subscription } of this.#shared.values()) subscription.stop()
    this.#shared.clear()
  }

  #begin(key: string, wish: StreamWish): Shared {
    const state = new Cell<HoldState>({ state: 'asking' })
    const subscription = keepSubscribed<HoldMessage>((observer) => this.#ask(inputOf(wish), observer), {
      onData: (message) => state.set(message),
      isLast: (message) => message.state !== 'held',
      onLost: (reason) => {
        const error = failureOf(reason)
        state.set(error.code === 'too_many_subscriptions' ? { state: 'asking', error } : { state: 'asking' })
      },
      onRefused: (error) => state.set({ state: 'refused', error: failureOf(error) }),
    })
    const shared = { state, subscription, users: 0 }
    this.#shared.set(key, shared)
    return shared
  }

  #endUnused(key: string, shared: Shared): void {
    if (shared.users > 0 || this.#shared.get(key) !== shared) return
    this.#shared.delete(key)
    shared.subscription.stop()
  }
}

/** Equal wishes have equal keys. */
export function wishKey({ name, parameters, ttl, priority }: StreamWish): string {
  const kept = ttl === Infinity ? 'never' : ttl
  return JSON.stringify([name, canonicalParameters(parameters), kept ?? null, priority ?? null])
}

function inputOf({ name, parameters, ttl, priority }: StreamWish): HoldInput {
  return {
    name,
    params: parseParameters(canonicalParameters(parameters)),
    ...(ttl !== undefined && { ttl: ttl === Infinity ? 'never' : ttl }),
    ...(priority !== undefined && { priority }),
  }
}

/**
 * One document behind the guard: the calls that it waits for.
 *
 * Invariants: an answer leaves only for a call that is open, so nothing reaches a document that did not ask;
 * an id is free again only when electron-trpc has forgotten it.
 */
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { CallContext, WindowIdentity } from './window.ts'

/** What electron-trpc is told instead of the real event: a sender of its own for each document. */
export interface ServedEvent {
  readonly sender: { readonly id: string; isDestroyed(): boolean }
  readonly senderFrame: { readonly routingId: number }
  readonly context: CallContext
  reply(channel: string, answer: Answer): void
}

/** electron-trpc's listener. */
export type Handle = (event: ServedEvent, message: Request) => void

/** A message of electron-trpc's client. */
export type Request =
  | { readonly method: 'subscription.stop'; readonly id: number }
  | {
      readonly method: 'request'
      readonly operation: {
        readonly id: number
        readonly type: 'query' | 'mutation' | 'subscription'
        readonly path: string
        readonly input?: unknown
      }
    }

/** What electron-trpc answers; `id` is the request's. */
export interface Answer {
  readonly id: number
  readonly result?: { readonly type?: string }
  readonly error?: unknown
}

export interface Call {
  /** `stopping`: nobody waits any more, but its id is not free yet. */
  readonly kind: 'call' | 'subscription' | 'stopping'
  readonly from: Caller
  /** Aborted when nobody waits for the answer any more. */
  readonly ended: AbortController
}

/** Who made a call. */
export interface Caller {
  /** How many navigations the window had started by then. */
  readonly navigation: number
  /** Sends to who asked. Throws for what cannot be cloned. */
  readonly send: (answer: Answer) => void
}

export interface DocumentOptions {
  readonly identity: WindowIdentity
  readonly handle: Handle
}

export class ServedDocument {
  readonly #open = new Map<number, Call>()
  readonly #handle: Handle
  readonly #event: Omit<ServedEvent, 'context'>
  readonly #identity: WindowIdentity

  constructor({ identity, handle }: DocumentOptions) {
    this.#handle = handle
    this.#identity = identity
    this.#event = {
      sender: { id: identity.id, isDestroyed: () => false },
      senderFrame: { routingId: 0 },
      reply: (_channel, answer) => this.#answer(answer),
    }
  }

  /** Subscriptions that live. */
  get live(): number {
    let live = 0
    for (const { kind } of this.#open.values()) if (kind === 'subscription') live++
    return live
  }

  /** False when the message is refused. */
  take(message: Request, from: Caller): boolean {
    if (message.method === 'subscription.stop') {
      const call = this.#open.get(message.id)
      if (call?.kind === 'subscription') this.#stop(message.id, call)
      return true
    }
    const { id, type } = message.operation
    // Two clients in one document, or a forged message: the answer would reach the wrong one.
    if (this.#open.has(id)) return false
    const ended = new AbortController()
    this.#open.set(id, { kind: type === 'subscription' ? 'subscription' : 'call', from, ended })
    this.#tell(message, ended.signal)
    return true
  }

  /** Stops every subscription. A call that somebody alive may wait for is still answered, any other cancelled. */
  end(isAlive: (call: Call) => boolean): void {
    for (const [id, call] of this.#open) {
      if (call.kind === 'subscription') {
        this.#stop(id, call)
        if (isAlive(call)) deliver(call, droppedAnswer(id))
      } else if (call.kind === 'call' && !isAlive(call)) {
        this.#open.delete(id)
        call.ended.abort()
      }
    }
  }

  #tell(message: Request, ended: AbortSignal): void {
    this.#handle({ ...this.#event, context: { window: this.#identity, ended } }, message)
  }

  #answer(answer: Answer): void {
    const { id } = answer
    const call = this.#open.get(id)
    if (call === undefined || call.kind === 'stopping') return
    if (call.kind === 'call') this.#open.delete(id)
    else if (answer.error !== undefined || answer.result?.type === 'stopped') this.#stop(id, call)
    deliver(call, answer)
  }

  /**
   * electron-trpc knows a subscription only once its procedure has run, some microtasks after the message: a
   * stop that comes earlier would be lost, and the subscription would live for ever.
   */
  #stop(id: number, call: Call): void {
    this.#open.set(id, { ...call, kind: 'stopping' })
    setImmediate(() => {
      this.#tell({ method: 'subscription.stop', id }, call.ended.signal)
      this.#open.delete(id)
    })
  }
}

/** Whatever happens, a client that waits gets an answer. */
function deliver({ from: { send } }: Call, answer: Answer): void {
  try {
    send(answer)
  } catch (cause) {
    console.error('An answer could not be sent to a window.', cause)
    try {
      send(errorAnswer(answer.id, 'internal', 'The answer could not be sent.'))
    } catch {
      // Its frame is gone, and who waited with it.
    }
  }
}

function droppedAnswer(id: number): Answer {
  return errorAnswer(id, 'subscription_dropped', 'The subscription ended with its document. Subscribe again.')
}

function errorAnswer(id: number, code: string, message: string): Answer {
  const error = { code, message }
  const trpc = 'INTERNAL_SERVER_ERROR'
  return { id, error: { message, code: TRPC_ERROR_CODES_BY_KEY[trpc], data: { code: trpc, error } } }
}

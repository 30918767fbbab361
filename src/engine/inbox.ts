/**
 * What a stream brought and no turn has taken yet, in order. Bounded: whoever fills it waits while it is over
 * its limit. Payloads are decoded only when a turn is about to take them.
 */
import type { ErrorInfo } from '../status/status.ts'
import type { EndReason, SyncEvent } from '../sync/event.ts'
import { decodeLine } from '../wire/decode.ts'
import { WireError } from '../wire/error.ts'
import type { Payload } from '../wire/line.ts'
import type { RecordedStep } from './trace.ts'

/** Read ahead at most this much. */
const LIMIT = 8 * 1024 * 1024

/** A turn is offered at most this many operations, and one line at least. */
const TURN_OPS = 5000

export type Arrival =
  | { readonly kind: 'established'; readonly generation: number }
  | { readonly kind: 'payloads'; readonly generation: number; readonly payloads: readonly Payload[] }
  | { readonly kind: 'malformed'; readonly generation: number; readonly error: ErrorInfo }
  | { readonly kind: 'ended'; readonly generation: number; readonly reason: EndReason }

/** What the next turn may take. */
export interface Batch {
  readonly events: readonly SyncEvent[]
  /** The turn took the first `count` and committed: they leave the inbox, and are told to the recorder. */
  accept(count: number, record: (now: number, step: RecordedStep) => void): void
}

type Item =
  | Exclude<Arrival, { kind: 'payloads' }>
  | { readonly kind: 'line'; readonly generation: number; readonly payload: Payload }

export class Inbox {
  #items: Item[] = []
  /** Items before this index are gone; the array is cut now and then. */
  #head = 0
  #bytes = 0
  #waiting: (() => void)[] = []

  get size(): number {
    return this.#items.length - this.#head
  }

  /** Generation of the oldest item; null when empty. */
  get generation(): number | null {
    return this.#items[this.#head]?.generation ?? null
  }

  /** Resolves when there is room for more. */
  add(arrival: Arrival): Promise<void> {
    if (arrival.kind === 'payloads') {
      for (const payload of arrival.payloads) {
        this.#items.push({ kind: 'line', generation: arrival.generation, payload })
        this.#bytes += payload.length
      }
    } else {
      this.#items.push(arrival)
    }
    if (this.#bytes <= LIMIT) return Promise.resolve()
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }

  clear(): void {
    this.#items = []
    this.#head = 0
    this.#bytes = 0
    this.#letIn()
  }

  /** The next turn's events, decoded, oldest first. They stay here until accepted. */
  next(now: number, random: number): Batch {
    const items = this.#items
    const events: SyncEvent[] = []
    let ops = 0
    for (let index = this.#head; index < items.length && ops < TURN_OPS; index++) {
      const event = toEvent(items[index]!, now, random)
      events.push(event)
      ops += event.kind === 'line' && event.line.kind === 'data' ? event.line.ops.length : 1
    }
    return {
      events,
      accept: (count, record) => {
        if (items !== this.#items) return
        for (const item of items.slice(this.#head, this.#head + count)) {
          const step = toStep(item)
          if (step !== null) record(now, step)
          if (item.kind === 'line') this.#bytes -= item.payload.length
        }
        this.#head += count
        if (this.#head > 1024 || this.#head === items.length) {
          items.splice(0, this.#head)
          this.#head = 0
        }
        if (this.#bytes <= LIMIT) this.#letIn()
      },
    }
  }

  #letIn(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

function toEvent(item: Item, now: number, random: number): SyncEvent {
  const { generation } = item
  switch (item.kind) {
    case 'established': {
      return { kind: 'established', generation, now }
    }
    case 'malformed': {
      return { kind: 'malformed', generation, error: item.error, now, random }
    }
    case 'ended': {
      return { kind: 'ended', generation, reason: item.reason, now, random }
    }
    case 'line': {
      try {
        return { kind: 'line', generation, line: decodeLine(item.payload), now, random }
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        return {
          kind: 'malformed',
          generation,
          error: { code: 'protocol', message: error.message },
          now,
          random,
        }
      }
    }
  }
}

function toStep(item: Item): RecordedStep | null {
  switch (item.kind) {
    case 'established': {
      return { do: 'established' }
    }
    case 'line': {
      return { do: 'line', payload: item.payload }
    }
    case 'ended': {
      return { do: 'end' }
    }
    case 'malformed': {
      return null
    }
  }
}

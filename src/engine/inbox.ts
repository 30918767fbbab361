/**
 * What a stream brought and no turn has taken yet, in order. Bounded: whoever fills it waits while it is over
 * its limit. Payloads are decoded only when a turn is about to take them.
 */
import type { ErrorInfo } from '../status/status.ts'
import type { EndReason, SyncEvent } from '../sync/event.ts'
import { decodeLine } from '../wire/decode.ts'
import { WireError } from '../wire/error.ts'
import type { Payload } from '../wire/line.ts'
import type { RecordedStep } from './trace-step.ts'

/** Read ahead at most this much. */
const LIMIT = 2 * 1024 * 1024

export type Arrival =
  | { readonly kind: 'established'; readonly generation: number }
  | { readonly kind: 'payloads'; readonly generation: number; readonly payloads: readonly Payload[] }
  | { readonly kind: 'malformed'; readonly generation: number; readonly error: ErrorInfo }
  | { readonly kind: 'ended'; readonly generation: number; readonly reason: EndReason }

/** What the next turn may take. */
export interface Batch {
  /** Of the oldest. */
  readonly generation: number
  readonly events: readonly SyncEvent[]
  /** One for each event. */
  readonly steps: readonly RecordedStep[]
  /** The turn took the first `count` and committed: they leave the inbox. */
  accept(count: number): void
}

type Item =
  | Exclude<Arrival, { kind: 'payloads' }>
  | { readonly kind: 'line'; readonly generation: number; readonly payload: Payload }

export class Inbox {
  #items: Item[] = []
  /** Items before this index are gone. They are cut off once they are half: each holds a payload until then. */
  #head = 0
  #bytes = 0
  #waiting: (() => void)[] = []

  get size(): number {
    return this.#items.length - this.#head
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

  /**
   * The next turn's events, decoded, oldest first: of about `maxOps` operations, and one at least. They stay here
   * until accepted. Null: nothing is here.
   */
  next(now: number, random: number, maxOps: number): Batch | null {
    const items = this.#items
    const oldest = items[this.#head]
    if (oldest === undefined) return null
    const events: SyncEvent[] = []
    const steps: RecordedStep[] = []
    let ops = 0
    for (let index = this.#head; index < items.length && ops < maxOps; index++) {
      const item = items[index]!
      const event = toEvent(item, now, random)
      events.push(event)
      steps.push(toStep(item))
      ops += event.kind === 'line' && event.line.kind === 'data' ? event.line.ops.length : 1
    }
    return {
      generation: oldest.generation,
      events,
      steps,
      accept: (count) => {
        if (items !== this.#items) return
        for (const item of items.slice(this.#head, this.#head + count)) {
          if (item.kind === 'line') this.#bytes -= item.payload.length
        }
        this.#head += count
        if (this.#head * 2 >= items.length) {
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

function toStep(item: Item): RecordedStep {
  switch (item.kind) {
    case 'line': {
      return { do: 'line', payload: item.payload }
    }
    case 'established': {
      return { do: 'established' }
    }
    case 'malformed': // A frame that nobody can decode cannot be written down.
    case 'ended': {
      return { do: 'end' }
    }
  }
}

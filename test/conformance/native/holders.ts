/** Who holds which subscription, as the SDK counts its handles: the core itself knows only the streams. */
import { canonicalParameters } from '../../../src/status/parameters.ts'
import type { StreamParameters } from '../../../src/status/parameters.ts'

interface StreamKey {
  readonly stream: string
  readonly params?: StreamParameters
}

/** A stream as the core names it. It compares the text of parameters, so it gets the canonical one. */
export function coreStream({ stream, params }: StreamKey): object {
  const text = canonicalParameters(params)
  return { name: stream, params: text === null ? null : (JSON.parse(text) as object) }
}

export class Holders {
  readonly #held = new Map<string, { readonly stream: object; readonly holders: Set<string> }>()

  /** Whether this is the first holder of the stream. */
  add(key: StreamKey, holder: string): boolean {
    const held = this.#held.get(text(key))
    if (held) held.holders.add(holder)
    else this.#held.set(text(key), { stream: coreStream(key), holders: new Set([holder]) })
    return held === undefined
  }

  /** Whether it was the last holder of the stream. */
  remove(key: StreamKey, holder: string): boolean {
    const held = this.#held.get(text(key))
    if (!held?.holders.delete(holder) || held.holders.size > 0) return false
    return this.#held.delete(text(key))
  }

  removeAll(key: StreamKey): void {
    this.#held.delete(text(key))
  }

  /** The held streams, as `active_streams` lists them. */
  streams(): readonly object[] {
    return [...this.#held.values()].map(({ stream }) => stream)
  }
}

function text({ stream, params }: StreamKey): string {
  return JSON.stringify([stream, canonicalParameters(params)])
}

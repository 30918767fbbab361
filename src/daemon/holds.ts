/**
 * The holds of this daemon that live, by stream. Nobody but this daemon holds anything of its database, so these
 * are all that `unsubscribeAll` ends.
 *
 * Invariant: every hold that lives is here exactly once, also before the engine has granted it.
 */
import type { StreamKey } from '../engine/face.ts'

/** A hold, as far as others end it. */
export interface Endable {
  /** It is over for this reason, a `DaemonError`. Does nothing when it is over already. */
  end(reason: unknown): void
}

export class Holds {
  readonly #byStream = new Map<string, Set<Endable>>()

  /** @param ended aborts, with the reason, when no hold can live any more. */
  constructor(ended: AbortSignal) {
    const endAll = () => {
      for (const holds of this.#byStream.values()) for (const hold of holds) hold.end(ended.reason)
    }
    ended.addEventListener('abort', endAll, { once: true })
  }

  add(stream: StreamKey, hold: Endable): void {
    const key = keyOf(stream)
    const holds = this.#byStream.get(key) ?? new Set()
    this.#byStream.set(key, holds.add(hold))
  }

  delete(stream: StreamKey, hold: Endable): void {
    const key = keyOf(stream)
    const holds = this.#byStream.get(key)
    holds?.delete(hold)
    if (holds?.size === 0) this.#byStream.delete(key)
  }

  /** Those that live now. */
  of(stream: StreamKey): readonly Endable[] {
    return [...(this.#byStream.get(keyOf(stream)) ?? [])]
  }
}

function keyOf({ name, params }: StreamKey): string {
  return JSON.stringify([name, params])
}

/** Who asked for which subscription, and how. Keys are those of `keyOf`. */
import { isDefault } from './service.ts'

export interface Ask {
  readonly holder: string
  readonly ttl?: number | 'never' | null | undefined
  readonly priority?: number | null | undefined
}

/** What the asks for a subscription come to. */
export interface Wish {
  /** Seconds; the longest since it was last without a holder. */
  readonly ttl: number
  /** The lowest of its holders; null: none asks for one. */
  readonly priority: number | null
}

const DAY = 86_400

export class Asks {
  /** Every way in which each was asked for, ever. */
  readonly #ways = new Map<string, Set<string>>()
  /** What each holder asks for now. */
  readonly #held = new Map<string, Map<string, number | null>>()
  readonly #longest = new Map<string, number>()
  readonly #expiries = new Map<string, number>()

  ask(key: string, { holder, ttl: asked, priority: wished }: Ask, now: number): void {
    const priority = wished ?? null
    const ttl = asked === 'never' ? Infinity : (asked ?? DAY)
    const holders = this.#held.get(key) ?? new Map<string, number | null>()
    this.#longest.set(key, holders.size > 0 ? Math.max(ttl, this.#longest.get(key) ?? 0) : ttl)
    this.#held.set(key, holders.set(holder, priority))
    this.#expiries.set(key, now + ttl * 1000)
    this.#ways.set(key, (this.#ways.get(key) ?? new Set()).add(JSON.stringify([asked, priority])))
  }

  release(key: string, holder: string): void {
    this.#held.get(key)?.delete(holder)
  }

  releaseAll(key: string): void {
    this.#held.delete(key)
  }

  /** The app was closed. */
  forgetHolders(): void {
    this.#held.clear()
  }

  isHeld(key: string): boolean {
    return (this.#held.get(key)?.size ?? 0) > 0
  }

  wish(key: string): Wish {
    const priorities = [...(this.#held.get(key)?.values() ?? [])].filter((priority) => priority !== null)
    return {
      ttl: this.#longest.get(key) ?? DAY,
      priority: priorities.length > 0 ? Math.min(...priorities) : null,
    }
  }

  /** Whether the TTL of the last ask is over. */
  mayHaveExpired(key: string, now: number): boolean {
    return (this.#expiries.get(key) ?? Infinity) < now
  }

  /** Whether it, or any, was asked for in a way that the native core takes otherwise. */
  areOdd(key?: string): boolean {
    const asked = [...this.#ways].filter(([name]) => key === undefined || name === key)
    return asked.some(([name, ways]) => ways.size > 1 || [...ways].some((way) => isOdd(name, way)))
  }

  /** Whether a stream was ever asked for with parameters. */
  withParameters(stream: string): boolean {
    return [...this.#ways.keys()].some((key) => key.startsWith(`${stream}{`))
  }
}

/** A TTL of 0; and for a default stream a priority, as its row counts as an ask without one. */
function isOdd(key: string, way: string): boolean {
  return way.startsWith('[0,') || (isDefault(key) && !way.endsWith(',null]'))
}

/**
 * All subscriptions, by id and by what they ask for (rule S1). Immutable, like the maps that it stands on.
 *
 * Invariant: the index lists exactly the subscriptions that are there. A subscription never changes its name or
 * its parameters, so only those that come and go change the index.
 */
import { IdMap } from './id-map.ts'
import type { Subscription } from './state.ts'

export class SubscriptionMap {
  static readonly empty = new SubscriptionMap(IdMap.empty(), IdMap.empty())

  readonly #byId: IdMap<Subscription>
  /** Ids by the hash of name and parameters. */
  readonly #byHash: IdMap<readonly number[]>

  private constructor(byId: IdMap<Subscription>, byHash: IdMap<readonly number[]>) {
    this.#byId = byId
    this.#byHash = byHash
  }

  get(id: number): Subscription | undefined {
    return this.#byId.get(id)
  }

  find(name: string, params: string | null): Subscription | undefined {
    for (const id of this.#byHash.get(hashOf(name, params)) ?? []) {
      const found = this.#byId.get(id)
      if (found?.row.name === name && found.row.params === params) return found
    }
    return undefined
  }

  set(subscription: Subscription): SubscriptionMap {
    const { id, name, params } = subscription.row
    const byId = this.#byId.set(id, subscription)
    if (byId.size === this.#byId.size) return new SubscriptionMap(byId, this.#byHash)
    const hash = hashOf(name, params)
    return new SubscriptionMap(byId, this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), id]))
  }

  delete(id: number): SubscriptionMap {
    const known = this.#byId.get(id)
    if (known === undefined) return this
    const hash = hashOf(known.row.name, known.row.params)
    const others = this.#byHash.get(hash)!.filter((other) => other !== id)
    const byHash = others.length > 0 ? this.#byHash.set(hash, others) : this.#byHash.delete(hash)
    return new SubscriptionMap(this.#byId.delete(id), byHash)
  }

  /** What `change` makes of each, which must keep id, name and parameters. */
  map(change: (subscription: Subscription) => Subscription): SubscriptionMap {
    return new SubscriptionMap(this.#byId.map(change), this.#byHash)
  }

  /** Ascending by id. */
  [Symbol.iterator](): IterableIterator<readonly [number, Subscription]> {
    return this.#byId[Symbol.iterator]()
  }
}

/** 20 bits: an `IdMap` is as deep as its largest id is long. */
const HASH_BITS = 20

/** FNV-1a, folded. */
function hashOf(name: string, params: string | null): number {
  const text = `${name} ${params}`
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return ((hash >>> HASH_BITS) ^ hash) & (2 ** HASH_BITS - 1)
}

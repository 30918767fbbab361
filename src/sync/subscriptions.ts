/**
 * Decisions about single subscriptions: who holds them, how long they live, what is asked of the service.
 *
 * Explicit means asked for by this client: the row has a TTL. A held subscription is explicit and never
 * expires; when the last holder goes its TTL runs.
 */
import { NEVER } from './event.ts'
import type { SubscriptionRow, SyncEvent } from './event.ts'
import { NO_SHARE } from './progress.ts'
import type { Requested, Subscription } from './state.ts'
import type { SubscriptionMap } from './subscription-map.ts'

const DEFAULT_TTL_MS = 24 * 60 * 60 * 1000

/** A subscription that nobody holds: read from disk or found in a checkpoint. */
export function unheld(row: SubscriptionRow): Subscription {
  return { row, holders: new Map(), error: null, share: NO_SHARE }
}

/** A row for a stream that nothing is known of yet. */
export function newRow(id: number, name: string, params: string | null): SubscriptionRow {
  return {
    id,
    name,
    params,
    active: false,
    isDefault: false,
    priority: null,
    ttl: null,
    expiresAt: null,
    lastSyncedAt: null,
  }
}

/**
 * `holder` wants it, perhaps again and differently. The TTL is the longest asked since it was last unheld, the
 * priority the lowest number that its holders ask for now; null where none of them asks for one.
 */
export function held(
  { row, holders, ...rest }: Subscription,
  ask: Extract<SyncEvent, { kind: 'subscribed' }>,
): Subscription {
  const asked = ask.ttl ?? DEFAULT_TTL_MS
  const ttl = holders.size > 0 && row.ttl !== null ? Math.max(row.ttl, asked) : asked
  const holding = new Map(holders).set(ask.holder, ask.priority)
  const priority = lowest([...holding.values()])
  return { ...rest, holders: holding, row: { ...row, priority, ttl, expiresAt: expiry(ttl, ask.now) } }
}

/** `holder` wants it no more. What the request asks for stays as it is until someone asks again. */
export function released(subscription: Subscription, holder: string, now: number): Subscription {
  const { row, holders } = subscription
  if (!holders.has(holder)) return subscription
  const left = new Map(holders)
  left.delete(holder)
  if (left.size > 0) return { ...subscription, holders: left }
  return { ...subscription, holders: left, row: { ...row, expiresAt: expiry(row.ttl, now) } }
}

/** Nobody asks for it any more, and no TTL runs. */
export function implicit(subscription: Subscription): Subscription {
  const row = { ...subscription.row, priority: null, ttl: null, expiresAt: null }
  return { ...subscription, holders: new Map(), row }
}

/**
 * While held, the date runs ahead of the clock by half the TTL at least, for the case that the daemon dies; by
 * no more than that, so that most keepalives write nothing. It is never further off than the TTL, also when the
 * clock was set back.
 */
export function redated(subscription: Subscription, now: number): Subscription {
  const { row, holders } = subscription
  const latest = expiry(row.ttl, now)
  if (row.ttl === null || row.expiresAt === null || latest === null) return subscription
  const earliest = holders.size > 0 ? latest - row.ttl / 2 : Number.NEGATIVE_INFINITY
  if (row.expiresAt >= earliest && row.expiresAt <= latest) return subscription
  return { ...subscription, row: { ...row, expiresAt: latest } }
}

/** While held, the date is as far off as it can be. */
export function extended(subscription: Subscription, now: number): Subscription {
  const { row, holders } = subscription
  if (holders.size === 0) return subscription
  return { ...subscription, row: { ...row, expiresAt: expiry(row.ttl, now) } }
}

/** When it runs out; `NEVER` while somebody holds it. */
export function expiryOf({ row, holders }: Subscription): number {
  if (holders.size > 0 || row.ttl === null) return NEVER
  return row.ttl === 0 ? Number.NEGATIVE_INFINITY : (row.expiresAt ?? NEVER)
}

export function isExpired(subscription: Subscription, now: number): boolean {
  return expiryOf(subscription) < now
}

/** Left over from `unsubscribeAll`: nobody asks for it, and the service does not send it. */
export function isOrphan({ row }: Subscription): boolean {
  return row.ttl === null && !row.isDefault && !row.active
}

/** What a request made now would ask for, by id. */
export function requestedOf(subscriptions: SubscriptionMap): Requested[] {
  const requested: Requested[] = []
  for (const [id, { row }] of subscriptions) {
    if (row.ttl !== null) requested.push({ id, priority: row.priority })
  }
  return requested
}

/** Whether a request asks the same of the service for both; undefined: it is not there. */
export function asksTheSame(a: Subscription | undefined, b: Subscription | undefined): boolean {
  const [asksA, asksB] = [a, b].map((some) => some !== undefined && some.row.ttl !== null)
  return asksA === asksB && (!asksA || a?.row.priority === b?.row.priority)
}

function expiry(ttl: number | null, now: number): number | null {
  return ttl === null || ttl === NEVER ? null : now + ttl
}

function lowest(priorities: readonly (number | null)[]): number | null {
  const asked = priorities.filter((priority) => priority !== null)
  return asked.length > 0 ? Math.min(...asked) : null
}

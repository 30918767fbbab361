/** Changes of the set of subscriptions, by their holders and by time. */
import type { Draft } from './draft.ts'
import { NEVER } from './event.ts'
import type { SyncEvent } from './event.ts'
import type { Subscription } from './state.ts'
import {
  expiryOf,
  extended,
  held,
  implicit,
  isExpired,
  newRow,
  redated,
  released,
  unheld,
} from './subscriptions.ts'

type Change = Extract<SyncEvent, { kind: 'subscribed' | 'released' | 'unsubscribed_all' }>

/** A holder comes or goes. */
export function changeSubscription(draft: Draft, change: Change): void {
  const known = draft.known.subscriptions.find(change.name, change.params)
  const changed = changedBy(known, change, draft.known.nextId)
  if (changed !== undefined) {
    if (known === undefined) draft.learn({ nextId: draft.known.nextId + 1 })
    if (isExpired(changed, change.now)) expire(draft, changed)
    else draft.put(changed)
  }
  removeExpired(draft, change.now)
}

/** What nobody holds any more and whose TTL has run out is gone; a default stream stays as such. */
export function removeExpired(draft: Draft, now: number): void {
  if (draft.known.firstExpiry >= now) return
  let firstExpiry = NEVER
  for (const [, subscription] of draft.known.subscriptions) {
    if (isExpired(subscription, now)) expire(draft, subscription)
    else firstExpiry = Math.min(firstExpiry, expiryOf(subscription))
  }
  draft.learn({ firstExpiry })
}

function expire(draft: Draft, subscription: Subscription): void {
  if (subscription.row.isDefault) draft.put(implicit(subscription))
  else draft.remove(subscription.row.id)
}

/** The dates of held subscriptions run ahead, and no date is further off than it should be. */
export function redate(draft: Draft, now: number): void {
  for (const [, subscription] of draft.known.subscriptions) {
    draft.put(redated(subscription, now))
  }
}

/** The last word before a clean close: what is held now lives on for its TTL. */
export function extendHeld(draft: Draft, now: number): void {
  for (const [, subscription] of draft.known.subscriptions) draft.put(extended(subscription, now))
}

function changedBy(
  known: Subscription | undefined,
  change: Change,
  nextId: number,
): Subscription | undefined {
  switch (change.kind) {
    case 'subscribed': {
      return held(known ?? unheld(newRow(nextId, change.name, change.params)), change)
    }
    case 'released': {
      return known && released(known, change.holder, change.now)
    }
    case 'unsubscribed_all': {
      return known && implicit(known)
    }
  }
}

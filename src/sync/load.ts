/**
 * What is on disk enters the state: when the database opens, and again when its contents were replaced under
 * a running daemon. Who holds a subscription keeps it, whatever the disk lost.
 */
import type { Draft } from './draft.ts'
import type { Loaded } from './event.ts'
import type { Subscription } from './state.ts'
import { find, unheld } from './subscriptions.ts'
import { IdMap } from './id-map.ts'

export function load(draft: Draft, { clientId, subscriptions, priorities }: Loaded): void {
  const before = draft.known.subscriptions
  let table = IdMap.empty<Subscription>()
  let { nextId } = draft.known
  for (const row of subscriptions) {
    table = table.set(row.id, unheld(row))
    nextId = Math.max(nextId, row.id + 1)
  }
  draft.learn({ clientId, priorities, subscriptions: table, nextId })
  draft.touchAll()
  if (draft.phase.at === 'unloaded') draft.phase = { at: 'stopped' }
  for (const [, subscription] of before) if (subscription.holders.size > 0) restore(draft, subscription)
}

/** A held subscription comes back: its wish from memory, what was synced from the disk. */
function restore(draft: Draft, { row, holders, error, share }: Subscription): void {
  const onDisk = find(draft.known.subscriptions, row.name, row.params)?.row
  if (onDisk !== undefined) {
    const { priority, ttl, expiresAt } = row
    draft.put({ row: { ...onDisk, priority, ttl, expiresAt }, holders, error, share })
    return
  }
  let { id } = row
  if (draft.known.subscriptions.get(id) !== undefined) {
    id = draft.known.nextId
    draft.learn({ nextId: id + 1 })
  }
  draft.put({
    row: { ...row, id, active: false, isDefault: false, lastSyncedAt: null },
    holders,
    error,
    share,
  })
}

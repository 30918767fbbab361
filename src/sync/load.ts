/** The state as a whole: read from disk when the database opens, forgotten when the app clears it. */
import type { Draft } from './draft.ts'
import type { Loaded, SyncEvent } from './event.ts'
import { unheld } from './subscriptions.ts'

export function load(draft: Draft, { clientId, subscriptions, priorities }: Loaded): void {
  const nextId = subscriptions.reduce((next, { id }) => Math.max(next, id + 1), draft.known.nextId)
  draft.learn({ clientId, priorities, nextId })
  for (const row of subscriptions) draft.keep(unheld(row))
  draft.phase = { at: 'stopped' }
}

/** Nothing is synced any more. What somebody holds stays wanted: its row is made anew, under its old id. */
export function clear(draft: Draft, { clearLocal, soft }: Extract<SyncEvent, { kind: 'cleared' }>): void {
  draft.tell({ do: 'clear', clearLocal, soft })
  for (const [id, { row, holders }] of draft.known.subscriptions) {
    draft.remove(id)
    if (holders.size === 0) continue
    draft.put({ ...unheld({ ...row, active: false, isDefault: false, lastSyncedAt: null }), holders })
  }
  draft.learn({ priorities: [], sums: [], downloadError: null })
}

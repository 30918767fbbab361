/** What storage tells of progress, added to the running sums of the whole and of each stream. */
import type { Draft } from './draft.ts'
import type { ProgressChange, StorageOutcome } from './event.ts'
import { addToPriorities, addToShare, applied, NO_SHARE } from './progress.ts'

export function takeTracked(
  draft: Draft,
  { reset, changes }: Extract<StorageOutcome, { kind: 'tracked' }>,
): void {
  if (reset) {
    draft.learn({ sums: [] })
    for (const [, subscription] of draft.known.subscriptions) {
      if (subscription.share !== NO_SHARE) draft.keep({ ...subscription, share: NO_SHARE })
    }
  }
  for (const change of changes) count(draft, change)
}

export function takeSaved(
  draft: Draft,
  { priority, subscriptions, ops }: Extract<StorageOutcome, { kind: 'saved' }>,
): void {
  count(draft, { priority, subscriptions, buckets: 0, total: 0, downloaded: ops })
}

function count(draft: Draft, change: ProgressChange): void {
  draft.learn({ sums: addToPriorities(draft.known.sums, change) })
  for (const id of change.subscriptions) {
    const subscription = draft.known.subscriptions.get(id)
    if (subscription === undefined) continue
    draft.keep({ ...subscription, share: addToShare(subscription.share, change) })
  }
}

/** What was counted is done or void: the next checkpoint counts from 0. The buckets stay. */
export function restartCounts(draft: Draft): void {
  draft.learn({ sums: draft.known.sums.map(applied) })
  for (const [, subscription] of draft.known.subscriptions) {
    const share = applied(subscription.share)
    if (share !== subscription.share) draft.keep({ ...subscription, share })
  }
}

/**
 * "All streams synced at T" as one fact of a delta, whatever their number: which streams an applied checkpoint
 * brought follows from what everybody knows of them.
 */
import type { PriorityStatus, Standing, StreamStatus } from './status.ts'
import { FULL_SYNC } from './status.ts'

/** The parts of a stream that `StatusDelta.synced` reads or changes: a change that names one names all. */
export const STANDING_KEYS = ['priority', 'active', 'error', 'lastSyncedAt'] as const

/** Whether an applied checkpoint brought all of a stream. One without buckets has synced with the last. */
export function isIncluded(
  { priority, active, error }: Omit<Standing, 'lastSyncedAt'>,
  applied: number,
): boolean {
  if (!active || error !== null) return false
  return applied === FULL_SYNC || (priority !== null && priority <= applied)
}

/** The stream after it; itself, if it is not included. */
export function afterSync<S extends Standing>(stream: S, { priority, lastSyncedAt }: PriorityStatus): S {
  return isIncluded(stream, priority) ? { ...stream, lastSyncedAt } : stream
}

export function isStandingKey(key: string): boolean {
  return (STANDING_KEYS as readonly string[]).includes(key)
}

/** Whether a change says how a stream stands. */
export function namesStanding<C extends Partial<StreamStatus>>(change: C): change is C & Standing {
  return Object.hasOwn(change, 'active')
}

/** What each line of an open stream does, and what follows from storage's answers to it. */
import { FULL_SYNC } from '../status/status.ts'
import { redate, removeExpired } from './changes.ts'
import { resolveStreams, trackedBuckets } from './checkpoint.ts'
import { restartCounts } from './counts.ts'
import type { Draft } from './draft.ts'
import type { Mismatch, StorageOutcome, SyncEvent } from './event.ts'
import { closeAndWait, fail, restartIfChanged } from './iteration.ts'
import type { Applying, Streaming, TrackedCheckpoint } from './state.ts'
import type { OpId } from '../wire/line.ts'

type LineEvent = Extract<SyncEvent, { kind: 'line' }>

export function takeLine(draft: Draft, stream: Streaming, event: LineEvent): void {
  const { line } = event
  switch (line.kind) {
    case 'checkpoint': {
      const { lastOpId, writeCheckpoint, buckets, streams } = line.checkpoint
      const defaults = resolveStreams(draft, streams, stream)
      track(draft, stream, { lastOpId, writeCheckpoint, defaults })
      draft.ask({ do: 'track_checkpoint', buckets: trackedBuckets(buckets, defaults, stream.requested) })
      return
    }
    case 'checkpoint_diff': {
      const checkpoint = checkpointOf(draft, stream, event)
      if (checkpoint === null) return
      const { lastOpId, writeCheckpoint, updatedBuckets, removedBuckets } = line.diff
      const { defaults } = checkpoint
      track(draft, stream, { lastOpId, writeCheckpoint, defaults })
      const updated = trackedBuckets(updatedBuckets, defaults, stream.requested)
      draft.ask({ do: 'track_diff', updated, removed: removedBuckets })
      return
    }
    case 'data': {
      draft.ask({ do: 'save', line })
      return
    }
    case 'partial_checkpoint_complete':
    case 'checkpoint_complete': {
      const checkpoint = checkpointOf(draft, stream, event)
      if (checkpoint === null) return
      const priority = line.kind === 'checkpoint_complete' ? null : line.priority
      apply(draft, stream, checkpoint, { ...event, priority, attempt: 'completed' })
      return
    }
    case 'token_expires_in': {
      keepAlive(draft, stream, line.seconds, event)
      return
    }
    case 'unknown': {
      draft.log('debug', 'Unknown sync line')
      return
    }
  }
}

/** The write gate, which now asks for `target`, may let the blocked checkpoint through. */
export function applyBlocked(
  draft: Draft,
  target: OpId | null,
  { now, random }: Pick<Applying, 'now' | 'random'>,
): void {
  const { phase } = draft
  if (phase.at !== 'streaming' || phase.target.state !== 'blocked') return
  const { checkpoint } = phase.target
  const { writeCheckpoint } = checkpoint
  const isDue = target !== null && writeCheckpoint !== null && writeCheckpoint >= target
  apply(draft, phase, checkpoint, { priority: null, attempt: isDue ? 'due' : 'again', now, random })
}

/** Have storage validate and merge the checkpoint. */
function apply(
  draft: Draft,
  stream: Streaming,
  checkpoint: TrackedCheckpoint,
  { priority, attempt, now, random }: Pick<Applying, 'priority' | 'attempt' | 'now' | 'random'>,
): void {
  const { lastOpId, writeCheckpoint } = checkpoint
  draft.phase = { at: 'applying', stream, checkpoint, priority, attempt, now, random }
  // What a blocked checkpoint proves it has proved when it came: not for local writes made since.
  const proof = attempt === 'completed' ? writeCheckpoint : null
  draft.ask({ do: 'apply', priority, lastOpId, writeCheckpoint: proof, now })
}

/** Storage merged the target, or the priorities of it that were asked for. */
export function takeApplied(
  draft: Draft,
  { stream, checkpoint, priority, attempt, now }: Applying,
  outcome: Extract<StorageOutcome, { kind: 'applied' }>,
): void {
  draft.learn({ priorities: outcome.priorities, failures: 0 })
  draft.markSynced({ priority: priority ?? FULL_SYNC, lastSyncedAt: now })
  draft.phase = stream
  if (priority !== null) return
  draft.learn({ downloadError: null })
  restartCounts(draft)
  draft.phase = { ...stream, target: { state: 'applied', checkpoint } }
  draft.log(
    'debug',
    attempt === 'completed'
      ? 'Validated and applied checkpoint'
      : 'Applied pending checkpoint after completed upload',
  )
  const { writeCheckpoint } = checkpoint
  if (writeCheckpoint === null) return
  draft.log('debug', `Applied checkpoint request id ${writeCheckpoint}`)
  draft.tell({ do: 'reached', id: writeCheckpoint })
}

/** The target is valid, but local writes that the service has not seen would be lost. */
export function takeBlocked(draft: Draft, applying: Applying): void {
  const { stream, checkpoint, priority, attempt } = applying
  draft.phase = stream
  if (priority !== null) return
  draft.phase = { ...stream, target: { state: 'blocked', checkpoint } }
  if (attempt === 'completed') {
    draft.log(
      'info',
      'Could not apply checkpoint due to local data. Will retry at completed upload or next checkpoint.',
    )
  } else if (attempt === 'due') {
    draft.log('warning', 'Could not apply pending checkpoint even after completed upload')
  }
}

/** What came is not what the service has: drop those buckets and fetch them again, later. */
export function takeMismatched(
  draft: Draft,
  applying: Applying,
  { mismatches }: Extract<StorageOutcome, { kind: 'mismatched' }>,
): void {
  const { stream, priority, now, random } = applying
  const what = priority === null ? 'checkpoint' : 'partial checkpoint'
  const message = `Could not apply ${what}, Checksums didn't match, failed for: ${describeSome(mismatches)}`
  const reason = { code: 'checksum_mismatch', message }
  draft.learn({ downloadError: reason })
  draft.log('warning', message)
  draft.tell({ do: 'drop_buckets', buckets: mismatches.map(({ bucket }) => bucket) })
  closeAndWait(draft, stream, { reason, now, random })
}

function track(draft: Draft, stream: Streaming, checkpoint: TrackedCheckpoint): void {
  draft.phase = { ...stream, target: { state: 'tracking', checkpoint } }
}

/** The stream's checkpoint; null, and the stream has failed, if there was none yet. */
function checkpointOf(
  draft: Draft,
  stream: Streaming,
  { line, now, random }: LineEvent,
): TrackedCheckpoint | null {
  if (stream.target.state !== 'none') return stream.target.checkpoint
  const message = `The service sent ${line.kind} before any checkpoint.`
  fail(draft, stream, { reason: { code: 'protocol', message }, now, random })
  return null
}

/** The sign of life that comes every 20 s: TTLs are checked, credentials are replaced in time. */
function keepAlive(draft: Draft, stream: Streaming, seconds: number, { now, random }: LineEvent): void {
  redate(draft, now)
  removeExpired(draft, now)
  if (seconds <= 0) {
    draft.tell({ do: 'fetch_credentials', didExpire: true })
    const reason = { code: 'token_expired', message: 'The credentials ran out.' }
    closeAndWait(draft, stream, { reason, now, random })
    return
  }
  if (seconds <= PREFETCH_SECONDS) draft.tell({ do: 'fetch_credentials', didExpire: false })
  restartIfChanged(draft, now)
}

const PREFETCH_SECONDS = 30

/** Enough to see what is wrong: a message is no place for 10,000 buckets. */
function describeSome(mismatches: readonly Mismatch[]): string {
  const shown = mismatches.slice(0, SHOWN_MISMATCHES).map(describe).join(', ')
  const left = mismatches.length - SHOWN_MISMATCHES
  return left > 0 ? `${shown} and ${left} more` : shown
}

const SHOWN_MISMATCHES = 10

function describe({ bucket, expected, actual }: Mismatch): string {
  return `${bucket} (expected ${hex(expected)}, got ${hex(actual)})`
}

function hex(checksum: number): string {
  return `0x${checksum.toString(16).padStart(8, '0')}`
}

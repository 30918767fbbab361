/**
 * Where Headwater differs from the native core on purpose: how to recognise each difference, and its reason. The
 * rules are those of `src/sync/SPEC.md`, the decisions those of `src/DECISIONS.md`. A rule is as narrow as it can
 * be: what it does not recognise is a fault.
 */
import type { Difference } from '../conformance/compare.ts'
import type { Dump, DumpedRow, Facts } from './facts.ts'
import { keyOf } from './facts.ts'
import { defaultStreams } from './service.ts'

export interface Intended {
  readonly name: string
  readonly because: string
  /** From here on the two have different states, and the rest of the history says nothing. */
  readonly ends: boolean
  readonly covers: (found: Found) => boolean
}

export interface Found {
  readonly difference: Difference
  /** What the native core printed for the step. */
  readonly native: readonly string[]
  readonly facts: Facts
}

/** The rule that a difference falls under; null: none. */
export function explain(found: Found): Intended | null {
  return intended.find(({ covers }) => covers(found)) ?? null
}

export const intended: readonly Intended[] = [
  {
    name: 'words of a mismatch',
    because: 'Decision 3: one sum is kept for each bucket, so its two parts cannot be told. L8.',
    ends: false,
    covers: ({ difference: { path, ours, native } }) =>
      path.join('.') === 'log.text' &&
      ours.includes("didn't match") &&
      words(ours) === words(native.replaceAll(/ = 0x\w+ \(op\) \+ 0x\w+ \(add\)/g, '')),
  },
  {
    name: 'never synced',
    because: 'C6: a stream that is unknown or has an error, or that nobody asked for, was never synced.',
    ends: false,
    covers: ({ difference, facts }) => {
      const { path, ours, native } = difference
      const stream = streamOf(difference)
      if (stream === null || !facts.passedOver.has(stream)) return false
      if (path[0] === 'status') return path[3] === 'hasSynced' && ours === 'false' && native === 'true'
      return path[0] === 'kept' && (isThereOnly('native', difference) || path[3] === 'ms')
    },
  },
  {
    name: 'a part of an upload names no target',
    because:
      'Storage: as long as entries wait the gate has no target, since the next upload names another one.',
    ends: false,
    covers: ({ difference: { path, ours }, facts }) =>
      path.join('.') === 'kept.gate.target.value' &&
      ours === '"9223372036854775807"' &&
      facts.seen.has('uploaded') &&
      (facts.dump?.crud.length ?? 0) > 0,
  },
  {
    name: 'errors are told once',
    because: 'C5: a diff brings no news of streams, so their errors are not told again.',
    ends: false,
    covers: ({ difference: { path, ours, native }, facts }) =>
      path[0]!.startsWith('log') &&
      ours === '-' &&
      facts.streamErrors.size > 0 &&
      facts.last === 'checkpoint_diff' &&
      /could not be resolved|has errors/.test(native),
  },
  {
    name: 'rows of partial completions',
    because: 'Storage: a partial completion merges removals too, and no row ever goes back to an older op.',
    ends: false,
    // Our rows are compared with a model of their own: see `claims.ts`.
    covers: ({ difference: { path }, facts }) =>
      path[0] === 'rows' &&
      facts.seen.has('partial_checkpoint_complete') &&
      !facts.published.isLocal(path[1]!, path[2]!),
  },
  {
    name: 'a blocked checkpoint keeps its progress',
    because: 'L7: blocked, the checkpoint stays the target, also one that was complete already.',
    ends: false,
    covers: ({ difference: { path, native }, facts }) =>
      facts.published.isBlocked && isProgress(path) && native === 'null',
  },
  {
    name: 'a blocked checkpoint proves nothing about later writes',
    because: 'L7: its write checkpoint counts from when it was complete, not again at each retry.',
    ends: false,
    // Our gate is compared with a model of its own: see `claims.ts`.
    covers: ({ difference, facts }) =>
      difference.path.join('.') === 'kept.gate.seen' &&
      isThereOnly('native', difference) &&
      facts.seen.has('uploaded'),
  },
  {
    name: 'the first line connects',
    because: 'P2, P3: it does so too where it closes its stream, and a hidden close keeps what was shown.',
    ends: false,
    covers: ({ difference: { path, ours }, facts }) =>
      facts.firstLineClosed &&
      ['status.connected true', 'status.connecting false'].includes(`${path.join('.')} ${ours}`),
  },
  {
    name: 'a stream keeps its priority',
    because: 'D4: until a checkpoint gives it another one; with the native core each request takes it away.',
    ends: false,
    covers: ({ difference: { path, ours, native }, facts }) => {
      const stream = facts.earlier?.status.streams.find(({ name, params }) => keyOf(name, params) === path[2])
      const isKept = stream !== undefined && String(stream.priority) === ours
      return isKept && path[3] === 'priority' && native === 'null' && !facts.hasCheckpoint
    },
  },
  {
    name: 'made anew',
    because: 'D4: a subscription that is made anew has no priority before a checkpoint.',
    ends: false,
    covers: ({ difference: { path, ours }, facts }) =>
      path[1] === 'streams' && path[3] === 'priority' && ours === 'null' && facts.madeAnew.has(path[2]!),
  },
  {
    name: 'no wish without an ask',
    because: 'S8: a subscription that is made implicit loses its priority.',
    ends: false,
    covers: ({ difference: { path, ours }, facts }) =>
      path[0] === 'streams' && path[2] === 'priority' && ours === 'null' && facts.row(path[1]!)?.ttl === null,
  },
  {
    name: 'an implicit row waits for the next request',
    because: 'S8: a row that nobody asks for goes when the next request is made.',
    ends: false,
    covers: ({ difference, facts }) => {
      const row = facts.row(streamOf(difference) ?? '')
      return isThereOnly('ours', difference) && row?.ttl === null && !row.active && !row.isDefault
    },
  },
  {
    name: 'an implicit row is asked for again',
    because: 'S1, S8: until the next request the row is still there, with its place and its last sync.',
    ends: true,
    covers: ({ difference, facts }) =>
      facts.revived.size > 0 &&
      (difference.path.join('.') === 'request.streams.subscriptions.order' ||
        facts.revived.has(streamOf(difference) ?? '')),
  },
  {
    name: 'not active through a namesake',
    because: 'C4: what was not requested and is not default is not active, whatever is listed for others.',
    ends: true,
    covers: ({ difference, native }) => {
      const row = nativeRow(native, streamOf(difference) ?? '')
      return isThereOnly('native', difference) && row?.ttl === null && row.active
    },
  },
  {
    name: 'what is implicit does not expire',
    because: 'S7, S8: it stays as long as it is listed, and keeps its last sync.',
    ends: true,
    covers: ({ difference, facts }) => {
      const key = streamOf(difference) ?? ''
      const row = facts.row(key)
      const isListed = row !== undefined && (row.isDefault || row.active)
      return (
        isThereOnly('ours', difference) &&
        row?.ttl === null &&
        isListed &&
        facts.asks.mayHaveExpired(key, facts.now)
      )
    },
  },
  {
    name: 'every ask counts',
    because:
      'S3, S4, S7, S9: the lowest priority and the longest TTL of the holders, and at once; TTL 0 means no date.',
    ends: true,
    covers: ({ difference, facts }) => {
      const name = streamOf(difference)
      if (name !== null) return facts.asks.areOdd(name)
      return ['request', 'close'].includes(difference.path[0]!) && facts.asks.areOdd()
    },
  },
  {
    name: 'default streams have a row of their own',
    because: 'C1: a default stream belongs to the subscription without parameters.',
    ends: true,
    covers: ({ difference, facts }) =>
      defaultStreams.some(
        (name) => facts.asks.withParameters(name) && streamOf(difference)?.startsWith(name),
      ),
  },
  {
    name: 'what is held survives a clear',
    because: 'K3: it stays in a new row and is requested again.',
    ends: true,
    covers: ({ difference, facts }) =>
      facts.seen.has('clear') &&
      isThereOnly('ours', difference) &&
      facts.asks.isHeld(streamOf(difference) ?? ''),
  },
  {
    name: 'requests are counted on after a clear',
    because: 'U3: an id is higher than all before; the native core begins anew and relies on the service.',
    ends: false,
    covers: ({ difference: { path }, facts }) =>
      facts.seen.has('clear') &&
      (path.slice(0, 3).join('.') === 'kept.gate.request' || path[0] === 'checkpointRequest'),
  },
  {
    name: 'a resync forgets positions, not rows',
    because: 'K5: it works while a stream is open, and what was synced stays so, as its rows stay readable.',
    ends: true,
    covers: ({ difference: { path }, facts }) =>
      facts.seen.has('resync') && ['status', 'request', 'kept'].includes(path[0]!),
  },
  {
    name: 'a row with an infinity can be changed',
    because:
      'Storage: the diff of a local write leaves out what did not change, so nothing of it has to be JSON.',
    ends: true,
    covers: ({ difference: { path, ours }, native }) =>
      path[0] === 'error' &&
      ['-', '"database_busy"'].includes(ours) &&
      native.join('').includes('number out of range'),
  },
  {
    name: 'a local change of a row that is not shown alike',
    because: 'What the native core has published too late or undone is then changed, and recorded so.',
    ends: true,
    covers: ({ difference: { path, ours }, native, facts }) => {
      if (!facts.seen.has('execute')) return false
      // A row that is gone here still stands there.
      if (path[0] === 'error' && ours === '-' && native.join('').includes('UNIQUE constraint failed'))
        return facts.partedRows.size > 0
      // Entries of the queue go by their place where a row has several.
      const isQueue = path[0] === 'crud' || path.slice(0, 2).join('.') === 'kept.queue'
      return isQueue ? facts.partedRows.size > 0 : isParted(path, facts)
    },
  },
  {
    name: 'a local update keeps the rest of its row',
    because:
      'Storage: it changes its columns alone; the native core writes the row anew from what the view shows.',
    ends: true,
    // Only another schema brings it to light.
    covers: ({ difference: { path }, facts }) =>
      path[0] === 'rows' && facts.schemas > 1 && facts.published.isLocal(path[1]!, path[2]!),
  },
  {
    name: 'a local change stays as long as its row',
    because:
      'Storage: a partial completion touches a row only if the newest of all its ops becomes another one.',
    ends: true,
    covers: ({ difference: { path }, facts }) =>
      path[0] === 'rows' &&
      facts.last === 'partial_checkpoint_complete' &&
      facts.published.isLocal(path[1]!, path[2]!),
  },
  {
    name: 'progress within its bounds',
    because: 'D2: downloaded never exceeds total.',
    ends: false,
    covers: ({ difference: { path, ours, native: theirs }, native }) =>
      isProgress(path) &&
      path.at(-1) === 'downloaded' &&
      Number(ours) < Number(theirs) &&
      isOutOfBounds(nativeDump(native)),
  },
]

function isProgress(path: readonly string[]): boolean {
  return path[0] === 'status' && (path[1] === 'downloading' || path[3] === 'progress')
}

function isParted(path: readonly string[], { partedRows }: Facts): boolean {
  return path[0] === 'rows' && partedRows.has(`${path[1]}/${path[2]}`)
}

/** The stream that a difference in a dump is about. */
function streamOf({ path }: Difference): string | null {
  if (path[0] === 'streams') return path[1] ?? null
  if (path[1] === 'streams' && (path[0] === 'status' || path[0] === 'kept')) return path[2] ?? null
  return null
}

function isThereOnly(side: 'ours' | 'native', { ours, native }: Difference): boolean {
  return side === 'ours' ? ours === '+' && native === '-' : ours === '-' && native === '+'
}

function nativeRow(printed: readonly string[], key: string): DumpedRow | undefined {
  return nativeDump(printed)?.streams.find(({ name, params }) => keyOf(name, params) === key)
}

function nativeDump(printed: readonly string[]): Dump | undefined {
  return printed
    .map((line) => JSON.parse(line) as Partial<Dump>)
    .find((line): line is Dump => line.status !== undefined)
}

function isOutOfBounds(dump: Dump | undefined): boolean {
  const parts = [
    ...(dump?.status.downloading?.byPriority ?? []),
    ...(dump?.status.streams ?? []).flatMap(({ progress }) => progress ?? []),
  ]
  return parts.some(({ total, downloaded }) => downloaded > total)
}

/** The buckets of a warning in any order. */
function words(text: string): string {
  return text.slice(1, -1).split(/, |: /).toSorted().join()
}

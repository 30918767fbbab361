/** The laws of statuses, deltas and their wire form, over seeded chance. What fails names its seed. */
import { expect, test } from 'vitest'
import { applyDelta, DeltaBuffer, mergeDelta } from '../../src/status/delta.ts'
import { keepEqual } from '../../src/status/keep.ts'
import { decodeMessage, encodeMessage, type StatusMessage } from '../../src/status/message.ts'
import { deltaInScope, statusInScope } from '../../src/status/scope.ts'
import { FULL_SYNC, type Status, type StatusDelta } from '../../src/status/status.ts'
import { isIncluded } from '../../src/status/synced.ts'
import { RandomStatus } from './random-status.ts'

const seeds = Array.from({ length: 200 }, (_, seed) => seed)

/** As it arrives at the other side: nothing shared, plain JSON only. */
const overJson = (message: StatusMessage): StatusMessage =>
  decodeMessage(JSON.parse(JSON.stringify(encodeMessage(message))) as never)
const overClone = (message: StatusMessage): StatusMessage =>
  decodeMessage(structuredClone(encodeMessage(message)))

/** A status and the deltas that followed it, with the status after each. */
function history(seed: number, length = 12): { start: Status; deltas: StatusDelta[]; after: Status[] } {
  const random = new RandomStatus(seed)
  const start = random.status(random.chance.below(6))
  const deltas: StatusDelta[] = []
  const after: Status[] = []
  let status = start
  for (let i = 0; i < length; i++) {
    const delta = random.delta(status)
    status = applyDelta(status, delta)
    deltas.push(delta)
    after.push(status)
  }
  return { start, deltas, after }
}

/** Holds for every seed. */
function law(name: string, check: (past: ReturnType<typeof history>) => void): void {
  test(name, () => {
    for (const seed of seeds) {
      try {
        check(history(seed))
      } catch (cause) {
        throw new Error(`The law does not hold for seed ${seed}.`, { cause })
      }
    }
  })
}

law(
  'a message that was written and read is the same, over JSON and over a structured clone',
  ({ start, deltas }) => {
    const messages: StatusMessage[] = [
      { kind: 'snapshot', sequence: 0, epoch: 'e', status: start },
      ...deltas.map((delta, i) => ({ kind: 'delta', sequence: i + 1, delta }) as const),
    ]
    expect(messages.map(overJson)).toStrictEqual(messages)
    expect(messages.map(overClone)).toStrictEqual(messages)
  },
)

law('the snapshot and all deltas, as they arrive, fold to the status', ({ start, deltas, after }) => {
  const arrived = deltas.map((delta) => overJson({ kind: 'delta', sequence: 1, delta }))
  const folded = arrived.reduce(
    (status, message) => (message.kind === 'delta' ? applyDelta(status, message.delta) : status),
    start,
  )
  expect(folded).toStrictEqual(after.at(-1))
})

law('merged deltas do what they do one by one, however they are grouped', ({ start, deltas, after }) => {
  const buffer = new DeltaBuffer()
  for (const delta of deltas) buffer.add(delta)
  const pairs = deltas.reduce((merged, delta) => mergeDelta(merged, delta), {})
  expect(applyDelta(start, buffer.take() ?? {})).toStrictEqual(after.at(-1))
  expect(applyDelta(start, pairs)).toStrictEqual(after.at(-1))
})

law('synced means the streams that the checkpoint included, and no others', ({ start, deltas, after }) => {
  for (const [i, { synced }] of deltas.entries()) {
    const before = i === 0 ? start : after[i - 1]!
    if (synced === undefined) continue
    for (const [id, stream] of applyDelta(before, { synced }).streams) {
      const included = synced.filter(({ priority }) => {
        if (!stream.active || stream.error !== null) return false
        return priority === FULL_SYNC || (stream.priority !== null && stream.priority <= priority)
      })
      expect(stream.lastSyncedAt).toBe(included.at(-1)?.lastSyncedAt ?? before.streams.get(id)!.lastSyncedAt)
    }
  }
})

law('what a delta does not name is the very same after it', ({ start, deltas, after }) => {
  let status = start
  for (const [i, delta] of deltas.entries()) {
    const next = after[i]!
    for (const key of Object.keys(status) as (keyof Status)[]) {
      if (!(key in delta) && !(key === 'streams' && 'synced' in delta)) expect(next[key]).toBe(status[key])
    }
    for (const [id, stream] of next.streams) {
      const isNamed = delta.streams?.has(id) === true
      const isSynced = delta.synced?.some(({ priority }) => isIncluded(stream, priority)) === true
      if (!isNamed && !isSynced) expect(stream).toBe(status.streams.get(id))
    }
    status = next
  }
})

law('scope and delta commute', ({ start, deltas, after }) => {
  const isHeld = (id: number) => id % 2 === 0
  for (const scope of ['summary', 'held', 'all'] as const) {
    let seen = statusInScope(start, scope, isHeld)
    for (const [i, delta] of deltas.entries()) {
      const inScope = deltaInScope(delta, scope, isHeld)
      if (inScope !== null) seen = applyDelta(seen, inScope)
      expect(seen).toStrictEqual(statusInScope(after[i]!, scope, isHeld))
    }
  }
})

law('a status that comes whole keeps what is equal, and its value', ({ after }) => {
  const before = after.at(-2)!
  const last = after.at(-1)!
  const kept = keepEqual(before, structuredClone(last))
  expect(kept).toStrictEqual(last)
  for (const [id, stream] of before.streams) {
    if (last.streams.get(id) === stream) expect(kept.streams.get(id)).toBe(stream)
  }
  for (const key of Object.keys(last) as (keyof Status)[]) {
    if (last[key] === before[key]) expect(kept[key]).toBe(before[key])
  }
  expect(keepEqual(last, structuredClone(last))).toBe(last)
})

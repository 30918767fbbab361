/** Rules D, and A5 and A6: progress, and what reporting it costs. */
import { describe, expect, test, vi } from 'vitest'
import { encodeDelta } from '../../src/status/message.ts'
import { FULL_SYNC, type StatusDelta } from '../../src/status/status.ts'
import type { SyncEvent } from '../../src/sync/event.ts'
import { step } from '../../src/sync/step.ts'
import { SubscriptionMap } from '../../src/sync/subscription-map.ts'
import type { CheckpointStream } from '../../src/wire/line.ts'
import { checkpoint, complete, data, diff, partial, stream } from './lines.ts'
import { Machine } from './machine.ts'

function started(): Machine {
  const machine = new Machine()
  machine.start()
  return machine
}

describe('D1: progress is shown', () => {
  test('from a checkpoint until it is applied, for streams that have something to download', () => {
    const machine = started()
    expect(machine.status.downloading).toBeNull()
    machine.line(checkpoint([{ name: 'b', count: 1 }], [stream('d', true), stream('empty', true)]))
    expect(machine.stream('d')?.progress).toEqual({ total: 1, downloaded: 0 })
    expect(machine.stream('empty')?.progress).toBeNull()
    machine.line(data('b', 1))
    expect(machine.stream('d')?.progress).toEqual({ total: 1, downloaded: 1 })
    machine.line(complete)
    expect(machine.stream('d')?.progress).toBeNull()
  })

  test('not after the iteration ended, nor what is left of it in the next one', () => {
    const machine = started()
    machine.line(checkpoint([{ name: 'b', count: 2 }]))
    machine.line(data('b', 1))
    machine.end()
    expect(machine.stream('d')?.progress).toBeNull()
    machine.start()
    machine.established()
    expect(machine.stream('d')?.progress).toBeNull()
    machine.line(checkpoint([{ name: 'b', count: 2 }]))
    expect(machine.stream('d')?.progress).toEqual({ total: 2, downloaded: 1 })
  })

  test('a bucket of two streams counts in both, and once in the whole', () => {
    const machine = started()
    machine.line(
      checkpoint(
        [{ name: 'b', count: 3, reasons: [{ default: 0 }, { default: 1 }] }],
        [stream('d', true), stream('e', true)],
      ),
    )
    machine.line(data('b', 2))
    expect(machine.stream('d')?.progress).toEqual({ total: 3, downloaded: 2 })
    expect(machine.stream('e')?.progress).toEqual({ total: 3, downloaded: 2 })
    expect(machine.status.downloading).toMatchObject({ total: 3, downloaded: 2 })
  })
})

test('D2: more ops than the checkpoint counts do not show', () => {
  const machine = started()
  machine.line(
    checkpoint([
      { name: 'a', count: 2, priority: 1 },
      { name: 'b', count: 2 },
    ]),
  )
  machine.line(data('a', 5))
  expect(machine.stream('d')?.progress).toEqual({ total: 4, downloaded: 4 })
  expect(machine.status.downloading).toEqual({
    total: 4,
    downloaded: 2,
    byPriority: [
      { priority: 1, total: 2, downloaded: 2 },
      { priority: 3, total: 2, downloaded: 0 },
    ],
  })
})

test('D3: one entry for each priority, ascending; none for one whose buckets are gone', () => {
  const machine = started()
  const buckets = [7, 0, 3].map((priority) => ({ name: `p${priority}`, count: 1, priority }))
  machine.line(checkpoint(buckets))
  const priorities = () => machine.status.downloading?.byPriority.map(({ priority }) => priority)
  expect(priorities()).toEqual([0, 3, 7])
  machine.line(diff([], ['p3']))
  expect(priorities()).toEqual([0, 7])
})

test('D4: the priority of a stream is the largest number of the buckets that the last checkpoint gave it', () => {
  const machine = started()
  machine.line(
    checkpoint([
      { name: 'a', count: 0, priority: 1 },
      { name: 'b', count: 0, priority: 2 },
    ]),
  )
  expect(machine.stream('d')?.priority).toBe(2)
  machine.line(complete)
  expect(machine.stream('d')?.priority).toBe(2)
  machine.line(diff([], ['b']))
  expect(machine.stream('d')?.priority).toBe(1)
  machine.end()
  expect(machine.stream('d')?.priority).toBe(1)
  machine.start()
  expect(machine.stream('d')?.priority).toBe(1)
  machine.line(checkpoint([]))
  expect(machine.stream('d')?.priority).toBeNull()
})

describe('D5: after a full completion', () => {
  test('a small diff counts from 0', () => {
    const machine = started()
    machine.line(checkpoint([{ name: 'b', count: 10 }]))
    machine.line(data('b', 10))
    machine.line(complete)
    machine.line(diff([{ name: 'b', count: 12 }]))
    expect(machine.status.downloading).toMatchObject({ total: 2, downloaded: 0 })
    machine.line(data('b', 2))
    expect(machine.stream('d')?.progress).toEqual({ total: 2, downloaded: 2 })
  })

  test('what an interrupted one brought still counts for the next', () => {
    const machine = started()
    machine.line(checkpoint([{ name: 'b', count: 10 }]))
    machine.line(data('b', 5))
    machine.end()
    machine.start()
    machine.line(checkpoint([{ name: 'b', count: 12 }]))
    expect(machine.stream('d')?.progress).toEqual({ total: 12, downloaded: 5 })
  })

  test('a bucket that shrank starts again from nothing', () => {
    const machine = started()
    machine.line(checkpoint([{ name: 'b', count: 10 }]))
    machine.line(data('b', 5))
    machine.end()
    machine.start()
    machine.line(checkpoint([{ name: 'b', count: 4 }]))
    expect(machine.status.downloading).toMatchObject({ total: 4, downloaded: 0 })
  })
})

describe('A6: with very many streams', () => {
  const many = 2000

  function withManyStreams(): Machine {
    const machine = started()
    const streams: CheckpointStream[] = Array.from({ length: many }, (_, i) => stream(`s${i}`, true))
    const buckets = streams.map(({ name }, i) => ({
      name,
      count: 10,
      checksum: 0,
      reasons: [{ default: i }],
    }))
    machine.line(checkpoint(buckets, streams))
    return machine
  }

  /** The same with nothing left to download. */
  function synced(): Machine {
    const machine = withManyStreams()
    machine.line(complete)
    return machine
  }

  /** What is reported from here on. */
  function deltas(machine: Machine): StatusDelta[] {
    const told: StatusDelta[] = []
    machine.onReport = (delta) => void told.push(delta)
    return told
  }

  test('a data line reports the stream of its bucket and the sums, nothing else', () => {
    const machine = withManyStreams()
    const saved = step(machine.state, { kind: 'saved', priority: 3, subscriptions: [7], ops: 4 })
    expect(saved.commands).toEqual([
      {
        do: 'report',
        delta: {
          downloading: {
            total: 10 * many,
            downloaded: 4,
            byPriority: [{ priority: 3, total: 10 * many, downloaded: 4 }],
          },
          streams: new Map([[7, { progress: { total: 10, downloaded: 4 } }]]),
        },
      },
    ])
  })

  test('it leaves all other subscriptions as they are, the same objects', () => {
    const machine = withManyStreams()
    const before = machine.state.known.subscriptions
    machine.line(data('s6', 4))
    const after = machine.state.known.subscriptions
    const changed = [...after].filter(([id, subscription]) => before.get(id) !== subscription)
    expect(changed.map(([id]) => id)).toEqual([machine.stream('s6')?.id])
  })

  test('a diff of one bucket names its stream, its completion says of all at once that they synced', () => {
    const machine = synced()
    const id = machine.stream('s6')!.id
    const told = deltas(machine)
    machine.now += 1000
    machine.line(diff([{ name: 's6', count: 12, checksum: 0, reasons: [{ default: 6 }] }]))
    expect(told.at(-1)?.streams).toEqual(new Map([[id, { progress: { total: 2, downloaded: 0 } }]]))
    machine.line(complete)
    expect(told.at(-1)).toMatchObject({
      synced: [{ priority: FULL_SYNC, lastSyncedAt: machine.now }],
      streams: new Map([[id, { progress: null }]]),
    })
    expect(machine.stream('s999')?.lastSyncedAt).toBe(machine.now)
    const bytes = told.map((delta) => JSON.stringify(encodeDelta(delta)).length)
    expect(Math.max(...bytes)).toBeLessThan(200)
  })

  test('a partial completion says it of the streams that have such a priority', () => {
    const machine = started()
    const streams = [stream('a', true), stream('b', true), stream('empty', true)]
    const buckets = [1, 2].map((priority, i) => ({
      name: `p${priority}`,
      priority,
      count: 0,
      reasons: [{ default: i }],
    }))
    machine.line(checkpoint(buckets, streams))
    const told = deltas(machine)
    machine.line(partial(1))
    expect(told).toEqual([expect.objectContaining({ synced: [{ priority: 1, lastSyncedAt: machine.now }] })])
    expect(told[0]).not.toHaveProperty('streams')
    const { now } = machine
    expect(['a', 'b', 'empty'].map((name) => machine.stream(name)?.lastSyncedAt)).toEqual([now, null, null])
  })

  test('a restart and the checkpoint after it, which changes nothing, name no stream', () => {
    const machine = synced()
    const told = deltas(machine)
    machine.refreshed()
    machine.clock()
    const streams = [...machine.status.streams.values()].map(({ name }) => stream(name, true))
    const buckets = streams.map(({ name }, i) => ({
      name,
      count: 10,
      checksum: 0,
      reasons: [{ default: i }],
    }))
    machine.line(checkpoint(buckets, streams))
    expect(told.filter((delta) => delta.streams !== undefined)).toEqual([])
  })

  test('who asks for one, or lets go of it, walks no others', () => {
    const machine = new Machine()
    for (let i = 0; i < 100; i++) machine.subscribe('s', { i })
    machine.start()
    const walk = vi.spyOn(SubscriptionMap.prototype, Symbol.iterator)
    const change = (event: Omit<Extract<SyncEvent, { kind: 'subscribed' }>, 'kind'>) => {
      let { state } = step(machine.state, { kind: 'subscribed', ...event })
      state = step(state, { kind: 'released', ...event }).state
      return state.phase.at
    }
    const ask = { name: 's', ttl: null, priority: null, holder: 'other', now: machine.now }
    expect(change({ ...ask, params: '{"i":7}' })).toBe('opening')
    expect(change({ ...ask, params: '{"i":7}', ttl: 0, holder: 'app' })).toBe('opening')
    expect(change({ ...ask, params: '{"i":1000}' })).toBe('restarting')
    expect(walk).not.toHaveBeenCalled()
    walk.mockRestore()
  })
})

test('A5: an event that changes nothing visible reports nothing', () => {
  const machine = started()
  machine.line(checkpoint([{ name: 'b', count: 1 }]))
  const again = step(machine.state, machine.lineEvent({ kind: 'token_expires_in', seconds: 60 }))
  expect(again.commands).toEqual([])
  expect(again.state).toBe(machine.state)
})

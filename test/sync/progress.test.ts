/** Rules D, and A5 and A6: progress, and what reporting it costs. */
import { describe, expect, test } from 'vitest'
import { step } from '../../src/sync/step.ts'
import type { CheckpointStream } from '../../src/wire/line.ts'
import { checkpoint, complete, data, diff, stream } from './lines.ts'
import { Machine } from './machine.ts'

function started(): Machine {
  const machine = new Machine()
  machine.start()
  return machine
}

describe('D1: progress is shown', () => {
  test('from a checkpoint until it is applied, also for streams without buckets', () => {
    const machine = started()
    expect(machine.status.downloading).toBeNull()
    machine.line(checkpoint([{ name: 'b', count: 1 }], [stream('d', true), stream('empty', true)]))
    expect(machine.stream('d')?.progress).toEqual({ total: 1, downloaded: 0 })
    expect(machine.stream('empty')?.progress).toEqual({ total: 0, downloaded: 0 })
    machine.line(data('b', 1))
    expect(machine.stream('d')?.progress).toEqual({ total: 1, downloaded: 1 })
    machine.line(complete)
    expect(machine.stream('d')?.progress).toBeNull()
    expect(machine.stream('empty')?.progress).toBeNull()
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

test('D4: the priority of a stream is the largest number of its buckets', () => {
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

describe('A6: a data line', () => {
  const many = 2000

  function withManyStreams(): Machine {
    const machine = started()
    const streams: CheckpointStream[] = Array.from({ length: many }, (_, i) => stream(`s${i}`, true))
    const buckets = streams.map(({ name }, i) => ({ name, count: 10, reasons: [{ default: i }] }))
    machine.line(checkpoint(buckets, streams))
    return machine
  }

  test('reports the stream of its bucket and the sums, nothing else', () => {
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

  test('leaves all other subscriptions as they are, the same objects', () => {
    const machine = withManyStreams()
    const before = machine.state.known.subscriptions
    machine.line(data('s6', 4))
    const after = machine.state.known.subscriptions
    const changed = [...after].filter(([id, subscription]) => before.get(id) !== subscription)
    expect(changed.map(([id]) => id)).toEqual([machine.stream('s6')?.id])
  })
})

test('A5: an event that changes nothing visible reports nothing', () => {
  const machine = started()
  machine.line(checkpoint([{ name: 'b', count: 1 }]))
  const again = step(machine.state, machine.lineEvent({ kind: 'token_expires_in', seconds: 60 }))
  expect(again.commands).toEqual([])
  expect(again.state).toBe(machine.state)
})

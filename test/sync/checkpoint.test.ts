/** Rules C: what a checkpoint says of streams. */
import { describe, expect, test } from 'vitest'
import type { StreamParameters } from '../../src/status/parameters.ts'
import { checkpoint, complete, data, diff, partial, stream } from './lines.ts'
import { deeds, logs, Machine, requestOf } from './machine.ts'

function started(...subscriptions: readonly (readonly [string, StreamParameters?])[]): Machine {
  const machine = new Machine()
  for (const [name, params] of subscriptions) machine.subscribe(name, params)
  machine.start()
  return machine
}

describe('C1: default streams', () => {
  test('appear with the first checkpoint that lists them', () => {
    const machine = started()
    machine.line(checkpoint([{ name: 'b', count: 1, priority: 2 }], [stream('d', true)]))
    expect(machine.stream('d')).toEqual({
      id: 1,
      name: 'd',
      params: null,
      priority: 2,
      active: true,
      isDefault: true,
      hasExplicitSubscription: false,
      expiresAt: null,
      lastSyncedAt: null,
      progress: { total: 1, downloaded: 0 },
      error: null,
      holders: [],
    })
    expect(machine.storage.rows.get(1)).toMatchObject({ name: 'd', isDefault: true, active: true, ttl: null })
  })

  test('one that is asked for explicitly is the same row, both default and explicit', () => {
    const machine = started(['d'])
    machine.line(
      checkpoint([{ name: 'b', count: 2, reasons: [{ sub: 0 }, { default: 0 }] }], [stream('d', true)]),
    )
    expect(machine.status.streams.size).toBe(1)
    expect(machine.stream('d')).toMatchObject({
      isDefault: true,
      hasExplicitSubscription: true,
      active: true,
      progress: { total: 2, downloaded: 0 },
    })
  })

  test('a subscription with parameters is another one, and leaves the default buckets their owner', () => {
    const machine = started(['d', { x: 1 }])
    machine.line(
      checkpoint(
        [
          { name: 'mine', count: 1, reasons: [{ sub: 0 }] },
          { name: 'everybody', count: 2, reasons: [{ default: 0 }] },
        ],
        [stream('d', true)],
      ),
    )
    expect(machine.stream('d', { x: 1 })).toMatchObject({
      isDefault: false,
      active: true,
      progress: { total: 1 },
    })
    expect(machine.stream('d')).toMatchObject({ isDefault: true, active: true, progress: { total: 2 } })
  })

  test('subscribing to a default stream makes its row explicit', () => {
    const machine = started()
    machine.line(checkpoint([], [stream('d', true)]))
    expect(deeds(machine.subscribe('d', null, { priority: 0 }))).toEqual(['close', 'wake'])
    expect(machine.status.streams.size).toBe(1)
    expect(machine.stream('d')).toMatchObject({ isDefault: true, hasExplicitSubscription: true })
    expect(requestOf(machine.clock()).streams.subscriptions).toEqual([
      { stream: 'd', parameters: null, override_priority: 0 },
    ])
  })
})

describe('C2: a default stream that is no longer listed', () => {
  test('is removed', () => {
    const machine = started()
    machine.line(checkpoint([], [stream('d', true), stream('e', true)]))
    machine.line(checkpoint([], [stream('e', true)]))
    expect([...machine.status.streams.values()].map(({ name }) => name)).toEqual(['e'])
    expect(machine.storage.rows.size).toBe(1)
  })

  test('stays if it is explicit, neither default nor active', () => {
    const machine = started(['d'])
    machine.line(checkpoint([], [stream('d', true)]))
    machine.line(checkpoint([], []))
    expect(machine.stream('d')).toMatchObject({
      isDefault: false,
      active: false,
      hasExplicitSubscription: true,
    })
  })
})

describe('C3: without default streams', () => {
  test('none is added, though the service lists one that was asked for with parameters', () => {
    const machine = new Machine()
    machine.subscribe('d', { x: 1 })
    machine.start({ includeDefaults: false })
    machine.line(checkpoint([], [stream('d', true)]))
    expect(machine.status.streams.size).toBe(1)
    expect(machine.stream('d', { x: 1 })?.active).toBe(true)
  })

  test('one from earlier goes, even if its name is still listed for another', () => {
    const machine = started(['d', { x: 1 }])
    machine.line(checkpoint([], [stream('d', true)]))
    expect(machine.stream('d')?.active).toBe(true)
    machine.start({ includeDefaults: false })
    machine.line(checkpoint([], [stream('d', true)]))
    expect(machine.stream('d')).toBeUndefined()
  })

  test('one that was requested is default', () => {
    const machine = new Machine()
    machine.subscribe('d')
    machine.start({ includeDefaults: false })
    machine.line(checkpoint([{ name: 'b', count: 1, reasons: [{ sub: 0 }] }], [stream('d', true)]))
    expect(machine.stream('d')).toMatchObject({ isDefault: true, active: true, progress: { total: 1 } })
  })
})

test('C4: a requested subscription is active as long as its stream is listed', () => {
  const machine = started(['a'], ['b'])
  machine.line(checkpoint([], [stream('a')]))
  expect([machine.stream('a')?.active, machine.stream('b')?.active]).toEqual([true, false])
  machine.line(checkpoint([], [stream('b')]))
  expect([machine.stream('a')?.active, machine.stream('b')?.active]).toEqual([false, true])
  expect([...machine.storage.rows.values()].map(({ active }) => active)).toEqual([false, true])
})

describe('C5: errors', () => {
  test('of a default stream', () => {
    const machine = started()
    const told = machine.line(
      checkpoint([], [stream('d', true, [{ subscription: 'default', message: 'No such claim.' }])]),
    )
    expect(logs(told)).toEqual(['warning: Default subscription d has errors: No such claim.'])
    expect(machine.stream('d')?.error).toEqual({ code: 'stream_failed', message: 'No such claim.' })
    machine.line(checkpoint([], [stream('d', true)]))
    expect(machine.stream('d')?.error).toBeNull()
  })

  test('of an explicit one, by its place in the request', () => {
    const machine = started(['a', { x: 1 }], ['a', { x: 2 }])
    const told = machine.line(checkpoint([], [stream('a', false, [{ subscription: 1, message: 'Bad x.' }])]))
    expect(logs(told)).toHaveLength(1)
    expect(logs(told)[0]).toMatch(/^warning: .*a .*\{"x":2\}.*Bad x\.$/)
    expect(machine.stream('a', { x: 1 })?.error).toBeNull()
    expect(machine.stream('a', { x: 2 })?.error).toEqual({ code: 'stream_failed', message: 'Bad x.' })
  })

  test.each(['default', 0] as const)('%s of one stream reach its own subscription only', (place) => {
    const machine = started(['d', { x: 1 }])
    machine.line(checkpoint([], [stream('d', true, [{ subscription: place, message: 'No.' }])]))
    const failed = { code: 'stream_failed', message: 'No.' }
    expect(machine.stream('d')?.error).toEqual(place === 'default' ? failed : null)
    expect(machine.stream('d', { x: 1 })?.error).toEqual(place === 0 ? failed : null)
  })

  test('stay with a diff, which says nothing of streams', () => {
    const machine = started(['a'])
    machine.line(checkpoint([], [stream('a', false, [{ subscription: 0, message: 'No.' }])]))
    expect(logs(machine.line(diff([])))).toEqual([])
    machine.line(complete)
    expect(machine.stream('a')).toMatchObject({ error: { message: 'No.' }, lastSyncedAt: null })
  })

  test('at a place that was not requested reaches nobody', () => {
    const machine = started(['a'])
    const told = machine.line(checkpoint([], [stream('a', false, [{ subscription: 7, message: 'Who?' }])]))
    expect(logs(told)).toEqual([])
    expect(machine.stream('a')?.error).toBeNull()
  })

  test('a stream that the service does not know', () => {
    const machine = started(['a'])
    machine.line(checkpoint([], []))
    expect(machine.stream('a')).toMatchObject({ active: false, error: { code: 'stream_unknown' } })
    machine.line(checkpoint([], [stream('a')]))
    expect(machine.stream('a')).toMatchObject({ active: true, error: null })
  })
})

describe('C6: synced', () => {
  test('at a full completion: active and without error, buckets or not', () => {
    const machine = started(['good'], ['failed'], ['unknown'])
    machine.line(
      checkpoint(
        [{ name: 'b', count: 1 }],
        [stream('d', true), stream('good'), stream('failed', false, [{ subscription: 1, message: 'No.' }])],
      ),
    )
    machine.line(data('b', 1))
    machine.line(complete)
    const synced = ['d', 'good', 'failed', 'unknown'].map((name) => machine.stream(name)?.lastSyncedAt)
    expect(synced).toEqual([machine.now, machine.now, null, null])
    expect([...machine.storage.rows.values()].map(({ lastSyncedAt }) => lastSyncedAt)).toEqual([
      machine.now,
      null,
      null,
      machine.now,
    ])
  })

  test('at a partial completion: those with buckets, all of which are included', () => {
    const machine = started()
    machine.line(
      checkpoint(
        [
          { name: 'early', count: 0, priority: 1, reasons: [{ default: 0 }, { default: 1 }] },
          { name: 'late', count: 0, priority: 3, reasons: [{ default: 1 }] },
        ],
        [stream('early', true), stream('mixed', true), stream('empty', true)],
      ),
    )
    const synced = () => ['early', 'mixed', 'empty'].map((name) => machine.stream(name)?.lastSyncedAt)
    machine.line(partial(1))
    expect(synced()).toEqual([machine.now, null, null])
    machine.line(complete)
    expect(synced()).toEqual([machine.now, machine.now, machine.now])
  })

  test('at a partial completion: not those that failed', () => {
    const machine = started(['a'])
    const failed = stream('a', false, [{ subscription: 0, message: 'No.' }])
    machine.line(checkpoint([{ name: 'b', count: 0, priority: 1, reasons: [{ sub: 0 }] }], [failed]))
    machine.line(partial(1))
    expect(machine.stream('a')?.lastSyncedAt).toBeNull()
    machine.line(checkpoint([], [stream('a')]))
    machine.line(complete)
    expect(machine.stream('a')?.lastSyncedAt).toBe(machine.now)
  })

  test('a late bucket that goes with a diff does not hold its stream back', () => {
    const machine = started()
    machine.line(
      checkpoint([
        { name: 'early', count: 0, priority: 1 },
        { name: 'late', count: 5, priority: 3 },
      ]),
    )
    machine.line(diff([], ['late']))
    machine.line(partial(1))
    expect(machine.stream('d')?.lastSyncedAt).toBe(machine.now)
  })
})

test('C7: reasons that point nowhere are left out', () => {
  const machine = started()
  machine.line(
    checkpoint([{ name: 'b', count: 3, reasons: [{ sub: 4 }, { default: 9 }] }], [stream('d', true)]),
  )
  expect(machine.status.downloading).toMatchObject({ total: 3 })
  expect(machine.stream('d')?.progress).toBeNull()
})

test.each([
  ['default first', [true, false]],
  ['default last', [false, true]],
])('C1: streams of one name count as one, default if either is: %s', (_order, defaults) => {
  const machine = new Machine()
  machine.start()
  const error = { subscription: 'default', message: 'Not now.' } as const
  machine.line(
    checkpoint(
      defaults.map((_isDefault, i) => ({ name: `b${i}`, count: 1, reasons: [{ default: i }] })),
      defaults.map((isDefault) => stream('d', isDefault, isDefault ? [error] : [])),
    ),
  )
  expect(machine.stream('d')).toMatchObject({ isDefault: true, active: true, progress: { total: 2 } })
  expect(machine.stream('d')?.error).toMatchObject({ code: 'stream_failed' })
})

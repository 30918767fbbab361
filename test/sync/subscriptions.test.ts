/** Rules S but S6 and S7: who holds what, for how long, and what is asked for. */
import { describe, expect, test } from 'vitest'
import { NEVER } from '../../src/sync/event.ts'
import { checkpoint, complete, keepalive, stream } from './lines.ts'
import { deeds, Machine, requested, requestOf, rowOf } from './machine.ts'

const DAY = 24 * 60 * 60 * 1000

describe('S1: identity', () => {
  test('spellings of the same parameters are one subscription', () => {
    const machine = new Machine()
    machine.subscribe('a', { x: 1, y: { b: 2, a: 1 } })
    machine.subscribe('a', { y: { a: 1, b: 2 }, x: 1, gone: undefined }, { holder: 'other' })
    machine.subscribe('b')
    machine.subscribe('b', {}, { holder: 'other' })
    expect([...machine.status.streams.values()].map(({ holders }) => holders)).toEqual([
      ['app', 'other'],
      ['app', 'other'],
    ])
  })

  test('the request is in the order in which the rows were first made; ids do not return', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 0 })
    machine.subscribe('b')
    machine.subscribe('c', null, { ttl: 0 })
    machine.release('a')
    machine.release('c')
    machine.subscribe('d')
    machine.subscribe('a')
    expect(requestOf(machine.start()).streams.subscriptions).toEqual(
      ['b', 'd', 'a'].map((name) => ({ stream: name, parameters: null, override_priority: null })),
    )
    expect([...machine.storage.rows.keys()]).toEqual([2, 4, 5])
  })
})

test('S2: only explicit subscriptions are requested', () => {
  const machine = new Machine()
  machine.subscribe('a', { list: 'x' }, { priority: 1 })
  machine.start()
  machine.line(checkpoint([], [stream('d', true), stream('a')]))
  expect(requestOf(machine.start()).streams.subscriptions).toEqual([
    { stream: 'a', parameters: { list: 'x' }, override_priority: 1 },
  ])
})

describe('S3: holders and priorities', () => {
  test('the same holder counts once', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 0 })
    machine.subscribe('a', null, { ttl: 0 })
    machine.release('a')
    expect(machine.stream('a')).toBeUndefined()
  })

  test('the lowest number wins; the newest ask of a holder replaces its older one', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { priority: 2, holder: 'w1' })
    machine.subscribe('a', null, { priority: 1, holder: 'w2' })
    machine.subscribe('a', null, { holder: 'w3' })
    expect(rowOf(machine, 'a')?.priority).toBe(1)
    machine.subscribe('a', null, { priority: 3, holder: 'w2' })
    expect(rowOf(machine, 'a')?.priority).toBe(2)
  })

  test('an ask with a priority after one without counts, at once', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { holder: 'w1' })
    machine.start()
    expect(deeds(machine.subscribe('a', null, { priority: 0, holder: 'w2' }))).toEqual(['close', 'wake'])
    expect(requestOf(machine.clock()).streams.subscriptions[0]?.override_priority).toBe(0)
  })

  test('a release of somebody who does not hold it changes nothing', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 0 })
    const { state } = machine
    machine.release('a', null, 'stranger')
    machine.release('nothing')
    expect(machine.state).toBe(state)
  })
})

describe('S4: the TTL', () => {
  test('is a day if not said', () => {
    const machine = new Machine()
    machine.subscribe('a')
    expect(rowOf(machine, 'a')?.ttl).toBe(DAY)
  })

  test('is the longest that the holders there were asked for', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 5000, holder: 'w1' })
    machine.subscribe('a', null, { ttl: 1000, holder: 'w2' })
    machine.release('a', null, 'w1')
    machine.subscribe('a', null, { ttl: 2000, holder: 'w3' })
    machine.release('a', null, 'w2')
    machine.release('a', null, 'w3')
    expect(machine.stream('a')?.expiresAt).toBe(machine.now + 5000)
  })

  test.each([[[0, 1000]], [[1000, NEVER, 0]]])('the longest of %j', (ttls) => {
    const machine = new Machine()
    for (const ttl of ttls) machine.subscribe('a', null, { ttl, holder: `w${ttl}` })
    expect(rowOf(machine, 'a')?.ttl).toBe(Math.max(...ttls))
  })

  test('begins anew when it was unheld', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 5000 })
    machine.release('a')
    machine.subscribe('a', null, { ttl: 1000 })
    machine.release('a')
    expect(machine.stream('a')?.expiresAt).toBe(machine.now + 1000)
  })

  test('never: stays without a holder for ever', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: NEVER })
    machine.release('a')
    expect(machine.stream('a')?.expiresAt).toBeNull()
    machine.now += 1000 * DAY
    expect(requested(machine)).toEqual([['a', null]])
  })
})

describe('S5: a release with TTL left', () => {
  test('restarts nothing and keeps the priority', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { priority: 1, holder: 'w1' })
    machine.subscribe('a', null, { priority: 2, holder: 'w2' })
    machine.start()
    expect(machine.release('a', null, 'w1')).toEqual([])
    expect(machine.release('a', null, 'w2')).toEqual([])
    expect(rowOf(machine, 'a')).toMatchObject({ priority: 1, ttl: DAY })
    expect(machine.line(keepalive(60))).toEqual([])
  })

  test('who comes back decides anew', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { priority: 1 })
    machine.start()
    machine.release('a')
    expect(deeds(machine.subscribe('a', null, { priority: 2 }))).toEqual(['close', 'wake'])
  })
})

describe('S8: unsubscribed_all', () => {
  test('drops all holders, and the row goes with the next request', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { priority: 1, holder: 'w1' })
    machine.subscribe('a', null, { holder: 'w2' })
    machine.unsubscribeAll('a')
    expect(rowOf(machine, 'a')).toMatchObject({ ttl: null, priority: null, expiresAt: null })
    expect(machine.stream('a')).toMatchObject({ holders: [], hasExplicitSubscription: false })
    machine.start()
    expect(machine.stream('a')).toBeUndefined()
    expect(machine.storage.rows.size).toBe(0)
  })

  test('restarts an open stream; the next checkpoint takes the row', () => {
    const machine = new Machine()
    machine.subscribe('a', { x: 1 })
    machine.subscribe('a', { x: 2 })
    machine.start()
    machine.line(checkpoint([], [stream('a')]))
    expect(deeds(machine.unsubscribeAll('a', { x: 1 }))).toEqual(['close', 'wake'])
    machine.clock()
    machine.line(checkpoint([], [stream('a')]))
    expect(machine.stream('a', { x: 1 })).toBeUndefined()
    expect(machine.stream('a', { x: 2 })?.active).toBe(true)
  })

  test('leaves a default stream in place', () => {
    const machine = new Machine()
    machine.subscribe('d')
    machine.start()
    machine.line(checkpoint([], [stream('d', true)]))
    machine.unsubscribeAll('d')
    expect(machine.stream('d')).toMatchObject({ isDefault: true, hasExplicitSubscription: false })
    expect(requestOf(machine.clock()).streams.subscriptions).toEqual([])
  })

  test('of an unknown stream changes nothing', () => {
    const machine = new Machine()
    const { state } = machine
    machine.unsubscribeAll('a')
    expect(machine.state).toBe(state)
  })
})

describe('S9: a change restarts exactly if the request differs', () => {
  test.each(['opening', 'streaming'] as const)('a new subscription while %s', (phase) => {
    const machine = new Machine()
    machine.start()
    if (phase === 'streaming') machine.established()
    expect(machine.subscribe('a')).toEqual([
      { do: 'close', generation: 1, hideDisconnect: true },
      { do: 'wake', at: machine.now },
    ])
  })

  test('one that is in the request already', () => {
    const machine = new Machine()
    machine.subscribe('a', { x: 1 })
    machine.release('a', { x: 1 })
    machine.start()
    expect(machine.subscribe('a', { x: 1 }, { ttl: 5, holder: 'w2' })).toEqual([])
  })

  test('made while connecting, it is in the next request', () => {
    const machine = new Machine()
    machine.start()
    machine.subscribe('a', null, { priority: 2 })
    expect(requestOf(machine.clock()).streams.subscriptions).toEqual([
      { stream: 'a', parameters: null, override_priority: 2 },
    ])
  })

  test('made while the wait lasts, it is in the next request', () => {
    const machine = new Machine()
    machine.subscribe('gone', null, { ttl: 0 })
    machine.start()
    machine.end()
    machine.subscribe('a')
    machine.release('gone')
    machine.now += 60_000
    const { subscriptions } = requestOf(machine.clock()).streams
    expect(subscriptions.map(({ stream: name }) => name)).toEqual(['a'])
  })

  test('one that is taken back before the answer restarts once more', () => {
    const machine = new Machine()
    machine.start()
    machine.subscribe('a', null, { ttl: 0 })
    machine.clock()
    expect(deeds(machine.release('a'))).toEqual(['close', 'wake'])
    expect(requestOf(machine.clock()).streams.subscriptions).toEqual([])
  })

  test('without an open stream', () => {
    const machine = new Machine()
    machine.start()
    machine.end()
    expect(machine.subscribe('a')).toEqual([])
    machine.stop()
    expect(machine.subscribe('b')).toEqual([])
  })
})

describe('S10: what is on disk', () => {
  test('has no holders: TTLs run on', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    const restarted = new Machine(machine.storage)
    restarted.now = machine.now + 1000
    expect(restarted.stream('a')).toMatchObject({ holders: [], expiresAt: machine.now + 1000 })
    expect(requestOf(restarted.start()).streams.subscriptions).toHaveLength(1)
    restarted.now += 1
    expect(requestOf(restarted.start()).streams.subscriptions).toHaveLength(0)
  })

  test('shows what was synced before any connection', () => {
    const machine = new Machine()
    machine.subscribe('a')
    machine.start()
    machine.line(checkpoint([], [stream('a'), stream('d', true)]))
    machine.line(complete)
    const restarted = new Machine(machine.storage)
    expect(restarted.status.priorities).toEqual(machine.status.priorities)
    expect(restarted.stream('a')).toMatchObject({ active: true, lastSyncedAt: machine.now })
    restarted.start()
    expect(restarted.status.priorities).toEqual(machine.status.priorities)
    expect(restarted.stream('d')).toMatchObject({ isDefault: true, lastSyncedAt: machine.now })
  })
})

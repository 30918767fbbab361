/** Rules S6 and S7: when a subscription runs out, and what the clock has to do with it. */
import { describe, expect, test } from 'vitest'
import { step } from '../../src/sync/step.ts'
import { checkpoint, complete, keepalive, stream } from './lines.ts'
import { deeds, Machine, requested, requestOf, rowOf } from './machine.ts'

const DAY = 24 * 60 * 60 * 1000

describe('S6: while held', () => {
  test('it never expires, whatever the clock does', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 0 })
    machine.subscribe('b', null, { ttl: 1000 })
    machine.start()
    machine.now += 1000 * DAY
    expect(machine.line(keepalive(60))).toEqual([])
    expect(machine.stream('a')).toMatchObject({ expiresAt: null, hasExplicitSubscription: true })
    machine.stop()
    machine.now += 1000 * DAY
    expect(requestOf(machine.start()).streams.subscriptions).toHaveLength(2)
  })

  test('the TTL runs from the release', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    machine.now += 5000
    machine.release('a')
    machine.now += 1000
    expect(requested(machine)).toEqual([['a', null]])
    machine.now += 1
    expect(requested(machine)).toEqual([])
  })

  test('on disk the date is moved by asks, started and keepalives once less than half the TTL is left', () => {
    const machine = new Machine()
    const left = (): number => (rowOf(machine, 'a')?.expiresAt ?? 0) - machine.now
    const wait = (ms: number): void => void (machine.now += ms)
    machine.subscribe('a', null, { ttl: 1000 })
    expect(left()).toBe(1000)
    wait(500)
    machine.start()
    expect(left()).toBe(500)
    wait(1)
    machine.start()
    expect(left()).toBe(1000)
    for (const seconds of [60, 30]) {
      wait(500)
      machine.line(keepalive(seconds))
      expect(left()).toBe(500)
      wait(1)
      machine.line(keepalive(seconds))
      expect(left()).toBe(1000)
    }
    wait(1)
    machine.subscribe('a', null, { ttl: 1000 })
    expect(left()).toBe(1000)
    wait(600)
    machine.line(keepalive(0))
    expect(left()).toBe(1000)
  })

  test('a close long after the last ask leaves it all of its TTL, connected or not', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    machine.start()
    machine.now += 300
    machine.stop()
    expect(rowOf(machine, 'a')?.expiresAt).toBe(machine.now + 1000)
    machine.now += 100 * DAY
    machine.stop()
    const next = new Machine(machine.storage)
    next.now = machine.now + 1000
    expect(requestOf(next.start()).streams.subscriptions).toHaveLength(1)
  })

  test('a close leaves an unheld one what it had', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    machine.release('a')
    machine.now += 300
    machine.stop()
    expect(rowOf(machine, 'a')?.expiresAt).toBe(machine.now + 700)
  })

  test('most keepalives have nothing to do', () => {
    const machine = new Machine()
    for (let i = 0; i < 50; i++) machine.subscribe('a', { i })
    machine.start()
    machine.line(checkpoint([], [stream('a', false)]))
    machine.now += DAY / 4
    expect(step(machine.state, machine.lineEvent(keepalive(60)))).toEqual({
      state: machine.state,
      commands: [],
    })
  })
})

describe('S6: a clock that was set forward and back', () => {
  const YEAR = 365 * DAY

  test('leaves a held subscription its TTL from now', () => {
    const machine = new Machine()
    machine.now += YEAR
    machine.subscribe('a', null, { ttl: 1000 })
    machine.now -= YEAR
    machine.start()
    expect(rowOf(machine, 'a')?.expiresAt).toBe(machine.now + 1000)
    machine.release('a')
    expect(machine.stream('a')?.expiresAt).toBe(machine.now + 1000)
  })

  test('does not let an unheld one outlive its TTL', () => {
    const machine = new Machine()
    machine.now += YEAR
    machine.subscribe('a', null, { ttl: 1000 })
    machine.release('a')
    machine.now -= YEAR
    machine.start()
    expect(machine.stream('a')?.expiresAt).toBe(machine.now + 1000)
    machine.now += 500
    machine.line(keepalive(60))
    machine.now += 501
    expect(deeds(machine.line(keepalive(60)))).toEqual(['close', 'wake'])
    expect(machine.stream('a')).toBeUndefined()
  })

  test('removes nothing that is still to live', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    machine.release('a')
    machine.now -= YEAR
    expect(requestOf(machine.start()).streams.subscriptions).toHaveLength(1)
  })
})

describe('S7: expiry', () => {
  test('TTL 0 ends with the last holder', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 0, holder: 'w1' })
    machine.subscribe('a', null, { ttl: 0, holder: 'w2' })
    machine.start()
    expect(machine.release('a', null, 'w1')).toEqual([])
    expect(deeds(machine.release('a', null, 'w2'))).toEqual(['close', 'wake'])
    expect(machine.storage.rows.size).toBe(0)
  })

  test('is noticed when other subscriptions change', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    machine.release('a')
    machine.now += 1001
    machine.subscribe('b')
    expect(machine.stream('a')).toBeUndefined()
  })

  test('who subscribes again in time, or just too late, keeps the row', () => {
    const machine = new Machine()
    machine.subscribe('a', null, { ttl: 1000 })
    machine.release('a')
    machine.now += 1001
    machine.subscribe('a')
    expect(rowOf(machine, 'a')?.id).toBe(1)
  })

  test('a default stream stays, implicit, with its last sync', () => {
    const machine = new Machine()
    machine.subscribe('d', null, { ttl: 0, priority: 1 })
    machine.start()
    machine.line(checkpoint([], [stream('d', true)]))
    machine.line(complete)
    expect(deeds(machine.release('d'))).toEqual(['close', 'wake'])
    expect(rowOf(machine, 'd')).toMatchObject({
      isDefault: true,
      active: true,
      ttl: null,
      priority: null,
      lastSyncedAt: machine.now,
    })
  })
})

/** Rules R: how long the machine waits. */
import { describe, expect, test } from 'vitest'
import { retryDelay } from '../../src/sync/retry.ts'
import { checkpoint, complete, data, partial } from './lines.ts'
import { Machine } from './machine.ts'

const NEARLY_ONE = 1 - Number.EPSILON

describe('R1: full jitter', () => {
  test('under a ceiling that doubles from 1 s to 60 s', () => {
    const ceilings = Array.from({ length: 9 }, (_, failures) => retryDelay(failures, NEARLY_ONE, null) + 1)
    expect(ceilings).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
    expect(retryDelay(5000, NEARLY_ONE, null)).toBe(59_999)
  })

  test('from 0', () => {
    expect(retryDelay(0, 0, null)).toBe(0)
    expect(retryDelay(9, 0, null)).toBe(0)
    expect(retryDelay(6, 0.25, null)).toBe(15_000)
  })
})

/** The wait that follows when the stream ends now. */
function waitAfterEnd(machine: Machine): number {
  machine.end()
  const { connection } = machine.status
  if (connection.state !== 'waiting') throw new Error('It does not wait.')
  const wait = connection.retryAt - machine.now
  machine.now = connection.retryAt
  machine.clock()
  return wait
}

describe('R2: the ceiling starts again', () => {
  test('not with a connection, a checkpoint or data', () => {
    const machine = new Machine()
    machine.start()
    const waits = [1, 2, 3].map(() => {
      machine.established()
      machine.line(checkpoint([{ name: 'b', count: 9 }]))
      machine.line(data('b', 1))
      return waitAfterEnd(machine)
    })
    expect(waits).toEqual([500, 1000, 2000])
  })

  test.each([complete, partial(3)])('with an applied $kind', (line) => {
    const machine = new Machine()
    machine.start()
    expect([waitAfterEnd(machine), waitAfterEnd(machine)]).toEqual([500, 1000])
    machine.line(checkpoint([]))
    machine.line(line)
    expect([waitAfterEnd(machine), waitAfterEnd(machine)]).toEqual([500, 1000])
  })

  test('not with a checkpoint that was blocked', () => {
    const machine = new Machine()
    machine.storage.gate = 1n
    machine.start()
    waitAfterEnd(machine)
    machine.line(checkpoint([]))
    machine.line(complete)
    expect(waitAfterEnd(machine)).toBe(1000)
  })

  test('a mismatch that comes again and again waits longer and longer', () => {
    const machine = new Machine()
    machine.start()
    const waits = [1, 2, 3, 4].map(() => {
      machine.line(checkpoint([{ name: 'b', count: 1, checksum: 5 }]))
      machine.line(data('b', 1))
      machine.line(complete)
      const { connection } = machine.status
      const wait = connection.state === 'waiting' ? connection.retryAt - machine.now : null
      machine.now += 60_000
      machine.clock()
      return wait
    })
    expect(waits).toEqual([500, 1000, 2000, 4000])
  })
})

describe('R3: Retry-After', () => {
  test('is a floor, not a ceiling', () => {
    expect(retryDelay(0, 0.5, 30_000)).toBe(30_000)
    expect(retryDelay(6, 0.75, 30_000)).toBe(45_000)
  })

  test('is kept to', () => {
    const machine = new Machine()
    machine.start()
    const error = { code: 'rejected', message: 'Later.' }
    const told = machine.end({ kind: 'failed', error, retryAfter: 120_000 })
    expect(told).toContainEqual({ do: 'wake', at: machine.now + 120_000 })
  })
})

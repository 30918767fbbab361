/**
 * What a sync costs on the way to a window, in bytes: real lines through the engine and the router, one line a
 * millisecond by an injected clock. `npm run bench -- ipc` prints the same as a table.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { oneLineOf500, pausedReader, syncOf100000, type Clock } from '../bench/ipc-cases.ts'
import type { Bytes } from '../bench/ipc-windows.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const clock: Clock = { tick: async () => void (await vi.advanceTimersByTimeAsync(1)) }

const larger = ({ clone, json }: Bytes) => Math.max(clone, json)

test('one data line, 500 subscriptions: at most 150 bytes to who watches all, none to who watches others', async () => {
  const { all, concerned, other } = await oneLineOf500(clock)
  expect([all, concerned, other].map(({ deltas }) => deltas.count)).toEqual([1, 1, 0])
  expect(larger(all.deltas)).toBeLessThanOrEqual(150)
  expect(larger(concerned.deltas)).toBeLessThanOrEqual(100)
  expect([all, concerned, other].map(({ snapshots }) => snapshots.count)).toEqual([0, 0, 0])
})

test('100,000 ops in lines of 100: at most 20 KB of status to one window, for 1 bucket as for 32,766', async () => {
  const totals: number[] = []
  for (const buckets of [1, 32_766]) {
    const { deltas, answers, snapshots } = await syncOf100000(buckets, clock)
    expect(snapshots.count).toBe(1)
    expect(deltas.count).toBeGreaterThan(50)
    totals.push(Math.max(deltas.clone + answers.clone, deltas.json + answers.json))
  }
  const [one, many] = totals as [number, number]
  expect(one).toBeLessThanOrEqual(20_000)
  expect(Math.abs(many - one) / one).toBeLessThan(0.05)
})

test('2 million changes past a paused reader: 8 MB at most, and one delta brings it up to date', async () => {
  const { grown, before, after, isUpToDate } = await pausedReader(2_000_000, clock)
  expect(grown).toBeLessThan(8 * 1024 * 1024)
  expect([before, after]).toEqual([0, 1])
  expect(isUpToDate).toBe(true)
})

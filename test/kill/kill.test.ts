/** 200 kills of a daemon that syncs, writes and uploads. `kill.ts` does it thousands of times. */
import { expect, test } from 'vitest'
import { killAgainAndAgain } from './killing.ts'

test('killed 200 times at any moment: nothing acknowledged is lost, nothing torn, nothing taken twice', async () => {
  const totals = await killAgainAndAgain({ seed: 1, runs: 200 })
  expect(totals.faults).toEqual([])
  expect(totals.kills).toBe(200)
  // Or nothing was tested.
  expect(totals.beforeOpen).toBeGreaterThan(0)
  expect(totals.acknowledged).toBeGreaterThan(200)
  expect(totals.repeatedUploads).toBeGreaterThan(0)
  expect(totals.settledMs.length).toBeGreaterThan(8)
}, 600_000)

import { expect, test } from 'vitest'
import { shownSimulation } from '../../electron/simulation.ts'

test('whoever pauses the simulation, it is shown as it is, also when pausing failed', async () => {
  let isBroken = false
  const real = {
    paused: false,
    setPaused: async (paused: boolean) => {
      if (isBroken) throw new Error('The demo has stopped.')
      real.paused = paused
    },
  }
  const shown: boolean[] = []
  const simulation = shownSimulation(real, () => shown.push(simulation.paused))
  await simulation.setPaused(true)
  isBroken = true
  await expect(simulation.setPaused(false)).rejects.toThrow('The demo has stopped.')
  expect(shown).toEqual([true, true])
})

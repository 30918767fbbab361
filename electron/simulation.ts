/** The demo's simulation, with somebody who shows whether it is paused. */
export interface Simulation {
  readonly paused: boolean
  setPaused(paused: boolean): Promise<void>
}

/** The same simulation; `shown` is called whenever somebody tried to pause it or go on, through whatever way. */
export function shownSimulation(simulation: Simulation, shown: () => void): Simulation {
  return {
    get paused() {
      return simulation.paused
    },
    setPaused: async (paused) => {
      try {
        await simulation.setPaused(paused)
      } finally {
        shown()
      }
    },
  }
}

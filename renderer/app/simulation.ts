/**
 * Whether the other people of the demo work. The host says so when it is asked: when the page opens, when another
 * page changed it, and when the user comes back from elsewhere, such as the app's menu.
 */
import { useEffect, useState } from 'react'
import { useClient, useLink } from '../../src/ipc/client/react.tsx'

export interface SimulationState {
  /** Null: not known, or there is no demo. */
  readonly isPaused: boolean | null
  readonly setPaused: (paused: boolean) => void
}

/** Pages of one host tell each other here that they changed it. */
const CHANNEL = 'headwater.simulation'

export function useSimulation(): SimulationState {
  const { trpc } = useClient()
  const link = useLink()
  const [isPaused, setPaused] = useState<boolean | null>(null)

  useEffect(() => {
    if (link !== 'open') return undefined
    const ending = new AbortController()
    const ask = () =>
      void trpc.demo.state.query(undefined, { signal: ending.signal }).then(
        ({ available, paused }) => !ending.signal.aborted && setPaused(available ? paused : null),
        () => {}, // The link was lost; asked again when it is back.
      )
    ask()
    const changes = new BroadcastChannel(CHANNEL)
    changes.addEventListener('message', ask)
    addEventListener('focus', ask, { signal: ending.signal })
    return () => {
      ending.abort()
      changes.close()
    }
  }, [trpc, link])

  const pause = async (paused: boolean) => {
    await trpc.demo.setPaused.mutate({ paused })
    setPaused(paused)
    const changes = new BroadcastChannel(CHANNEL)
    changes.postMessage(paused)
    changes.close()
  }
  return { isPaused, setPaused: (paused) => void pause(paused).catch(() => {}) }
}

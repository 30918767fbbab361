/** Pauses the other people of the demo. Shown only where the host runs the demo service. */
import { useEffect, useState } from 'react'
import { ToggleButton, Tooltip, TooltipTrigger } from 'react-aria-components'
import { useClient, useLink } from '../../src/ipc/client/react.tsx'
import { PauseIcon, PlayIcon } from '../parts/icons.tsx'

export function SimulationToggle() {
  const { trpc } = useClient()
  const link = useLink()
  /** Null: not known, or there is no demo. */
  const [isPaused, setPaused] = useState<boolean | null>(null)

  useEffect(() => {
    if (link !== 'open') return undefined
    const asking = new AbortController()
    trpc.demo.state.query(undefined, { signal: asking.signal }).then(
      ({ available, paused }) => !asking.signal.aborted && setPaused(available ? paused : null),
      () => {}, // The link was lost; asked again when it is back.
    )
    return () => asking.abort()
  }, [trpc, link])

  if (isPaused === null) return null
  const pause = async (paused: boolean) => {
    await trpc.demo.setPaused.mutate({ paused })
    setPaused(paused)
  }
  return (
    <TooltipTrigger delay={400}>
      <ToggleButton
        className="tool"
        data-testid="simulation-toggle"
        isSelected={isPaused}
        onChange={(paused) => void pause(paused).catch(() => {})}
      >
        {isPaused ? <PlayIcon /> : <PauseIcon />}
        <span className="tool-text">{isPaused ? 'Simulation paused' : 'Pause simulation'}</span>
      </ToggleButton>
      <Tooltip className="tooltip" placement="top">
        {isPaused
          ? 'Let the other people of the demo go on working'
          : 'Other people change issues all the time: hold them'}
      </Tooltip>
    </TooltipTrigger>
  )
}

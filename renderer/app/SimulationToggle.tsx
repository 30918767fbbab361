/** Pauses the other people of the demo. Shown only where the host runs the demo service. */
import { ToggleButton, Tooltip, TooltipTrigger } from 'react-aria-components'
import { PauseIcon, PlayIcon } from '../parts/icons.tsx'
import { useSimulation } from './simulation.ts'

export function SimulationToggle() {
  const { isPaused, setPaused } = useSimulation()
  if (isPaused === null) return null
  return (
    <TooltipTrigger delay={400}>
      <ToggleButton
        className="tool"
        data-testid="simulation-toggle"
        isSelected={isPaused}
        onChange={setPaused}
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

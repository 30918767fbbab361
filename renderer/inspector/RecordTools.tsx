/** Pause and clear, for panels that record. */
import { Button, ToggleButton } from 'react-aria-components'
import { PauseIcon } from '../parts/icons.tsx'
import type { Pausable } from './paused.ts'

export function RecordTools({
  isPaused,
  setPaused,
  clear,
}: Pick<Pausable<unknown>, 'isPaused' | 'setPaused' | 'clear'>) {
  return (
    <div className="record-tools">
      <ToggleButton className="button button-small" isSelected={isPaused} onChange={setPaused}>
        <PauseIcon />
        Pause
      </ToggleButton>
      <Button className="button button-small" onPress={clear}>
        Clear
      </Button>
    </div>
  )
}

/** One of a few choices, side by side, each with its count where it has one. */
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import { number } from './Bar.tsx'

export interface SegmentsProps<Id extends string> {
  /** For screen readers. */
  readonly label: string
  readonly choices: readonly { readonly id: Id; readonly label: string; readonly count?: number }[]
  readonly chosen: Id
  readonly onChoose: (id: Id) => void
}

export function Segments<Id extends string>({ label, choices, chosen, onChoose }: SegmentsProps<Id>) {
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={label}
      disallowEmptySelection
      selectedKeys={[chosen]}
      onSelectionChange={(keys) => {
        const choice = choices.find(({ id }) => keys.has(id))
        if (choice !== undefined) onChoose(choice.id)
      }}
    >
      {choices.map(({ id, label: words, count }) => (
        <ToggleButton key={id} id={id} className="segment">
          {words} {count !== undefined && <span className="count">{number.format(count)}</span>}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  )
}

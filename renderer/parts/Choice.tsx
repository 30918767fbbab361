/**
 * A value that one chooses from a list which opens under it: one of the items, or several. Typing letters in the
 * list goes to the item that begins with them.
 */
import type { ReactNode } from 'react'
import { Button, ListBox, ListBoxItem, Popover, Select } from 'react-aria-components'
import { CheckIcon, ChevronIcon } from './icons.tsx'

export interface ChoiceItem {
  readonly id: string
  readonly label: string
  readonly picture?: ReactNode
}

export interface ChoiceProps {
  /** What is chosen here, for screen readers. */
  readonly label: string
  readonly items: readonly ChoiceItem[]
  readonly isDisabled?: boolean
  /** The value as it is shown; it may be none of the items. */
  readonly children: ReactNode
}

export interface OneChoiceProps extends ChoiceProps {
  readonly chosen: string | null
  readonly onChoose: (id: string) => void
}

export function Choice({ chosen, onChoose, ...props }: OneChoiceProps) {
  return (
    <Select
      className="choice"
      aria-label={props.label}
      isDisabled={props.isDisabled === true}
      value={chosen}
      onChange={(key) => key !== null && key !== chosen && onChoose(String(key))}
    >
      <Parts {...props} />
    </Select>
  )
}

export interface ManyChoiceProps extends ChoiceProps {
  readonly chosen: readonly string[]
  /** All that are chosen now; called with each that is added or taken away. */
  readonly onChoose: (ids: readonly string[]) => void
}

export function ManyChoice({ chosen, onChoose, ...props }: ManyChoiceProps) {
  return (
    <Select
      className="choice"
      aria-label={props.label}
      isDisabled={props.isDisabled === true}
      selectionMode="multiple"
      value={[...chosen]}
      onChange={(keys) => onChoose(keys.map(String))}
    >
      <Parts {...props} />
    </Select>
  )
}

function Parts({ label, items, children }: ChoiceProps) {
  return (
    <>
      <Button className="choice-button">
        <span className="choice-value">{children}</span>
        <ChevronIcon />
      </Button>
      <Popover className="popover choice-popover" placement="bottom start">
        <ListBox className="choice-list" aria-label={label} items={items}>
          {({ id, label: words, picture }) => (
            <ListBoxItem id={id} className="choice-item" textValue={words}>
              {picture}
              <span className="choice-item-label">{words}</span>
              <CheckIcon />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </>
  )
}

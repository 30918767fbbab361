/** A search field: Escape clears it, Enter and arrow down go on to what was found. */
import { Button, Input, SearchField } from 'react-aria-components'
import { CloseIcon, SearchIcon } from './icons.tsx'

export interface SearchProps {
  /** For screen readers, and as the placeholder. */
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** Where arrow down and Escape in an empty field lead. */
  readonly onLeave: () => void
  /** Enter. Default: the same as `onLeave`. */
  readonly onEnter?: () => void
  /** The key that focuses it, shown while it is empty. */
  readonly shortcut: string
  /** Name for the shortcuts, `data-focus`. */
  readonly focusName: string
}

export function Search({
  label,
  value,
  onChange,
  onLeave,
  onEnter = onLeave,
  shortcut,
  focusName,
}: SearchProps) {
  return (
    <SearchField
      className="search"
      aria-label={label}
      value={value}
      onChange={onChange}
      onSubmit={onEnter}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || (event.key === 'Escape' && value === '')) onLeave()
        else event.continuePropagation()
      }}
    >
      <SearchIcon />
      <Input className="search-input" placeholder={label} data-focus={focusName} />
      <kbd className="search-key" aria-hidden="true">
        {shortcut}
      </kbd>
      <Button className="search-clear" aria-label="Clear the search" data-clears={focusName}>
        <CloseIcon />
      </Button>
    </SearchField>
  )
}

/** The search of a list of issues: Enter opens the one that it found, and goes to the list. */
import { Search } from '../parts/Search.tsx'
import type { IssueRow } from './rows.ts'
import { focusOn } from './shortcuts.ts'

export interface IssueSearchProps {
  readonly wanted: string
  readonly onChange: (wanted: string) => void
  readonly found: readonly IssueRow[]
  readonly onOpen: (issue: string) => void
}

export function IssueSearch({ wanted, onChange, found, onOpen }: IssueSearchProps) {
  return (
    <Search
      label="Search issues"
      value={wanted}
      onChange={onChange}
      onEnter={() => {
        if (found.length === 1) onOpen(found[0]!.id)
        focusOn('list')
      }}
      onLeave={() => focusOn('list')}
      shortcut="/"
      focusName="search"
    />
  )
}

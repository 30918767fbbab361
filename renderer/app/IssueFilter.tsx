/** Which issues of a list are shown: open, closed or all, each with its count. */
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import { number } from '../parts/Bar.tsx'
import { isOpen, issueKey, type IssueRow } from './rows.ts'

export type Shown = 'open' | 'closed' | 'all'

const choices: readonly { readonly id: Shown; readonly label: string }[] = [
  { id: 'open', label: 'Open' },
  { id: 'closed', label: 'Closed' },
  { id: 'all', label: 'All' },
]

export interface IssueFilterProps {
  readonly issues: readonly IssueRow[]
  readonly shown: Shown
  readonly onChange: (shown: Shown) => void
}

export function IssueFilter({ issues, shown, onChange }: IssueFilterProps) {
  const open = issues.filter(isOpen).length
  const counts = { open, closed: issues.length - open, all: issues.length }
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label="Which issues"
      disallowEmptySelection
      selectedKeys={[shown]}
      onSelectionChange={(keys) => {
        const chosen = choices.find(({ id }) => keys.has(id))
        if (chosen !== undefined) onChange(chosen.id)
      }}
    >
      {choices.map(({ id, label }) => (
        <ToggleButton key={id} id={id} className="segment">
          {label} <span className="count">{number.format(counts[id])}</span>
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  )
}

/** Every word of the search stands in the title, the key, the labels or the assignee's name. */
export function filterIssues(issues: readonly IssueRow[], shown: Shown, wanted: string): readonly IssueRow[] {
  const words = wanted.trim().toLowerCase().split(/\s+/)
  return issues.filter((issue) => {
    if (shown !== 'all' && isOpen(issue) !== (shown === 'open')) return false
    const text =
      `${issueKey(issue)} ${issue.title} ${issue.labels} ${issue.assignee_name ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

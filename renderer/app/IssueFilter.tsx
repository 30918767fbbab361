/** Which issues of a list are shown: open, closed or all, each with its count. */
import { Segments } from '../parts/Segments.tsx'
import { isOpen, issueKey, type IssueRow } from './rows.ts'

export type Shown = 'open' | 'closed' | 'all'

export interface IssueFilterProps {
  readonly issues: readonly IssueRow[]
  readonly shown: Shown
  readonly onChange: (shown: Shown) => void
}

export function IssueFilter({ issues, shown, onChange }: IssueFilterProps) {
  const open = issues.filter(isOpen).length
  return (
    <Segments
      label="Which issues"
      choices={[
        { id: 'open', label: 'Open', count: open },
        { id: 'closed', label: 'Closed', count: issues.length - open },
        { id: 'all', label: 'All', count: issues.length },
      ]}
      chosen={shown}
      onChoose={onChange}
    />
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

/** Issues, one a line, virtualised: only what is on screen is in the document. */
import { ListBox, ListBoxItem, ListLayout, Virtualizer } from 'react-aria-components'
import { issueInWords } from './issue-words.ts'
import { IssueLine } from './IssueLine.tsx'
import { issueKey, type IssueRow } from './rows.ts'
import { useMarks } from './writing.ts'

export interface IssueListProps {
  /** What they are, for screen readers. */
  readonly label: string
  readonly issues: readonly IssueRow[]
  readonly openIssue: string | null
  readonly onOpen: (issue: string) => void
}

export function IssueList({ label, issues, openIssue, onOpen }: IssueListProps) {
  const marks = useMarks()
  return (
    <Virtualizer layout={ListLayout} layoutOptions={{ rowSize: 38 }}>
      <ListBox
        className="issue-list"
        aria-label={label}
        data-testid="issue-list"
        data-focus="list"
        items={issues}
        dependencies={[marks]}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={openIssue === null ? [] : [openIssue]}
        onSelectionChange={(keys) => {
          const [issue] = keys
          if (keys !== 'all' && issue !== undefined) onOpen(String(issue))
        }}
      >
        {(issue) => (
          <ListBoxItem
            id={issue.id}
            className="issue"
            textValue={`${issueKey(issue)} ${issue.title}`}
            aria-label={issueInWords(issue, marks.of('issues', issue.id))}
            data-testid="issue-row"
            data-issue={issue.id}
          >
            <IssueLine issue={issue} mark={marks.of('issues', issue.id)} />
          </ListBoxItem>
        )}
      </ListBox>
    </Virtualizer>
  )
}

/** The issues whose changes wait, the oldest change first: a press opens one. */
import { Button } from 'react-aria-components'
import { usePendingChanges } from '../../src/ipc/client/react.tsx'
import { number } from '../parts/Bar.tsx'
import { goTo } from './place.ts'
import { issueKey, useRows } from './rows.ts'

/** More are a number: one reads a few names, and each is a query. */
const SHOWN = 6

export function WaitingList() {
  const { entries, more } = usePendingChanges()
  const issues = [...new Set(entries.filter(({ table }) => table === 'issues').map(({ rowId }) => rowId))]
  if (issues.length === 0) return null
  const others = issues.length - SHOWN
  return (
    <ul className="waiting-list" aria-label="Issues with changes that are not sent">
      {issues.slice(0, SHOWN).map((issue) => (
        <WaitingIssue key={issue} id={issue} />
      ))}
      {others > 0 && (
        <li className="count">
          and {number.format(others)} {more ? 'or more ' : ''}other issues
        </li>
      )}
    </ul>
  )
}

function WaitingIssue({ id }: { readonly id: string }) {
  const issue = useRows('issue', { issue: id }).rows[0]
  if (issue === undefined) return null
  return (
    <li>
      <Button
        className="waiting-issue"
        slot="close"
        onPress={() => goTo({ list: { kind: 'project', project: issue.project_id }, issue: id })}
      >
        <span className="issue-key">{issueKey(issue)}</span>
        <span className="issue-title">{issue.title}</span>
      </Button>
    </li>
  )
}

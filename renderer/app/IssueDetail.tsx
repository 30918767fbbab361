/** The open issue: being open holds the stream of its comments. */
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { Avatar } from '../parts/Avatar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { CloseIcon, PriorityIcon, StatusIcon } from '../parts/icons.tsx'
import { Prose } from '../parts/Prose.tsx'
import { Time } from '../parts/Time.tsx'
import { CommentList } from './CommentList.tsx'
import { priorityWords, statusWords } from './issue-words.ts'
import { LabelChip } from './LabelChip.tsx'
import { issueKey, labelsOf, useRows, type IssueDetailRow } from './rows.ts'
import { focusOn } from './shortcuts.ts'

export function IssueDetail({
  issue: id,
  onClose,
}: {
  readonly issue: string
  readonly onClose: () => void
}) {
  const { rows, isLoading } = useRows('issue', { issue: id })
  const issue = rows[0]
  return (
    <aside
      className="detail"
      aria-label={issue === undefined ? 'Issue' : `Issue ${issueKey(issue)}`}
      data-testid="issue-detail"
    >
      <header className="detail-header">
        {issue !== undefined && (
          <span className="detail-path">
            {issue.project_name} <span className="detail-key">{issueKey(issue)}</span>
          </span>
        )}
        <Button
          className="icon-button"
          aria-label="Close the issue"
          onPress={() => {
            onClose()
            focusOn('list')
          }}
        >
          <CloseIcon />
        </Button>
      </header>
      {issue === undefined ? (
        <Blank
          busy={isLoading}
          title={isLoading ? 'Opening the issue' : 'This issue is not here'}
          text={isLoading ? null : 'It was deleted, or its project is no longer synced to this computer.'}
        />
      ) : (
        <div className="detail-body">
          <title>{`${issueKey(issue)} ${issue.title} · Harbourline`}</title>
          <h2 className="detail-title">{issue.title}</h2>
          <Facts issue={issue} />
          <Prose text={issue.description} />
          <CommentList issue={id} issueName={issueKey(issue)} />
        </div>
      )}
    </aside>
  )
}

function Facts({ issue }: { readonly issue: IssueDetailRow }) {
  const labels = labelsOf(issue.labels)
  return (
    <dl className="facts">
      <Fact name="Status">
        <StatusIcon status={issue.status} /> {statusWords(issue.status)}
      </Fact>
      <Fact name="Priority">
        <PriorityIcon priority={issue.priority} /> {priorityWords(issue.priority)}
      </Fact>
      <Fact name="Assignee">
        <Avatar name={issue.assignee_name} hue={issue.assignee_hue} />
        <span className="fact-text">{issue.assignee_name ?? 'Nobody'}</span>
      </Fact>
      <Fact name="Reporter">
        <Avatar name={issue.reporter_name} hue={issue.reporter_hue} />
        <span className="fact-text">{issue.reporter_name ?? 'Unknown'}</span>
      </Fact>
      <Fact name="Created">
        <Time at={issue.created_at} />
      </Fact>
      <Fact name="Updated">
        <Time at={issue.updated_at} />
      </Fact>
      {labels.length > 0 && (
        <Fact name="Labels">
          {labels.map((label) => (
            <LabelChip key={label} name={label} />
          ))}
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

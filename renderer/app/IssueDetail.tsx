/** The open issue: being open holds the stream of its comments. */
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import type { StreamWish } from '../../src/ipc/client/index.ts'
import { useStreamStatus } from '../../src/ipc/client/react.tsx'
import { Avatar } from '../parts/Avatar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { CloseIcon, PriorityIcon, StatusIcon } from '../parts/icons.tsx'
import { Prose } from '../parts/Prose.tsx'
import { Time } from '../parts/Time.tsx'
import { CommentList } from './CommentList.tsx'
import { usePaneRows } from './facts.ts'
import { priorityWords, statusWords } from './issue-words.ts'
import { LabelChip } from './LabelChip.tsx'
import { PaneBody } from './PaneBody.tsx'
import type { ListPlace } from './place.ts'
import { issueKey, labelsOf, useRows, type IssueDetailRow } from './rows.ts'
import { focusOn } from './shortcuts.ts'

export interface IssueDetailProps {
  readonly issue: string
  /** The list that it was opened from: as long as that has not synced, the issue may still come. */
  readonly list: ListPlace
  readonly onClose: () => void
}

export function IssueDetail({ issue: id, list, onClose }: IssueDetailProps) {
  const status = useStreamStatus(useStreamOf(list))
  const stream = { status, error: status?.error ?? null }
  const { rows, facts } = usePaneRows('issue', { issue: id }, { what: 'the issue', stream })
  const issue = rows[0]
  return (
    <aside
      className="detail"
      aria-label={issue === undefined ? 'Issue' : `Issue ${issueKey(issue)}`}
      data-testid="issue-detail"
      data-focus="detail"
      tabIndex={-1}
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
        facts.isKnownEmpty ? (
          <Blank
            title="This issue is not here"
            text="It was deleted, the address is wrong, or its project is not synced to this computer."
          />
        ) : (
          <PaneBody facts={facts}>{null}</PaneBody>
        )
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

/** The stream that brings a list's issues; for a project that is not here, the one that brings projects. */
function useStreamOf(list: ListPlace): StreamWish {
  const parameters = { project: list.kind === 'project' ? list.project : '' }
  const isProjectHere = useRows('project', parameters).rows.length > 0
  switch (list.kind) {
    case 'my_work':
      return { name: 'my_work' }
    case 'project':
      return isProjectHere ? { name: 'project_issues', parameters } : { name: 'workspace' }
    case 'archive':
      return { name: 'archive' }
  }
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

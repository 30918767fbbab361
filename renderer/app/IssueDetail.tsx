/**
 * The open issue, to read and to write: being open holds the stream of its comments. Writing its texts goes on where it
 * was left.
 */
import { Button } from 'react-aria-components'
import type { StreamWish } from '../../src/ipc/client/index.ts'
import { useStreamStatus, useSyncStream } from '../../src/ipc/client/react.tsx'
import { Blank } from '../parts/Blank.tsx'
import { useDraft, type Draft } from '../parts/draft.ts'
import { CloseIcon, EditIcon, LockIcon } from '../parts/icons.tsx'
import { Prose } from '../parts/Prose.tsx'
import { CommentForm } from './CommentForm.tsx'
import { CommentList } from './CommentList.tsx'
import { usePaneRows } from './facts.ts'
import { UNTOUCHED, type IssueDraft } from './issue-draft.ts'
import { IssueEditor } from './IssueEditor.tsx'
import { IssueFacts } from './IssueFacts.tsx'
import { PaneBody } from './PaneBody.tsx'
import type { ListPlace } from './place.ts'
import { RefusedChange } from './RefusedChange.tsx'
import { issueKey, useRows, type IssueDetailRow } from './rows.ts'
import { focusOn } from './shortcuts.ts'
import { UploadMark } from './UploadMark.tsx'
import { useMarks, useRefused } from './writing.ts'

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
  const draft = useDraft<IssueDraft | null>(`issue.${id}`, null)
  const mark = useMarks().of('issues', id)
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
        <UploadMark mark={mark} />
        {issue !== undefined && (
          <Button
            className="icon-button"
            aria-label="Edit the issue"
            data-focus="edit"
            isDisabled={issue.locked === 1}
            onPress={() => draft.value === null && draft.set(UNTOUCHED)}
          >
            <EditIcon />
          </Button>
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
            text="It was deleted or given up, the address is wrong, or its project is not synced to this computer."
          />
        ) : (
          <PaneBody facts={facts}>{null}</PaneBody>
        )
      ) : (
        <IssueBody issue={issue} list={list} draft={draft} />
      )}
    </aside>
  )
}

interface IssueBodyProps {
  readonly issue: IssueDetailRow
  readonly list: ListPlace
  readonly draft: Draft<IssueDraft | null>
}

function IssueBody({ issue, list, draft }: IssueBodyProps) {
  const refused = useRefused()
  const isLocked = issue.locked === 1
  useKeptHere(issue, list)
  const stopEditing = () => {
    draft.clear()
    focusOn('edit')
  }
  return (
    <div className="detail-body">
      <title>{`${issueKey(issue)} ${issue.title} · Harbourline`}</title>
      {refused?.rows.some(({ table, rowId }) => table === 'issues' && rowId === issue.id) === true && (
        <RefusedChange refused={refused} />
      )}
      {isLocked && (
        <p className="locked">
          <LockIcon /> Locked: it takes no more changes or comments.
        </p>
      )}
      {draft.value === null ? (
        <h2 className="detail-title">{issue.title}</h2>
      ) : (
        <IssueEditor issue={issue} draft={draft.value} onChange={draft.set} onDone={stopEditing} />
      )}
      <IssueFacts issue={issue} isLocked={isLocked} />
      {draft.value === null && <Prose text={issue.description} />}
      <CommentList issue={issue} />
      {!isLocked && <CommentForm issue={issue} />}
    </div>
  )
}

/** An issue of my work that was just given to somebody else would go with the stream: its project's brings it. */
function useKeptHere({ assignee_id, project_id }: IssueDetailRow, list: ListPlace): void {
  const me = useRows('me').rows[0]
  const leaves = list.kind === 'my_work' && me !== undefined && assignee_id !== me.id
  useSyncStream(leaves ? { name: 'project_issues', parameters: { project: project_id } } : null)
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

/** An issue on one line. It lights up for a moment when it changes while it is shown. */
import { useEffect, useState } from 'react'
import { Avatar } from '../parts/Avatar.tsx'
import { CommentIcon, LockIcon, PriorityIcon, StatusIcon } from '../parts/icons.tsx'
import { Time } from '../parts/Time.tsx'
import { LabelChip } from './LabelChip.tsx'
import { issueKey, labelsOf, type IssueRow } from './rows.ts'
import { priorityWords, statusWords } from './issue-words.ts'
import type { Mark } from './upload-marks.ts'
import { UploadMark } from './UploadMark.tsx'

export interface IssueLineProps {
  readonly issue: IssueRow
  /** What the service does not have of it. */
  readonly mark?: Mark | null
}

export function IssueLine({ issue, mark = null }: IssueLineProps) {
  const isFresh = useJustChanged(issue)
  return (
    <span className="issue-line" data-fresh={isFresh || undefined}>
      <span className="issue-priority" title={priorityWords(issue.priority)}>
        <PriorityIcon priority={issue.priority} />
      </span>
      <span className="issue-key" data-new={issue.number === null || undefined}>
        {issueKey(issue)}
      </span>
      <span className="issue-status" title={statusWords(issue.status)}>
        <StatusIcon status={issue.status} />
      </span>
      <span className="issue-title">{issue.title}</span>
      <span className="issue-mark">
        {mark === null && issue.locked === 1 && (
          <span className="issue-lock" title="Locked">
            <LockIcon />
          </span>
        )}
        <UploadMark mark={mark} shape="icon" />
      </span>
      <span className="issue-labels">
        {labelsOf(issue.labels).map((label) => (
          <LabelChip key={label} name={label} />
        ))}
      </span>
      <span className="issue-comments">
        {issue.comment_count > 0 && (
          <>
            <CommentIcon />
            {issue.comment_count}
          </>
        )}
      </span>
      <Avatar name={issue.assignee_name} hue={issue.assignee_hue} />
      <span className="issue-age">
        <Time at={issue.updated_at} />
      </span>
    </span>
  )
}

/** How long a changed line stays lit, in milliseconds; the style sheet fades it meanwhile. */
const LIT = 2000

/**
 * True for a moment after the issue was replaced by a newer one of the same id; rows keep their identity while they
 * are equal. A list that scrolls or filters shows another issue in the same place: that is no change.
 */
function useJustChanged(issue: IssueRow): boolean {
  const [seen, setSeen] = useState({ issue, isFresh: false })
  if (seen.issue !== issue) setSeen({ issue, isFresh: seen.issue.id === issue.id })
  useEffect(() => {
    if (!seen.isFresh) return undefined
    const timer = setTimeout(() => setSeen({ issue: seen.issue, isFresh: false }), LIT)
    return () => clearTimeout(timer)
  }, [seen])
  return seen.isFresh
}

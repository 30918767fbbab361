/** The comments of an issue, live. Hidden ones cost no layout: the browser skips what is off screen. */
import { useSyncStream } from '../../src/ipc/client/react.tsx'
import { Avatar } from '../parts/Avatar.tsx'
import { number } from '../parts/Bar.tsx'
import { Prose } from '../parts/Prose.tsx'
import { Time } from '../parts/Time.tsx'
import { usePaneRows } from './facts.ts'
import { PaneBody } from './PaneBody.tsx'
import { issueKey, type CommentRow, type IssueDetailRow } from './rows.ts'
import type { Mark } from './upload-marks.ts'
import { UploadMark } from './UploadMark.tsx'
import { useMarks } from './writing.ts'

export function CommentList({ issue: { id: issue, ...row } }: { readonly issue: IssueDetailRow }) {
  // The service has no comments on an issue that it has not got yet.
  const isNew = row.number === null
  const stream = useSyncStream(isNew ? null : { name: 'issue_comments', parameters: { issue } })
  const { rows, facts } = usePaneRows(
    'issue_comments',
    { issue },
    { what: `comments on ${issueKey(row)}`, stream },
  )
  const marks = useMarks()
  const list = (
    <ol className="comment-list" data-testid="comment-list" aria-label={facts.what}>
      {rows.map((comment) => (
        <Comment key={comment.id} comment={comment} mark={marks.of('comments', comment.id)} />
      ))}
    </ol>
  )
  return (
    <section className="comments" aria-labelledby="comments-heading">
      <h3 id="comments-heading">
        Comments {rows.length > 0 && <span className="count">{number.format(rows.length)}</span>}
      </h3>
      {isNew ? list : <PaneBody facts={facts}>{list}</PaneBody>}
    </section>
  )
}

interface CommentProps {
  readonly comment: CommentRow
  readonly mark: Mark | null
}

function Comment({ comment, mark }: CommentProps) {
  return (
    <li className="comment">
      <Avatar name={comment.author_name} hue={comment.author_hue} />
      <div className="comment-head">
        <span className="comment-author">{comment.author_name ?? 'Somebody'}</span>
        <Time at={comment.created_at} />
        <UploadMark mark={mark} />
      </div>
      <Prose text={comment.body} />
    </li>
  )
}

/**
 * Where one writes a comment, and closes or reopens the issue, with a comment or without. What is not sent yet stays
 * when one goes elsewhere and comes back.
 */
import { Button } from 'react-aria-components'
import { announce } from '../parts/Announcer.tsx'
import { useDraft } from '../parts/draft.ts'
import { Field } from '../parts/Field.tsx'
import { SaveKeys, WriteFailure, WriteForm } from '../parts/WriteForm.tsx'
import { changeIssue, sayComment } from './issue-writes.ts'
import { limits } from './limits.ts'
import { isOpen, useRows, type IssueRow } from './rows.ts'
import { focusOn } from './shortcuts.ts'
import { useSaving } from './writing.ts'

export function CommentForm({ issue }: { readonly issue: IssueRow }) {
  const me = useRows('me').rows[0]
  const draft = useDraft<string>(`comment.${issue.id}`, '')
  const { save, isSaving, failure } = useSaving()
  const body = draft.value.trim()
  const isLong = body.length > limits.comment
  const mayComment = me !== undefined && body !== '' && !isLong
  const turned = isOpen(issue) ? 'done' : 'todo'

  const comment = async (status: string | null) => {
    if (!mayComment || isSaving) return
    const row = { id: crypto.randomUUID(), issue_id: issue.id, author_id: me.id, body }
    if (await save((now) => sayComment(row, now, status))) draft.clear()
    // Who has said one thing may want to say another.
    focusOn('comment')
  }
  const turn = async () => {
    if (isSaving) return
    if (body !== '') return comment(turned)
    const isSaved = await save((now) => changeIssue(issue.id, { status: turned }, now))
    if (isSaved) announce(turned === 'done' ? 'Closed' : 'Reopened')
  }
  const verb = isOpen(issue) ? 'Close' : 'Reopen'
  return (
    <WriteForm
      label="Comment"
      className="comment-form"
      onSave={() => void comment(null)}
      onCancel={() => focusOn('detail')}
    >
      <Field
        label="Write a comment"
        isLabelHidden
        isMultiline
        placeholder="Write a comment"
        value={draft.value}
        onChange={draft.set}
        limit={limits.comment}
        focusName="comment"
      />
      <WriteFailure failure={failure} />
      <div className="write-actions">
        <SaveKeys />
        <Button className="button" onPress={() => void turn()} isDisabled={isLong}>
          {body === '' ? `${verb} issue` : `Comment and ${verb.toLowerCase()}`}
        </Button>
        <Button className="button button-main" type="submit" isDisabled={!mayComment}>
          Comment
        </Button>
      </div>
    </WriteForm>
  )
}

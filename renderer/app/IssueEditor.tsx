/** The open issue's title and description, being written. */
import { Button } from 'react-aria-components'
import type { Draft } from '../parts/draft.ts'
import { Field } from '../parts/Field.tsx'
import { SaveKeys, WriteFailure, WriteForm } from '../parts/WriteForm.tsx'
import {
  changedTexts,
  edited,
  maySave,
  shownTexts,
  theirs,
  titleProblem,
  type IssueDraft,
  type TextName,
} from './issue-draft.ts'
import { changeIssue } from './issue-writes.ts'
import { limits } from './limits.ts'
import type { IssueDetailRow } from './rows.ts'
import { useSaving } from './writing.ts'

export interface IssueEditorProps {
  readonly issue: IssueDetailRow
  readonly draft: IssueDraft
  readonly onChange: Draft<IssueDraft | null>['set']
  /** Saved or left. */
  readonly onDone: () => void
}

export function IssueEditor({ issue, draft, onChange, onDone }: IssueEditorProps) {
  const { save, isSaving, failure } = useSaving()
  const texts = shownTexts(draft, issue)
  const edit = (name: TextName) => (text: string) => onChange(edited(draft, issue, name, text))
  const onSave = async () => {
    if (!maySave(texts) || isSaving) return
    const change = changedTexts(draft, issue)
    if (await save((now) => changeIssue(issue.id, change, now))) onDone()
  }
  return (
    <WriteForm label="Edit the issue" className="issue-editor" onSave={() => void onSave()} onCancel={onDone}>
      <Field
        label="Title"
        isLabelHidden
        autoFocus
        className="title-field"
        value={texts.title}
        onChange={edit('title')}
        limit={limits.title}
        problem={titleProblem(texts.title)}
      />
      <Meanwhile name="title" issue={issue} draft={draft} onChange={onChange} />
      <Field
        label="Description"
        isLabelHidden
        isMultiline
        placeholder="What happens, and what should happen"
        className="description-field"
        value={texts.description}
        onChange={edit('description')}
        limit={limits.description}
      />
      <Meanwhile name="description" issue={issue} draft={draft} onChange={onChange} />
      <WriteFailure failure={failure} />
      <div className="write-actions">
        <SaveKeys />
        <Button className="button" onPress={onDone}>
          Cancel
        </Button>
        <Button className="button button-main" type="submit" isDisabled={!maySave(texts)}>
          Save
        </Button>
      </div>
    </WriteForm>
  )
}

interface MeanwhileProps extends Pick<IssueEditorProps, 'issue' | 'draft' | 'onChange'> {
  readonly name: TextName
}

/** The last write wins, and nobody should win without knowing. */
function Meanwhile({ name, issue, draft, onChange }: MeanwhileProps) {
  const text = theirs(draft, issue, name)
  if (text === null) return null
  return (
    <div className="meanwhile" role="status">
      <p>
        The {name} was changed meanwhile. Saving puts yours in place of: <q>{text}</q>
      </p>
      <Button className="button button-small" onPress={() => onChange({ ...draft, [name]: null })}>
        Take theirs
      </Button>
    </div>
  )
}

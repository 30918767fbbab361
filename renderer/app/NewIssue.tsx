/** A new issue: the button, and the form in front of everything else. What is written stays until it is filed. */
import { useState } from 'react'
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useDraft } from '../parts/draft.ts'
import { Field } from '../parts/Field.tsx'
import { PlusIcon } from '../parts/icons.tsx'
import { SaveKeys, WriteFailure, WriteForm } from '../parts/WriteForm.tsx'
import { AssigneeChoice, LabelChoice, PriorityChoice, ProjectChoice, StatusChoice } from './choices.tsx'
import { maySave, titleProblem } from './issue-draft.ts'
import { fileIssue, type IssueFields } from './issue-writes.ts'
import { limits } from './limits.ts'
import { goTo, type ListPlace, type Place } from './place.ts'
import { useRows } from './rows.ts'
import { focusOn } from './shortcuts.ts'
import { useSaving } from './writing.ts'

/** `list`: where it was asked for. It decides what the form begins with. */
export function NewIssueButton({ list }: { readonly list: ListPlace }) {
  return (
    <DialogTrigger>
      <Button className="button button-main new-issue-button" data-focus="new-issue">
        <PlusIcon /> New issue
      </Button>
      <ModalOverlay className="modal-overlay" isDismissable>
        <Modal className="modal">
          <Dialog className="dialog new-issue">
            {({ close }) => (
              <>
                <Heading slot="title" className="dialog-title">
                  New issue
                </Heading>
                <NewIssueForm list={list} onDone={close} />
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  )
}

type Fields = IssueFields & { readonly project: string | null }

const EMPTY: Fields = {
  project: null,
  title: '',
  description: '',
  status: 'todo',
  priority: 2,
  assignee_id: null,
  labels: [],
}

function NewIssueForm({ list, onDone }: { readonly list: ListPlace; readonly onDone: () => void }) {
  const me = useRows('me').rows[0]?.id ?? null
  const draft = useDraft<Fields | null>('new-issue', null)
  const begun: Fields = {
    ...EMPTY,
    ...(list.kind === 'project' && { project: list.project }),
    ...(list.kind === 'my_work' && { assignee_id: me }),
  }
  const fields = draft.value ?? begun
  const set = (change: Partial<Fields>) => draft.set({ ...fields, ...change })
  const { save, isSaving, failure } = useSaving()
  const [isChecked, setIsChecked] = useState(false)

  const onSave = async () => {
    setIsChecked(true)
    const { project, ...texts } = fields
    if (project === null || !maySave(fields) || isSaving) return
    const id = crypto.randomUUID()
    const issue = { ...texts, id, project_id: project, reporter_id: me, title: fields.title.trim() }
    if (!(await save((now) => fileIssue(issue, now)))) return
    draft.clear()
    onDone()
    openIssue({ list: placeOf(list, project, fields.assignee_id === me), issue: id })
  }
  return (
    <WriteForm label="New issue" onSave={() => void onSave()}>
      <Field
        label="Title"
        autoFocus
        value={fields.title}
        onChange={(title) => set({ title })}
        limit={limits.title}
        problem={isChecked ? titleProblem(fields.title) : null}
      />
      <Field
        label="Description"
        isMultiline
        placeholder="What happens, and what should happen"
        className="description-field"
        value={fields.description}
        onChange={(description) => set({ description })}
        limit={limits.description}
      />
      <div className="new-issue-choices">
        <ProjectChoice value={fields.project} onChange={(project) => set({ project })} />
        <StatusChoice value={fields.status} onChange={(status) => set({ status })} />
        <PriorityChoice value={fields.priority} onChange={(priority) => set({ priority })} />
        <AssigneeChoice value={fields.assignee_id} onChange={(assignee_id) => set({ assignee_id })} />
        <LabelChoice none="Labels" value={fields.labels} onChange={(labels) => set({ labels })} />
      </div>
      <WriteFailure
        failure={isChecked && fields.project === null ? 'Choose the project that it belongs to.' : null}
      />
      <WriteFailure failure={failure} />
      <div className="write-actions">
        {draft.value !== null && (
          <Button className="button button-quiet" onPress={draft.clear}>
            Start over
          </Button>
        )}
        <SaveKeys />
        <Button className="button" onPress={onDone}>
          Cancel
        </Button>
        <Button className="button button-main" type="submit">
          Create issue
        </Button>
      </div>
    </WriteForm>
  )
}

/** Focus goes on to the issue, once the form has given it back to where it came from. */
function openIssue(place: Place): void {
  goTo(place)
  requestAnimationFrame(() => requestAnimationFrame(() => focusOn('detail')))
}

/** A list that will still have it when the service has taken it. */
function placeOf(list: ListPlace, project: string, isMine: boolean): ListPlace {
  return list.kind === 'my_work' && isMine ? list : { kind: 'project', project }
}

/** What a user can decide of an issue, each as a choice: the open issue and the form of a new one share them. */
import { Avatar } from '../parts/Avatar.tsx'
import { Choice, ManyChoice } from '../parts/Choice.tsx'
import { PriorityIcon, StatusIcon } from '../parts/icons.tsx'
import { issueStatuses, priorities, priorityWords, statusWords } from './issue-words.ts'
import { LabelChip } from './LabelChip.tsx'
import { useRows } from './rows.ts'

export interface ChoiceOf<T> {
  readonly value: T
  readonly onChange: (value: T) => void
  readonly isDisabled?: boolean
}

const statusItems = issueStatuses.map((status) => ({
  id: status,
  label: statusWords(status),
  picture: <StatusIcon status={status} />,
}))

export function StatusChoice({ value, onChange, isDisabled = false }: ChoiceOf<string>) {
  return (
    <Choice label="Status" items={statusItems} chosen={value} onChoose={onChange} isDisabled={isDisabled}>
      <StatusIcon status={value} /> {statusWords(value)}
    </Choice>
  )
}

const priorityItems = priorities.map((priority) => ({
  id: String(priority),
  label: priorityWords(priority),
  picture: <PriorityIcon priority={priority} />,
}))

export function PriorityChoice({ value, onChange, isDisabled = false }: ChoiceOf<number>) {
  return (
    <Choice
      label="Priority"
      items={priorityItems}
      chosen={String(value)}
      onChoose={(priority) => onChange(Number(priority))}
      isDisabled={isDisabled}
    >
      <PriorityIcon priority={value} /> {priorityWords(value)}
    </Choice>
  )
}

/** Nobody is an item too, and no person has this id. */
const NOBODY = 'nobody'

export function AssigneeChoice({ value, onChange, isDisabled = false }: ChoiceOf<string | null>) {
  const { rows: people } = useRows('people')
  const person = people.find(({ id }) => id === value)
  const items = [
    { id: NOBODY, label: 'Nobody', picture: <Avatar name={null} hue={null} /> },
    ...people.map(({ id, name, avatar_hue }) => ({
      id,
      label: name,
      picture: <Avatar name={name} hue={avatar_hue} />,
    })),
  ]
  return (
    <Choice
      label="Assignee"
      items={items}
      chosen={value ?? NOBODY}
      onChoose={(id) => onChange(id === NOBODY ? null : id)}
      isDisabled={isDisabled}
    >
      <Avatar name={person?.name ?? null} hue={person?.avatar_hue ?? null} />
      <span className="fact-text">{value === null ? 'Nobody' : (person?.name ?? 'Somebody')}</span>
    </Choice>
  )
}

export interface LabelChoiceProps extends ChoiceOf<readonly string[]> {
  /** What stands where there are none. */
  readonly none: string
}

export function LabelChoice({ value, onChange, none, isDisabled = false }: LabelChoiceProps) {
  const { rows: labels } = useRows('labels')
  // A label that the workspace does not know stays until it is taken away.
  const names = [...new Set([...labels.map(({ name }) => name), ...value])]
  const items = names.map((name) => ({ id: name, label: name }))
  return (
    <ManyChoice label="Labels" items={items} chosen={value} onChoose={onChange} isDisabled={isDisabled}>
      {value.length === 0 ? none : value.map((label) => <LabelChip key={label} name={label} />)}
    </ManyChoice>
  )
}

export function ProjectChoice({ value, onChange }: ChoiceOf<string | null>) {
  const { rows: projects } = useRows('projects')
  const project = projects.find(({ id }) => id === value)
  const items = projects.map(({ id, name, color }) => ({
    id,
    label: name,
    picture: <span className="project-dot" style={{ '--project': color }} />,
  }))
  return (
    <Choice label="Project" items={items} chosen={value} onChoose={onChange}>
      {project === undefined ? (
        'Choose a project'
      ) : (
        <>
          <span className="project-dot" style={{ '--project': project.color }} /> {project.name}
        </>
      )}
    </Choice>
  )
}

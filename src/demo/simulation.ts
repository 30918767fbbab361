/**
 * Other people at work: a small change every one to three seconds, most of them where somebody looks. Decided by a
 * seed: as long as nobody looks, the order and content of the changes repeat with it; their times are the clock's.
 */
import { areaOf } from './dataset.ts'
import { writeComment, writeIssue } from './prose.ts'
import { randomFrom, type Random } from './random.ts'
import type { Store } from './store.ts'
import type { IssueStatus, Row } from './tables.ts'
import { defaultUserId } from './tokens.ts'
import type { Transaction } from './transaction.ts'
import { nothingWatched, type Watched } from './watched.ts'

export interface Simulation {
  readonly pause: () => void
  readonly resume: () => void
}

export interface SimulationOptions {
  readonly seed: number
  readonly store: Store
  /** Asked before each change. */
  readonly watched: () => Watched
  /** Runs one change through the service's write path. */
  readonly write: (change: (transaction: Transaction) => void) => void
}

/** Comes up paused. */
export function createSimulation({ seed, store, watched, write }: SimulationOptions): Simulation {
  const random = randomFrom(seed)
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    timer = setTimeout(
      () => {
        write((transaction) => simulateChange(random, store, transaction, watched()))
        schedule()
      },
      1000 + random.below(2000),
    )
  }
  return {
    pause: () => {
      clearTimeout(timer)
      timer = undefined
    },
    resume: () => {
      if (timer === undefined) schedule()
    },
  }
}

/** One thing that somebody does. Most of it happens where others look, or in the projects that are most alive. */
export function simulateChange(
  random: Random,
  store: Store,
  transaction: Transaction,
  watched: Watched = nothingWatched,
): void {
  const people = Array.from(store.rows('people'))
  const issue = pickWatched(random, store, watched) ?? pickIssue(random, store)
  if (issue === undefined || people.length === 0) return
  const roll = random.next()
  if (roll < 0.4) comment(random, store, transaction, issue, people)
  else if (roll < 0.7) transaction.patch('issues', issue.id, { status: nextStatus(random, issue.status) })
  else if (roll < 0.82) transaction.patch('issues', issue.id, { assignee_id: random.pick(people).id })
  else if (roll < 0.9) transaction.patch('issues', issue.id, { priority: random.below(4) })
  else open(random, store, transaction, issue, people)
}

function comment(
  random: Random,
  store: Store,
  transaction: Transaction,
  issue: Row<'issues'>,
  people: readonly Row<'people'>[],
): void {
  const area = areaOf(issue.project_id ?? '')
  const names = people.map(({ name }) => (name ?? '').split(' ')[0]!)
  transaction.put('comments', freeId(store, 'comments', 'comment', 6), {
    issue_id: issue.id,
    author_id: random.pick(people).id,
    body: writeComment(random, area, random.pick(area.things), names),
  })
}

function open(
  random: Random,
  store: Store,
  transaction: Transaction,
  like: Row<'issues'>,
  people: readonly Row<'people'>[],
): void {
  const text = writeIssue(random, areaOf(like.project_id ?? ''))
  transaction.put('issues', freeId(store, 'issues', 'issue', 5), {
    project_id: like.project_id,
    title: text.title,
    description: text.description,
    status: random.pick(['backlog', 'todo']),
    priority: random.below(4),
    assignee_id: random.chance(0.5) ? someone(random, people) : null,
    reporter_id: random.pick(people).id,
    labels: JSON.stringify([text.kind]),
  })
}

/** An issue that somebody sees, now and then none: the one that is open, one of the open project or of theirs. */
function pickWatched(random: Random, store: Store, watched: Watched): Row<'issues'> | undefined {
  const { issues, projects, people } = watched
  if (issues.length > 0 && random.chance(0.12)) {
    const open = store.row('issues', issues[0]!)
    if (open?.locked !== 1) return open
  }
  if (projects.length > 0 && random.chance(0.75)) {
    const project = random.chance(0.7) ? projects[0] : random.pick(projects)
    return pickNewest(random, store, ({ project_id }) => project_id === project)
  }
  if (people.length > 0 && random.chance(0.3)) {
    const person = random.pick(people)
    return pickNewest(random, store, ({ assignee_id, status }) => assignee_id === person && status !== 'done')
  }
  return undefined
}

/** An issue of a lively project. */
function pickIssue(random: Random, store: Store): Row<'issues'> | undefined {
  const projects = Array.from(store.rows('projects'))
  const project = projects[random.skewed(projects.length, 2.5)]
  return pickNewest(random, store, ({ project_id }) => project_id === project?.id)
}

/** One of these issues, the newest likelier. */
function pickNewest(
  random: Random,
  store: Store,
  isWanted: (issue: Row<'issues'>) => boolean,
): Row<'issues'> | undefined {
  const issues = Array.from(store.rows('issues')).filter((issue) => issue.locked !== 1 && isWanted(issue))
  return issues[issues.length - 1 - random.skewed(issues.length, 3)]
}

/** Who gets the work: everybody now and then, the person at the screen a little more often. */
function someone(random: Random, people: readonly Row<'people'>[]): string {
  return random.chance(0.15) ? defaultUserId : random.pick(people).id
}

function nextStatus(random: Random, status: string | null): IssueStatus {
  switch (status) {
    case 'backlog':
      return 'todo'
    case 'todo':
      return 'in_progress'
    case 'in_progress':
      return random.chance(0.8) ? 'in_review' : 'todo'
    case 'in_review':
      return random.chance(0.75) ? 'done' : 'in_progress'
    default:
      return random.chance(0.5) ? 'todo' : 'in_progress'
  }
}

function freeId(store: Store, table: 'issues' | 'comments', kind: string, digits: number): string {
  let number = store.size(table) + 1
  const id = () => `${kind}-${String(number).padStart(digits, '0')}`
  while (store.row(table, id()) !== undefined) number += 1
  return id()
}

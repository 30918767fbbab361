/**
 * The company's tracker on the evening of 20 November 2026, made from a seed: the same seed and scale give the
 * same rows in the same order, byte for byte.
 */
import { defaultUserId } from './tokens.ts'
import { writeArchivedTitle, writeComment, writeIssue, type IssueText } from './prose.ts'
import { randomFrom, type Random } from './random.ts'
import { isClosed, type IssueStatus, type Row, type RowChange, type TableName } from './tables.ts'
import { areas, colors, familyNames, givenNames, labelNames, roles, type Area } from './vocabulary.ts'

export interface DatasetOptions {
  readonly seed: number
  readonly scale: 'full' | 'small'
  /** How many shelves the archive has, each its own bucket. */
  readonly archiveBuckets: number
}

const sizes = {
  full: { projects: 40, people: 60, issues: 5_000, comments: 20_000 },
  small: { projects: 6, people: 12, issues: 120, comments: 400 },
}

const lastEvening = Date.UTC(2026, 10, 20, 17)
const day = 24 * 60 * 60 * 1000

export function generateDataset({ seed, scale, archiveBuckets }: DatasetOptions): readonly RowChange[] {
  const size = sizes[scale]
  const random = randomFrom(seed)
  const people = makePeople(random, size.people)
  const projects = makeProjects(random, size.projects, people)
  const issues = makeIssues(random, size.issues, projects, people)
  const comments = makeComments(random, size.comments, issues, people)
  return [
    ...changes('people', people),
    ...changes('labels', makeLabels()),
    ...changes(
      'projects',
      projects.map(({ row }) => row),
    ),
    ...changes(
      'issues',
      issues.map(({ row }) => row),
    ),
    ...changes('comments', comments),
    ...changes('archived_issues', makeArchive(random, archiveBuckets)),
  ]
}

interface Project {
  readonly row: Row<'projects'>
  readonly area: Area
}

interface Issue {
  row: Row<'issues'>
  readonly text: IssueText
  readonly area: Area
}

/** The area that a project belongs to, also for projects that were made up by people later. */
export function areaOf(projectId: string): Area {
  const number = Number(/^project-(\d+)$/.exec(projectId)?.[1] ?? 1)
  return areas[(number - 1) % areas.length]!
}

function makePeople(random: Random, count: number): Row<'people'>[] {
  return Array.from({ length: count }, (_, index) => {
    const given = givenNames[index % givenNames.length]!
    const name = `${given} ${familyNames[(index * 7 + random.below(3)) % familyNames.length]!}`
    const mailbox = name
      .normalize('NFD')
      .replace(/[^A-Za-z ]/g, '')
      .toLowerCase()
      .replaceAll(' ', '.')
    const id = numbered('person', index + 1, 2)
    const role = id === defaultUserId ? 'Engineer' : random.pick(roles)
    return { id, name, email: `${mailbox}@harbourline.example`, role, avatar_hue: random.below(360) }
  })
}

function makeLabels(): Row<'labels'>[] {
  return labelNames.map((name, index) => ({
    id: `label-${name.replaceAll(' ', '-')}`,
    name,
    color: colors[index % colors.length]!,
  }))
}

function makeProjects(random: Random, count: number, people: readonly Row<'people'>[]): Project[] {
  return Array.from({ length: count }, (_, index) => {
    // Around the areas in turn, so that a small tracker also has some of everything.
    const id = numbered('project', index + 1, 2)
    const area = areaOf(id)
    const { key, name, about } = area.projects[Math.floor(index / areas.length) % area.projects.length]!
    const row = {
      id,
      key,
      name,
      description: about,
      color: colors[index % colors.length]!,
      lead_id: random.pick(people).id,
      created_at: iso(lastEvening - (500 + random.below(900)) * day),
      archived: index > 20 && random.chance(0.1) ? 1 : 0,
    }
    return { row, area }
  })
}

function makeIssues(
  random: Random,
  count: number,
  projects: readonly Project[],
  people: readonly Row<'people'>[],
): Issue[] {
  const numbers = new Map<string, number>()
  const times = Array.from({ length: count }, () => lastEvening - random.skewed(540 * day)).sort(
    (a, b) => a - b,
  )
  return times.map((created, index) => {
    const { row: project, area } = projects[random.skewed(projects.length, 1.4)]!
    const number = (numbers.get(project.id) ?? 0) + 1
    numbers.set(project.id, number)
    const text = writeIssue(random, area)
    const status = statusAt(random, (lastEvening - created) / day)
    const row = {
      id: numbered('issue', index + 1, 5),
      project_id: project.id,
      number,
      title: text.title,
      description: text.description,
      status,
      priority: Math.min(3, random.skewed(4, 0.8)),
      assignee_id: status === 'backlog' && random.chance(0.7) ? null : random.pick(people).id,
      reporter_id: random.pick(people).id,
      labels: JSON.stringify(labelsFor(random, text)),
      created_at: iso(created),
      updated_at: iso(created + random.skewed(Math.max(1, lastEvening - created), 3)),
      comment_count: 0,
      locked: isClosed(status) && number % 7 === 0 ? 1 : 0,
    }
    return { row, text, area }
  })
}

function makeComments(
  random: Random,
  count: number,
  issues: readonly Issue[],
  people: readonly Row<'people'>[],
): Row<'comments'>[] {
  const perIssue = new Map<Issue, number>()
  for (let n = 0; n < count; n += 1) {
    // Talk gathers: a few issues have dozens of comments, many have none.
    const issue =
      issues[
        random.chance(0.4)
          ? random.below(issues.length)
          : (random.skewed(issues.length, 1.5) * 7919) % issues.length
      ]!
    perIssue.set(issue, (perIssue.get(issue) ?? 0) + 1)
  }
  const names = people.map(({ name }) => name!.split(' ')[0]!)
  const comments: Row<'comments'>[] = []
  for (const issue of issues) {
    const written = perIssue.get(issue) ?? 0
    let time = Date.parse(issue.row.created_at!)
    for (let n = 0; n < written; n += 1) {
      time += random.skewed((lastEvening - time) / (written - n), 2)
      comments.push({
        id: numbered('comment', comments.length + 1, 6),
        issue_id: issue.row.id,
        author_id: random.pick(people).id,
        body: writeComment(random, issue.area, issue.text.thing, names),
        created_at: iso(time),
      })
    }
    const updated = Math.max(time, Date.parse(issue.row.updated_at!))
    issue.row = { ...issue.row, comment_count: written, updated_at: iso(updated) }
  }
  return comments
}

function* shelvesOf(count: number): Iterable<{ shelf: string; closed: number; area: Area }> {
  for (let index = 0; index < count; index += 1) {
    const area = areas[index % areas.length]!
    const closed = lastEvening - (600 + index / 4) * day
    const shelf = `${iso(closed).slice(0, 10)} ${area.name.toLowerCase()} ${String(index + 1).padStart(5, '0')}`
    yield { shelf, closed, area }
  }
}

function makeArchive(random: Random, buckets: number): Row<'archived_issues'>[] {
  const rows: Row<'archived_issues'>[] = []
  for (const { shelf, closed, area } of shelvesOf(buckets)) {
    const count = random.chance(0.15) ? 2 : 1
    for (let n = 0; n < count; n += 1) {
      rows.push({
        id: numbered('archived', rows.length + 1, 6),
        shelf,
        title: writeArchivedTitle(random, area),
        closed_at: iso(closed - random.below(day)),
        resolution: random.pick(['fixed', 'fixed', 'fixed', 'done', 'done', 'duplicate', 'not reproducible']),
      })
    }
  }
  return rows
}

function statusAt(random: Random, ageInDays: number): IssueStatus {
  if (random.chance(Math.min(0.85, ageInDays / 120))) return random.chance(0.9) ? 'done' : 'canceled'
  return random.pick([
    'backlog',
    'backlog',
    'todo',
    'todo',
    'in_progress',
    'in_progress',
    'in_review',
    'done',
  ])
}

function labelsFor(random: Random, { kind }: IssueText): string[] {
  const more = random.below(3)
  return [...new Set([kind, ...Array.from({ length: more }, () => random.pick(labelNames.slice(3)))])]
}

function changes(table: TableName, rows: readonly RowChange['row'][]): RowChange[] {
  return rows.map((row) => ({ table, id: row!.id, row }))
}

function numbered(kind: string, number: number, digits: number): string {
  return `${kind}-${String(number).padStart(digits, '0')}`
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

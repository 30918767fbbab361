/**
 * The streams of the demo. `workspace`, `my_work` and `watched_projects` come by default, the others when a
 * client subscribes. An issue can be in several buckets at once: its project's, its assignee's and one for
 * each label.
 *
 * With the claim `projects` in its token (an array of project ids) a client gets the issues of those projects
 * only; without the claim it may subscribe to any project.
 */
import type { Json, JsonObject } from '../wire/request.ts'
import { ParameterError, type BucketSource, type Reader, type Stream } from './declare.ts'

const workspace: BucketSource = {
  name: 'workspace',
  members: { projects: () => [[]], people: () => [[]], labels: () => [[]] },
}
const byAssignee: BucketSource = {
  name: 'my_work',
  members: { issues: (issue) => (issue.assignee_id === null ? [] : [[issue.assignee_id]]) },
}
const byProject: BucketSource = {
  name: 'project_issues',
  members: { issues: (issue) => [[issue.project_id]] },
}
const byIssue: BucketSource = {
  name: 'issue_comments',
  members: { comments: (comment) => [[comment.issue_id]] },
}
const byLabel: BucketSource = {
  name: 'labelled_issues',
  members: { issues: (issue) => labelsOf(issue.labels).map((label) => [label]) },
}
const byShelf: BucketSource = {
  name: 'archive',
  members: { archived_issues: (issue) => [[issue.shelf]] },
}

export const sources: readonly BucketSource[] = [workspace, byAssignee, byProject, byIssue, byLabel, byShelf]

export const streams: readonly Stream[] = [
  {
    name: 'workspace',
    isDefault: true,
    priority: 1,
    source: workspace,
    lookups: [],
    keys: () => [[]],
  },
  {
    name: 'my_work',
    isDefault: true,
    priority: 2,
    source: byAssignee,
    lookups: [],
    keys: ({ userId }) => [[userId]],
  },
  {
    /** Connection parameter `watch`: an array of project ids whose issues always come. */
    name: 'watched_projects',
    isDefault: true,
    priority: 2,
    source: byProject,
    lookups: ['projects'],
    keys: (reader) =>
      texts(reader.connection, 'watch')
        .filter((project) => maySee(reader, project))
        .map((project) => [project]),
  },
  {
    /** Parameter `project`: a project id. */
    name: 'project_issues',
    isDefault: false,
    priority: 2,
    source: byProject,
    lookups: ['projects'],
    keys: (reader) => {
      const { project } = reader.parameters
      return typeof project === 'string' && maySee(reader, project) ? [[project]] : []
    },
  },
  {
    /** Parameter `issue`: an issue id. */
    name: 'issue_comments',
    isDefault: false,
    priority: 2,
    source: byIssue,
    lookups: [],
    keys: ({ parameters: { issue } }) => (typeof issue === 'string' ? [[issue]] : []),
  },
  {
    /** Parameter `labels`: an array of label names, each its own bucket. Anything else is an error. */
    name: 'labelled_issues',
    isDefault: false,
    priority: 3,
    source: byLabel,
    lookups: [],
    keys: ({ parameters }) => texts(parameters, 'labels').map((label) => [label]),
  },
  {
    /** Everything that was closed long ago, one bucket a shelf: the fan-out that tests many buckets. */
    name: 'archive',
    isDefault: false,
    priority: 3,
    source: byShelf,
    lookups: ['archived_issues'],
    keys: ({ rows }) => {
      const shelves = new Set<string | null>()
      for (const issue of rows('archived_issues')) shelves.add(issue.shelf)
      return Array.from(shelves, (shelf) => [shelf])
    },
  },
]

/** Whether the project exists and the token's claim `projects`, where it has one, names it. */
function maySee({ claims, row }: Reader, project: string): boolean {
  const allowed = claims['projects']
  return row('projects', project) !== undefined && (!Array.isArray(allowed) || allowed.includes(project))
}

/** An array of texts among the parameters; absent or null is an empty one. */
function texts(parameters: JsonObject, name: string): readonly string[] {
  const value: Json = parameters[name] ?? []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  const found = Array.isArray(value) ? 'an array with other values' : `a value of type ${typeof value}`
  throw new ParameterError(`Expected an array of texts in parameter "${name}" but got ${found}`)
}

function labelsOf(text: string | null): readonly string[] {
  try {
    const labels: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(labels) ? labels.filter((label) => typeof label === 'string') : []
  } catch {
    return [] // What people upload may be anything; it must not take the service down.
  }
}

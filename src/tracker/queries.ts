/**
 * The named queries of the issue tracker and the rows that they give. Windows run these by name and bring no
 * SQL of their own. Every query that takes a parameter walks an index of `schema.ts`.
 */
import type { NamedQuery } from '../daemon/daemon.ts'
import { defaultUserId } from '../demo/tokens.ts'

export interface ProjectRow {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly description: string
  readonly color: string
  readonly lead_name: string | null
  /** Issues that are here: 0 until the project's issues have synced (or some are the user's own). */
  readonly issue_count: number
  /** Those of them that are neither done nor canceled. */
  readonly open_count: number
}

/** An issue as a list shows it. */
export interface IssueRow {
  readonly id: string
  readonly project_id: string
  /** The project's key; with `number` the issue's short name, `DISP-12`. Null where the project is not here. */
  readonly project_key: string | null
  /** Null until the service has numbered it. */
  readonly number: number | null
  readonly title: string
  /** One of `issueStatuses`. */
  readonly status: string
  /** 0 (urgent) to 3 (low). */
  readonly priority: number
  /** A JSON array of label names. */
  readonly labels: string
  readonly assignee_id: string | null
  readonly assignee_name: string | null
  /** Degrees. */
  readonly assignee_hue: number | null
  readonly comment_count: number
  /** 1: the service takes no changes of it. */
  readonly locked: number
  readonly created_at: string
  readonly updated_at: string
}

/** An issue with all there is to say. */
export interface IssueDetailRow extends IssueRow {
  readonly description: string
  readonly project_name: string
  readonly reporter_name: string | null
  readonly reporter_hue: number | null
}

export interface CommentRow {
  readonly id: string
  readonly issue_id: string
  readonly body: string
  readonly created_at: string
  readonly author_id: string
  readonly author_name: string | null
  readonly author_hue: number | null
}

export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: string
  readonly avatar_hue: number
}

export interface LabelRow {
  readonly id: string
  readonly name: string
  readonly color: string
}

/** An issue that was closed long ago. */
export interface ArchivedRow {
  readonly id: string
  readonly shelf: string
  readonly title: string
  readonly closed_at: string
  readonly resolution: string
  /** How many match in all; the same in every row. */
  readonly total: number
}

/** Which rows a query gives. Times are ISO texts in UTC. */
export interface QueryRows {
  readonly projects: ProjectRow
  readonly project: ProjectRow
  readonly project_issues: IssueRow
  readonly my_work: IssueRow
  readonly issue: IssueDetailRow
  readonly issue_comments: CommentRow
  readonly people: PersonRow
  readonly me: PersonRow
  readonly labels: LabelRow
  readonly archived_issues: ArchivedRow
}

const projectColumns = `
  SELECT p.id, p.key, p.name, p.description, p.color, lead.name AS lead_name,
    (SELECT count(*) FROM issues i WHERE i.project_id = p.id) AS issue_count,
    (SELECT count(*) FROM issues i
      WHERE i.project_id = p.id AND i.status IN ('backlog', 'todo', 'in_progress', 'in_review')) AS open_count
  FROM projects p LEFT JOIN people lead ON lead.id = p.lead_id`

const issueColumns = `
  i.id, i.project_id, p.key AS project_key, i.number, i.title, i.status, i.priority, i.labels, i.assignee_id,
  assignee.name AS assignee_name, assignee.avatar_hue AS assignee_hue, i.comment_count,
  coalesce(i.locked, 0) AS locked, i.created_at, i.updated_at`

const issueTables = `
  FROM issues i
  LEFT JOIN projects p ON p.id = i.project_id
  LEFT JOIN people assignee ON assignee.id = i.assignee_id`

export const queries: { readonly [name in keyof QueryRows]: NamedQuery } = {
  /** All projects that are not archived, by name. */
  projects: { sql: `${projectColumns} WHERE p.archived = 0 ORDER BY p.name COLLATE NOCASE` },

  project: { sql: `${projectColumns} WHERE p.id = :project`, parameters: ['project'] },

  /** Issues of a project: those without a number yet, then the newest number first. */
  project_issues: {
    sql: `SELECT ${issueColumns} ${issueTables} WHERE i.project_id = :project
      ORDER BY i.number IS NULL DESC, i.number DESC, i.created_at DESC`,
    parameters: ['project'],
  },

  /** Open issues of the signed-in person, the most urgent first. */
  my_work: {
    sql: `SELECT ${issueColumns} ${issueTables}
      WHERE i.assignee_id = '${defaultUserId}' AND i.status IN ('backlog', 'todo', 'in_progress', 'in_review')
      ORDER BY i.priority, i.updated_at DESC`,
  },

  issue: {
    sql: `SELECT ${issueColumns}, i.description, p.name AS project_name,
        reporter.name AS reporter_name, reporter.avatar_hue AS reporter_hue
      ${issueTables} LEFT JOIN people reporter ON reporter.id = i.reporter_id
      WHERE i.id = :issue`,
    parameters: ['issue'],
  },

  /** Comments of an issue, the oldest first. */
  issue_comments: {
    sql: `SELECT c.id, c.issue_id, c.body, c.created_at, c.author_id,
        author.name AS author_name, author.avatar_hue AS author_hue
      FROM comments c LEFT JOIN people author ON author.id = c.author_id
      WHERE c.issue_id = :issue ORDER BY c.created_at, c.id`,
    parameters: ['issue'],
  },

  people: { sql: 'SELECT id, name, email, role, avatar_hue FROM people ORDER BY name COLLATE NOCASE' },

  /** The signed-in person: one row once the workspace has synced. */
  me: { sql: `SELECT id, name, email, role, avatar_hue FROM people WHERE id = '${defaultUserId}'` },

  labels: { sql: 'SELECT id, name, color FROM labels ORDER BY name COLLATE NOCASE' },

  /** The 300 of the archive that were closed last and whose title contains the text. */
  archived_issues: {
    sql: `SELECT id, shelf, title, closed_at, resolution, count(*) OVER () AS total
      FROM archived_issues WHERE instr(lower(title), lower(:text)) > 0
      ORDER BY closed_at DESC LIMIT 300`,
    parameters: ['text'],
  },
}

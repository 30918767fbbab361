/**
 * What the user does to issues, as SQL, pure. Each list of statements is one transaction: it is saved, sent, refused
 * and given up as a whole.
 *
 * What the service counts and dates by itself (comments, the time of a change) is guessed here, so that it shows at
 * once; the service's own word replaces it when the change has been taken.
 */
export type Statement = readonly [sql: string, params: readonly (string | number | null)[]]

/** What a user may decide of an issue. */
export interface IssueFields {
  readonly title: string
  readonly description: string
  readonly status: string
  readonly priority: number
  readonly assignee_id: string | null
  /** Names. */
  readonly labels: readonly string[]
}

export interface NewIssue extends IssueFields {
  readonly id: string
  readonly project_id: string
  readonly reporter_id: string | null
}

/** `now`: an ISO time in UTC, as in all of these. */
export function fileIssue({ labels, ...issue }: NewIssue, now: string): readonly Statement[] {
  const row = { ...issue, labels: JSON.stringify(labels), comment_count: 0, created_at: now, updated_at: now }
  return [insert('issues', row)]
}

/** Nothing when nothing changes: an empty change would wait for upload like any other. */
export function changeIssue(id: string, change: Partial<IssueFields>, now: string): readonly Statement[] {
  const { labels, ...rest } = change
  const columns = { ...rest, ...(labels !== undefined && { labels: JSON.stringify(labels) }) }
  if (Object.keys(columns).length === 0) return []
  return [update('issues', id, { ...columns, updated_at: now })]
}

export interface NewComment {
  readonly id: string
  readonly issue_id: string
  readonly author_id: string
  readonly body: string
}

/** `status`: what the issue becomes with it. */
export function sayComment(
  comment: NewComment,
  now: string,
  status: string | null = null,
): readonly Statement[] {
  const counted: Statement = [
    'UPDATE issues SET comment_count = coalesce(comment_count, 0) + 1, updated_at = ? WHERE id = ?',
    [now, comment.issue_id],
  ]
  return [
    insert('comments', { ...comment, created_at: now }),
    counted,
    ...(status === null ? [] : changeIssue(comment.issue_id, { status }, now)),
  ]
}

type Columns = { readonly [column: string]: string | number | null }

/** The names come from the types above, never from outside. */
function insert(table: string, row: Columns): Statement {
  const names = Object.keys(row)
  const places = names.map(() => '?').join(', ')
  return [`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, Object.values(row)]
}

function update(table: string, id: string, row: Columns): Statement {
  const sets = Object.keys(row).map((name) => `${name} = ?`)
  return [`UPDATE ${table} SET ${sets.join(', ')} WHERE id = ?`, [...Object.values(row), id]]
}

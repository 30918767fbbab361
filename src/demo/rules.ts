/**
 * The company's rules: which changes its back end takes. A client cannot know them all, and what it shows meanwhile
 * may be refused.
 *
 * Invariant: a change is judged by the rows as its own transaction has left them so far, and no rule depends on who
 * asks or when: what was refused once is refused again until somebody changes the rows.
 */
import { isClosed, type AnyRow, type Row, type TableName } from './tables.ts'
import type { Transaction } from './transaction.ts'

/** One row's change, with the columns that it writes. */
export interface Change {
  readonly op: 'PUT' | 'PATCH' | 'DELETE'
  readonly table: TableName
  readonly id: string
  readonly values: Omit<AnyRow, 'id'>
}

export interface BrokenRule {
  readonly code:
    | 'issue_locked'
    | 'issue_gone'
    | 'project_gone'
    | 'title_empty'
    | 'comment_empty'
    | 'too_long'
    | 'urgent_unassigned'
  /** A sentence for the person who made the change. */
  readonly message: string
}

/** The most characters of a text. */
export const longest = { title: 200, description: 20_000, body: 10_000 } as const

/** The first rule that the change breaks; null when it may be made. */
export function brokenRule(transaction: Transaction, change: Change): BrokenRule | null {
  switch (change.table) {
    case 'issues':
      return ofIssue(transaction, change)
    case 'comments':
      return ofComment(transaction, change)
    default:
      return null
  }
}

function ofIssue(transaction: Transaction, { op, id, values }: Change): BrokenRule | null {
  const old = transaction.row('issues', id)
  // Whoever locked it may unlock it.
  if (old?.locked === 1 && !('locked' in values)) return locked(transaction, old)
  if (op === 'DELETE' || (op === 'PATCH' && old === undefined)) return null
  const issue = { ...old, ...values }
  if (op === 'PUT' && transaction.row('projects', String(issue.project_id)) === undefined) {
    return { code: 'project_gone', message: 'The project of this issue does not exist any more.' }
  }
  if (isBlank(issue.title)) return { code: 'title_empty', message: 'An issue needs a title.' }
  const needsSomebody = issue.priority === 0 && !isClosed(String(issue.status)) && issue.assignee_id == null
  if (needsSomebody && ('priority' in values || 'assignee_id' in values)) {
    return {
      code: 'urgent_unassigned',
      message: 'An urgent issue needs somebody who works on it: assign it first, or make it less urgent.',
    }
  }
  return tooLong('title', values) ?? tooLong('description', values)
}

function ofComment(transaction: Transaction, { op, id, values }: Change): BrokenRule | null {
  const old = transaction.row('comments', id)
  const issue = transaction.row('issues', String(old?.issue_id ?? values['issue_id']))
  if (issue?.locked === 1) return locked(transaction, issue)
  if (op === 'DELETE' || (op === 'PATCH' && old === undefined)) return null
  if (issue === undefined) {
    return { code: 'issue_gone', message: 'The issue of this comment does not exist any more.' }
  }
  if (isBlank({ ...old, ...values }.body))
    return { code: 'comment_empty', message: 'A comment needs a text.' }
  return tooLong('body', values)
}

function locked(transaction: Transaction, { project_id, number }: Row<'issues'>): BrokenRule {
  const key = transaction.row('projects', project_id ?? '')?.key ?? 'The issue'
  return {
    code: 'issue_locked',
    message: `${key}-${number} is locked: it takes no more changes or comments.`,
  }
}

function tooLong(column: keyof typeof longest, values: Change['values']): BrokenRule | null {
  const { length } = String(values[column] ?? '')
  if (length <= longest[column]) return null
  const name = { title: 'A title', description: 'A description', body: 'A comment' }[column]
  const most = longest[column].toLocaleString('en-GB')
  return {
    code: 'too_long',
    message: `${name} has at most ${most} characters; this one has ${length.toLocaleString('en-GB')}.`,
  }
}

function isBlank(text: AnyRow[string] | undefined): boolean {
  return String(text ?? '').trim() === ''
}

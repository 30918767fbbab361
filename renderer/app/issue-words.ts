/** An issue in words: its status, its priority, and the whole line for those who hear it. */
import { issueKey, type IssueRow } from './rows.ts'
import { markWords, type Mark } from './upload-marks.ts'

export function statusWords(status: string): string {
  return statuses[status] ?? status
}

export function priorityWords(priority: number): string {
  return prioritiesInWords[priority] ?? `Priority ${priority}`
}

/** @example 'DISP-12: Job list drops the last stop. In progress, urgent, Mira Lindqvist, 3 comments' */
export function issueInWords(issue: IssueRow, mark: Mark | null = null): string {
  const { comment_count: comments } = issue
  const facts = [
    statusWords(issue.status),
    priorityWords(issue.priority).toLowerCase(),
    issue.assignee_name ?? 'nobody assigned',
    ...(comments === 0 ? [] : [comments === 1 ? '1 comment' : `${comments} comments`]),
    ...(issue.locked === 1 ? ['locked'] : []),
    ...(mark === null ? [] : [markWords(mark).toLowerCase()]),
  ]
  return `${issueKey(issue)}: ${issue.title}. ${facts.join(', ')}`
}

/** In the order in which an issue normally moves. */
export const issueStatuses = ['backlog', 'todo', 'in_progress', 'in_review', 'done', 'canceled'] as const

/** The most urgent first. */
export const priorities = [0, 1, 2, 3] as const

const statuses: { readonly [status: string]: string } = {
  backlog: 'Backlog',
  todo: 'To do',
  in_progress: 'In progress',
  in_review: 'In review',
  done: 'Done',
  canceled: 'Canceled',
}

const prioritiesInWords: { readonly [priority: number]: string } = {
  0: 'Urgent',
  1: 'High',
  2: 'Medium',
  3: 'Low',
}

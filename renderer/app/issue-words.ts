/** An issue in words: its status, its priority, and the whole line for those who hear it. */
import { issueKey, type IssueRow } from './rows.ts'

export function statusWords(status: string): string {
  return statuses[status] ?? status
}

export function priorityWords(priority: number): string {
  return priorities[priority] ?? `Priority ${priority}`
}

/** @example 'DISP-12: Job list drops the last stop. In progress, urgent, Mira Lindqvist, 3 comments' */
export function issueInWords(issue: IssueRow): string {
  const { comment_count: comments } = issue
  const facts = [
    statusWords(issue.status),
    priorityWords(issue.priority).toLowerCase(),
    issue.assignee_name ?? 'nobody assigned',
    ...(comments === 0 ? [] : [comments === 1 ? '1 comment' : `${comments} comments`]),
  ]
  return `${issueKey(issue)}: ${issue.title}. ${facts.join(', ')}`
}

const statuses: { readonly [status: string]: string } = {
  backlog: 'Backlog',
  todo: 'To do',
  in_progress: 'In progress',
  in_review: 'In review',
  done: 'Done',
  canceled: 'Canceled',
}

const priorities: { readonly [priority: number]: string } = { 0: 'Urgent', 1: 'High', 2: 'Medium', 3: 'Low' }

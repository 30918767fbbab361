/** Status and priority of an issue in words. */

export function statusWords(status: string): string {
  return statuses[status] ?? status
}

export function priorityWords(priority: number): string {
  return priorities[priority] ?? `Priority ${priority}`
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

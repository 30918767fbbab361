import { expect, test } from 'vitest'
import { filterIssues } from '../../renderer/app/IssueFilter.tsx'
import { issueInWords } from '../../renderer/app/issue-words.ts'
import { labelsOf, type IssueRow } from '../../renderer/app/rows.ts'

const issue = (number: number, more: Partial<IssueRow>): IssueRow => ({
  id: `issue-${number}`,
  project_id: 'p',
  project_key: 'BOOK',
  number,
  title: 'Quote form loses the draft',
  status: 'todo',
  priority: 2,
  labels: '["bug"]',
  assignee_id: null,
  assignee_name: null,
  assignee_hue: null,
  comment_count: 0,
  locked: 0,
  created_at: '2026-11-20T12:00:00Z',
  updated_at: '2026-11-20T12:00:00Z',
  ...more,
})

const issues = [
  issue(1, {}),
  issue(2, { status: 'done' }),
  issue(3, { status: 'canceled', title: 'Sailing picker' }),
  issue(4, { status: 'in_review', assignee_name: 'Mira Lindqvist' }),
]
const numbers = (shown: 'open' | 'closed' | 'all', wanted: string) =>
  filterIssues(issues, shown, wanted).map(({ number }) => number)

test('open and closed share all issues between them', () => {
  expect([numbers('open', ''), numbers('closed', ''), numbers('all', '')]).toEqual([
    [1, 4],
    [2, 3],
    [1, 2, 3, 4],
  ])
})

test('a search finds every word, anywhere: in title, key, labels and assignee', () => {
  expect(numbers('all', ' PICKER sail ')).toEqual([3])
  expect(numbers('all', 'book-2')).toEqual([2])
  expect(numbers('all', 'bug mira')).toEqual([4])
  expect(numbers('open', 'picker')).toEqual([])
})

test('labels that are no list of texts are no labels', () => {
  expect(['["bug","data"]', '[1,"data"]', '{}', 'no json', null].map(labelsOf)).toEqual([
    ['bug', 'data'],
    ['data'],
    [],
    [],
    [],
  ])
})

test('a line in words says what its pictures say', () => {
  expect(issueInWords(issue(12, { status: 'in_progress', priority: 0, comment_count: 3 }))).toBe(
    'BOOK-12: Quote form loses the draft. In progress, urgent, nobody assigned, 3 comments',
  )
})

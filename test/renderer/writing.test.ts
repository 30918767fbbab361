/** The user's own writing, without a page: the SQL of what they do, and the words about it. */
import { describe, expect, test } from 'vitest'
import { givenUpLines, givenUpText, isOfNewIssue } from '../../renderer/app/given-up-words.ts'
import { issueInWords, issueStatuses } from '../../renderer/app/issue-words.ts'
import { changeIssue, fileIssue, sayComment } from '../../renderer/app/issue-writes.ts'
import { limits } from '../../renderer/app/limits.ts'
import { marksOf } from '../../renderer/app/upload-marks.ts'
import { notSavedWords, uploadWords, type UploadFacts } from '../../renderer/app/upload-words.ts'
import { issueKey, type IssueRow } from '../../renderer/app/rows.ts'
import { longest } from '../../src/demo/rules.ts'
import { issueStatuses as statusesOfService } from '../../src/demo/tables.ts'
import { EMPTY_STATUS } from '../../src/status/status.ts'

const NOW = '2026-11-23T05:00:00.000Z'

test('the app asks for no more and no less than the back end takes', () => {
  expect(limits).toEqual({
    title: longest.title,
    description: longest.description,
    comment: longest.body,
  })
  expect(issueStatuses).toEqual(statusesOfService)
})

describe('statements', () => {
  test('a new issue has no number, its labels as JSON, and no comments yet', () => {
    const issue = {
      id: 'i',
      project_id: 'p',
      title: 'It’s “new”',
      description: '',
      status: 'todo',
      priority: 2,
      assignee_id: null,
      reporter_id: 'me',
      labels: ['bug'],
    }
    expect(fileIssue(issue, NOW)).toEqual([
      [
        'INSERT INTO issues (id, project_id, title, description, status, priority, assignee_id, reporter_id, labels, comment_count, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        ['i', 'p', 'It’s “new”', '', 'todo', 2, null, 'me', '["bug"]', 0, NOW, NOW],
      ],
    ])
  })

  test('a change writes what changes and nothing else, and nothing at all when nothing does', () => {
    expect(changeIssue('i', { assignee_id: null, labels: ['a', 'b'] }, NOW)).toEqual([
      [
        'UPDATE issues SET assignee_id = ?, labels = ?, updated_at = ? WHERE id = ?',
        [null, '["a","b"]', NOW, 'i'],
      ],
    ])
    expect(changeIssue('i', {}, NOW)).toEqual([])
  })

  test('a comment counts at its issue, and can close it in the same transaction', () => {
    const comment = { id: 'c', issue_id: 'i', author_id: 'me', body: 'Done.' }
    const [said, counted, closed] = sayComment(comment, NOW, 'done')
    expect(said).toEqual([
      'INSERT INTO comments (id, issue_id, author_id, body, created_at) VALUES (?, ?, ?, ?, ?)',
      ['c', 'i', 'me', 'Done.', NOW],
    ])
    expect(counted![0]).toContain('comment_count = coalesce(comment_count, 0) + 1')
    expect(closed).toEqual(['UPDATE issues SET status = ?, updated_at = ? WHERE id = ?', ['done', NOW, 'i']])
    expect(sayComment(comment, NOW)).toHaveLength(2)
  })
})

describe('what waits, in words', () => {
  const waiting = { entries: 4, transactions: 3 }
  const facts = (upload: Partial<UploadFacts['upload']>, more: Partial<UploadFacts> = {}): UploadFacts => ({
    connection: { state: 'connected' },
    uploadError: null,
    ...more,
    upload: { ...EMPTY_STATUS.upload, ...upload },
  })
  const error = { code: 'backend_unreachable', message: 'The company’s back end does not answer.' }

  test.each<[string, UploadFacts, object | null]>([
    ['nothing', facts({}), null],
    ['on the way', facts({ ...waiting, uploading: true }), { tone: 'busy', label: 'Sending 3 changes' }],
    [
      'offline',
      facts(waiting, { connection: { state: 'offline' } }),
      { tone: 'off', label: '3 changes not sent', next: null, text: expect.stringContaining('safe') },
    ],
    [
      'offline after a failure',
      facts({ entries: 1, transactions: 1 }, { connection: { state: 'offline' }, uploadError: error }),
      { tone: 'off', label: '1 change not sent' },
    ],
    [
      'failed',
      facts({ ...waiting, attempts: 2, retryAt: 5500 }, { uploadError: error }),
      {
        tone: 'bad',
        label: '3 changes not sent',
        next: 'next try in 5 s',
        text: expect.stringMatching(/^The company’s back end does not answer\. .*safe/),
      },
    ],
    [
      'refused',
      facts({ ...waiting, attempts: 1, heldTransaction: 7 }, { uploadError: error }),
      { tone: 'bad', label: 'A change was refused', text: expect.stringContaining('2 later changes wait') },
    ],
    ['just sent', facts({ lastUploadedAt: 0 }), { tone: 'good', label: 'All changes sent' }],
  ])('%s', (_, given, words) => {
    const found = uploadWords(given, 1000)
    if (words === null) expect(found).toBeNull()
    else expect(found).toMatchObject(words)
  })

  test('that all is sent is said for a moment only', () => {
    expect(uploadWords(facts({ lastUploadedAt: 0 }), 4000)).toBeNull()
  })

  test('a failed save says what is safe; a lost answer does not claim that nothing was saved', () => {
    expect(notSavedWords({ code: 'disk_full', message: 'The disk is full' })).toBe(
      'This was not saved. The disk is full. What you wrote is still here.',
    )
    expect(notSavedWords({ code: 'link_lost', message: '' })).toMatch(/may be saved or not/)
  })
})

test('rows are marked by what waits; what was refused is told from what only waits', () => {
  const row = (rowId: string, transactionId: number) => ({ table: 'issues', rowId, transactionId })
  const marks = marksOf([row('a', 1), row('a', 2), row('b', 2), row('c', 3), row('c', 1)], 1)
  const seen = ['a', 'b', 'c', 'd'].map((id) => marks.of('issues', id))
  expect(seen).toEqual(['refused', 'pending', 'refused', null])
  expect(marks.of('comments', 'a')).toBeNull()
})

test('an issue without a number yet is new, and its mark is heard in the line', () => {
  expect(issueKey({ project_key: 'DISP', number: null })).toBe('DISP-new')
  const issue: IssueRow = {
    id: 'i',
    project_id: 'p',
    project_key: 'DISP',
    number: null,
    title: 'Just filed',
    status: 'todo',
    priority: 2,
    labels: '[]',
    assignee_id: null,
    assignee_name: null,
    assignee_hue: null,
    comment_count: 0,
    locked: 0,
    created_at: NOW,
    updated_at: NOW,
  }
  expect(issueInWords(issue, 'pending')).toBe(
    'DISP-new: Just filed. To do, medium, nobody assigned, not sent yet',
  )
  expect(issueInWords({ ...issue, number: 3, locked: 1 })).toBe(
    'DISP-3: Just filed. To do, medium, nobody assigned, locked',
  )
})

test('a change that was given up stays readable: each thing that was written, with what it would have replaced', () => {
  const lines = givenUpLines(
    [
      {
        op: 'PATCH',
        table: 'issues',
        rowId: 'i',
        opData: { assignee_id: null, labels: '["bug"]', priority: 0, title: 'Mine', updated_at: NOW },
        previousValues: { title: 'Theirs', priority: 3, assignee_id: 'p1', labels: '[]', updated_at: NOW },
      },
      {
        op: 'PUT',
        table: 'comments',
        rowId: 'c',
        opData: { issue_id: 'i', author_id: 'me', body: 'Two\nlines' },
        previousValues: null,
      },
    ],
    (id) => (id === 'p1' ? 'Mira' : null),
  )
  expect(lines).toEqual([
    { what: 'Title', before: 'Theirs', text: 'Mine' },
    { what: 'Priority', before: 'Low', text: 'Urgent' },
    { what: 'Labels', before: 'none', text: 'bug' },
    { what: 'Assignee', before: 'Mira', text: 'nobody' },
    { what: 'Comment', before: null, text: 'Two\nlines' },
  ])
  expect(givenUpText(lines.slice(-1))).toBe('Comment: Two\nlines')
})

test('a comment on an issue that was given up before it is not called a new issue', () => {
  const entry = { rowId: 'a', opData: {}, previousValues: null }
  expect(isOfNewIssue([{ ...entry, op: 'PUT', table: 'issues' }])).toBe(true)
  const comment = { ...entry, op: 'PUT', table: 'comments' } as const
  expect(isOfNewIssue([comment, { ...entry, op: 'PATCH', table: 'issues' }])).toBe(false)
})

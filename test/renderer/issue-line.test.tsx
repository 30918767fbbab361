// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { IssueLine } from '../../renderer/app/IssueLine.tsx'
import type { IssueRow } from '../../renderer/app/rows.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

const issue: IssueRow = {
  id: 'issue-1',
  project_id: 'p',
  project_key: 'BOOK',
  number: 1,
  title: 'Quote form loses the draft',
  status: 'todo',
  priority: 2,
  labels: '[]',
  assignee_id: null,
  assignee_name: null,
  assignee_hue: null,
  comment_count: 0,
  locked: 0,
  created_at: '2026-11-20T12:00:00Z',
  updated_at: '2026-11-20T12:00:00Z',
}

const isLit = (container: Element) => container.querySelector('[data-fresh]') !== null

test('a line lights up when its issue changes while it is shown, for two seconds', () => {
  const { container, rerender } = render(<IssueLine issue={issue} />)
  expect(isLit(container)).toBe(false)
  rerender(<IssueLine issue={{ ...issue, status: 'done' }} />)
  expect(isLit(container)).toBe(true)
  act(() => vi.advanceTimersByTime(2000))
  expect(isLit(container)).toBe(false)
})

test.each([
  ['pending', 'Not sent yet'],
  ['refused', 'Refused by the service'],
] as const)('a %s line says so in words, too', (mark, words) => {
  const { container } = render(<IssueLine issue={{ ...issue, number: null }} mark={mark} />)
  expect(container.querySelector('[data-mark]')?.textContent).toBe(words)
  expect(container.querySelector('.issue-key')?.textContent).toBe('BOOK-new')
})

test('a line that shows another issue, because the list scrolled or is filtered, does not light up', () => {
  const { container, rerender } = render(<IssueLine issue={issue} />)
  rerender(<IssueLine issue={{ ...issue, id: 'issue-2', number: 2 }} />)
  expect(isLit(container)).toBe(false)
  rerender(<IssueLine issue={issue} />)
  expect(isLit(container)).toBe(false)
})

test('a lit line that goes on to another issue leaves its light behind', () => {
  const { container, rerender } = render(<IssueLine issue={issue} />)
  rerender(<IssueLine issue={{ ...issue, status: 'done' }} />)
  rerender(<IssueLine issue={{ ...issue, id: 'issue-2', number: 2 }} />)
  expect(isLit(container)).toBe(false)
})

import { expect, test } from 'vitest'
import { ago, agoInWords, secondsUntil } from '../../renderer/parts/time.ts'
import { connectionWords, reasonWords } from '../../renderer/parts/connection-words.ts'
import { streamWords } from '../../renderer/app/words.ts'

// Noon where the test runs: days are named in local time.
const now = new Date(2026, 10, 23, 12).getTime()
const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]

test.each([
  [0, 'just now', 'less than a minute ago'],
  [4999, 'just now', 'less than a minute ago'],
  [12 * second, '12 s ago', 'less than a minute ago'],
  [minute, '1 min ago', '1 minute ago'],
  [5 * minute + 59 * second, '5 min ago', '5 minutes ago'],
  [2 * hour, '2 h ago', '2 hours ago'],
  [day, '1 d ago', '1 day ago'],
  [6 * day, '6 d ago', '6 days ago'],
  [7 * day, '16 Nov', 'on 16 Nov'],
  [365 * day, '23 Nov 2025', 'on 23 Nov 2025'],
  // Clocks differ between computers: a time that lies ahead reads as now.
  [-minute, 'just now', 'less than a minute ago'],
])('%i ms ago: %s', (passed, short, words) => {
  expect([ago(now - passed, now), agoInWords(now - passed, now)]).toEqual([short, words])
})

test('the countdown rounds up and ends at zero', () => {
  expect([1, 999, 1000, 1001, 0, -5000].map((ms) => secondsUntil(now + ms, now))).toEqual([1, 1, 1, 2, 0, 0])
})

test('a wait names its reason by its code and counts down', () => {
  const reason = { code: 'unreachable', message: 'connect ECONNREFUSED 127.0.0.1:9' }
  const waiting = { state: 'waiting', reason, retryAt: now + 2500 } as const
  expect(connectionWords('open', waiting, now)).toEqual({
    tone: 'bad',
    label: 'Waiting',
    reason: 'The sync service does not answer.',
    next: 'next try in 3 s',
  })
  expect(connectionWords('open', waiting, now + 2500).next).toBe('trying now')
})

test('a lost link hides what the sync did last', () => {
  expect(connectionWords('lost', { state: 'connected' }, now)).toMatchObject({
    tone: 'bad',
    label: 'No answer',
  })
})

test('an error without a sentence here brings its own', () => {
  expect(reasonWords({ code: 'never_heard_of', message: 'It rained.' })).toBe('It rained.')
})

test('streams are named by what they hold, unknown ones by name and parameters', () => {
  const project = { name: 'project_issues', params: { project: 'project-01' } }
  expect(streamWords(project, { project: 'Quotes' })).toBe('issues of Quotes')
  expect(streamWords(project)).toBe('issues of a project')
  expect(streamWords({ name: 'labelled_issues', params: { labels: ['bug'] } })).toBe(
    'labelled_issues {"labels":["bug"]}',
  )
})

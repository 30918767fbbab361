import { expect, test } from 'vitest'
import type { QueuedChange } from '../../src/ipc/client/index.ts'
import { EMPTY_STATUS, type Status } from '../../src/status/status.ts'
import {
  changeText,
  columnChanges,
  queueSize,
  queueState,
  tablesText,
} from '../../renderer/inspector/queue-words.ts'

const now = 1_800_000_000_000

const change: QueuedChange = {
  id: 1,
  transactionId: 5,
  op: 'PATCH',
  table: 'issues',
  rowId: 'i1',
  opData: { title: 'New', points: 9_007_199_254_740_993n },
  previousValues: { title: 'Old' },
  metadata: null,
  queuedAt: now,
}

function state(upload: Partial<Status['upload']>, connection: Status['connection'] = { state: 'connected' }) {
  return queueState({ connection, upload: { ...EMPTY_STATUS.upload, ...upload } }, now)
}

test('the loop is idle without changes, on line and off', () => {
  expect(state({})).toMatchObject({ tone: 'good', label: 'Idle', canRetry: false })
  expect(state({}, { state: 'offline' })).toMatchObject({ label: 'Idle' })
})

test('a held transaction is named, and can be tried again at once', () => {
  const held = state({ entries: 3, transactions: 2, heldTransaction: 5, attempts: 1 })
  expect(held).toMatchObject({ tone: 'bad', label: 'Held', canRetry: true })
  expect(held.text).toContain('transaction 5')
})

test('a failed attempt says when the next one is, also when only the write checkpoint is missing', () => {
  expect(state({ entries: 1, attempts: 2, retryAt: now + 3500 })).toEqual({
    tone: 'bad',
    label: 'Waiting',
    text: 'next try in 4 s',
    canRetry: true,
  })
  expect(state({ entries: 0, retryAt: now })).toMatchObject({
    label: 'Waiting',
    text: 'All is uploaded, but its write checkpoint is missing: trying now',
  })
})

test('what waits without a failure is uploaded next, or with the next connection', () => {
  expect(state({ entries: 1, uploading: true })).toMatchObject({ tone: 'busy', label: 'Uploading' })
  expect(state({ entries: 1 })).toMatchObject({ tone: 'busy', label: 'Waiting', canRetry: false })
  expect(state({ entries: 1 }, { state: 'offline' })).toMatchObject({ tone: 'off', label: 'Stopped' })
})

test('the size of the queue and its tables are counted', () => {
  expect(queueSize({ ...EMPTY_STATUS.upload, entries: 1200, transactions: 1 })).toBe(
    '1,200 changes in 1 transaction',
  )
  const tables = ['issues', 'comments', 'issues'].map((table) => ({ table }))
  expect(tablesText(tables)).toBe('issues (2), comments (1)')
})

test('each column says what stood there, as far as it is known; large integers keep every digit', () => {
  expect(columnChanges(change)).toEqual([
    { column: 'title', before: '"Old"', written: '"New"' },
    { column: 'points', before: null, written: '9007199254740993' },
  ])
  expect(changeText(change)).toBe('title: "Old" → "New", points: 9007199254740993')
})

test('null is a value, and not the same as none', () => {
  const cleared = { ...change, opData: { title: null }, previousValues: { title: null, points: 1 } }
  expect(columnChanges(cleared)).toEqual([
    { column: 'title', before: 'null', written: 'null' },
    { column: 'points', before: '1', written: null },
  ])
})

test('of many columns a line names four', () => {
  const opData = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`c${at}`, at]))
  expect(changeText({ ...change, op: 'PUT', opData, previousValues: null })).toBe(
    'c0: 0, c1: 1, c2: 2, c3: 3, 2 more',
  )
  expect(changeText({ ...change, op: 'DELETE', opData: null })).toBe('the row is deleted')
})

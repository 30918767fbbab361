import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LiveQueries, queryKey, type QueryParams } from '../../src/ipc/client/query.ts'
import type { ChangedTables } from '../../src/ipc/client/tables.ts'
import type { QueryResult, Row } from '../../src/daemon/daemon.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

interface Run {
  readonly name: string
  readonly params: QueryParams
  readonly signal: AbortSignal
  readonly answer: (rows: readonly Row[], tables?: readonly string[]) => Promise<void>
  readonly fail: (error: unknown) => Promise<void>
}

function begin() {
  const runs: Run[] = []
  const listeners = new Set<(tables: ChangedTables) => void>()
  let isOpen = true
  const settled = async () => void (await vi.advanceTimersByTimeAsync(0))
  const queries = new LiveQueries({
    isOpen: () => isOpen,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    run: (name, params, signal) =>
      new Promise<QueryResult>((resolve, reject) => {
        const answer = (rows: readonly Row[], tables: readonly string[] = ['issues']) => {
          resolve({ rows, tables })
          return settled()
        }
        const fail = (error: unknown) => {
          reject(error)
          return settled()
        }
        runs.push({ name, params, signal, answer, fail })
      }),
  })
  return {
    queries,
    runs,
    change: (tables: ChangedTables) => listeners.forEach((listener) => listener(tables)),
    setOpen: (open: boolean) => (isOpen = open),
    listening: () => listeners.size,
    pause: () => vi.advanceTimersByTimeAsync(30),
  }
}

const nothing = () => {}
const issue = (id: string, title: string): Row => ({ id, title })

test('a query runs when somebody reads it, and shows its rows', async () => {
  const { queries, runs } = begin()
  const query = queries.get('project_issues', { project: 'p' })
  expect(query.getSnapshot()).toEqual({ rows: [], isLoading: true, error: null })
  expect(runs).toHaveLength(0)
  query.subscribe(nothing)
  expect(runs.map(({ name, params }) => [name, params])).toEqual([['project_issues', { project: 'p' }]])
  await runs[0]!.answer([issue('1', 'one')])
  expect(query.getSnapshot()).toEqual({ rows: [issue('1', 'one')], isLoading: false, error: null })
})

test('equal questions share one query, whatever the order of their parameters', () => {
  const { queries } = begin()
  expect(queries.get('q', { a: 1, b: null })).toBe(queries.get('q', { b: null, a: 1 }))
  expect(queries.get('q', { a: 1 })).not.toBe(queries.get('q', { a: 2 }))
})

test('values of different types are different questions', () => {
  const keys = [1, '1', 1n, null, 'null'].map((value) => queryKey('q', { value }))
  expect(new Set(keys).size).toBe(keys.length)
})

test('it runs again when one of its tables changed, and not for others', async () => {
  const { queries, runs, change, pause } = begin()
  queries.get('q').subscribe(nothing)
  await runs[0]!.answer([], ['issues', 'people'])
  await pause()
  change(['comments'])
  await pause()
  expect(runs).toHaveLength(1)
  change(['comments', 'people'])
  expect(runs).toHaveLength(2)
})

test('changes during a run make one more run after it, never two at once', async () => {
  const { queries, runs, change, pause } = begin()
  queries.get('q').subscribe(nothing)
  change(['issues'])
  change(['issues'])
  await pause()
  expect(runs).toHaveLength(1)
  await runs[0]!.answer([])
  expect(runs).toHaveLength(2)
  await runs[1]!.answer([])
  await pause()
  expect(runs).toHaveLength(2)
})

test('a change during a run of tables that it does not read makes no more run', async () => {
  const { queries, runs, change, pause } = begin()
  queries.get('q').subscribe(nothing)
  change(['comments'])
  await runs[0]!.answer([], ['issues'])
  await pause()
  expect(runs).toHaveLength(1)
})

test('a burst of changes makes one run in 30 ms', async () => {
  const { queries, runs, change, pause } = begin()
  queries.get('q').subscribe(nothing)
  await runs[0]!.answer([])
  await pause()
  for (let n = 0; n < 10; n++) {
    change(['issues'])
    await runs.at(-1)!.answer([])
  }
  expect(runs).toHaveLength(2)
  await pause()
  expect(runs).toHaveLength(3)
})

test('rows that did not change keep their identity, and so does a result without a difference', async () => {
  const { queries, runs, change, pause } = begin()
  const query = queries.get('q')
  let renders = 0
  query.subscribe(() => renders++)
  await runs[0]!.answer([issue('1', 'one'), issue('2', 'two')])
  const [one] = query.getSnapshot().rows
  await pause()
  change(['issues'])
  await runs[1]!.answer([issue('3', 'three'), issue('1', 'one'), issue('2', 'changed')])
  const after = query.getSnapshot()
  expect(after.rows[1]).toBe(one)
  expect(after.rows).toEqual([issue('3', 'three'), issue('1', 'one'), issue('2', 'changed')])
  await pause()
  change(['issues'])
  await runs[2]!.answer([issue('3', 'three'), issue('1', 'one'), issue('2', 'changed')])
  expect(query.getSnapshot()).toBe(after)
  expect(renders).toBe(2)
})

test('a failed run keeps the rows and says why; the next good one clears it', async () => {
  const { queries, runs, change, pause } = begin()
  const query = queries.get('q')
  query.subscribe(nothing)
  await runs[0]!.answer([issue('1', 'one')])
  await pause()
  change(['issues'])
  await runs[1]!.fail(new Error('no answer'))
  expect(query.getSnapshot()).toEqual({
    rows: [issue('1', 'one')],
    isLoading: false,
    error: { code: 'link_lost', message: 'no answer' },
  })
  await pause()
  change(['issues'])
  await runs[2]!.answer([issue('1', 'one')])
  expect(query.getSnapshot().error).toBeNull()
})

test('a first run that failed is tried again at any change: its tables are not known', async () => {
  const { queries, runs, change, pause } = begin()
  queries.get('q').subscribe(nothing)
  await runs[0]!.fail(new Error('no answer'))
  await pause()
  change(['comments'])
  expect(runs).toHaveLength(2)
})

test('while the link is closed nothing runs; when it is open again everything runs anew', async () => {
  const { queries, runs, change, setOpen, pause } = begin()
  const query = queries.get('q')
  query.subscribe(nothing)
  const lost = runs[0]!
  setOpen(false)
  await pause()
  change(['issues'])
  expect(runs).toHaveLength(1)
  setOpen(true)
  change(null)
  expect(lost.signal.aborted).toBe(true)
  expect(runs).toHaveLength(2)
  await runs[1]!.answer([issue('1', 'new')])
  await lost.answer([issue('1', 'late')])
  expect(query.getSnapshot().rows).toEqual([issue('1', 'new')])
})

test('when nobody reads it, it stops listening and gives up its run', () => {
  const { queries, runs, listening } = begin()
  const stop = queries.get('q').subscribe(nothing)
  expect(listening()).toBe(1)
  stop()
  expect(listening()).toBe(0)
  expect(runs[0]!.signal.aborted).toBe(true)
})

test('coming back soon shows the old rows at once and runs again; after 30 s it is forgotten', async () => {
  const { queries, runs } = begin()
  const query = queries.get('q')
  const stop = query.subscribe(nothing)
  await runs[0]!.answer([issue('1', 'one')])
  stop()
  await vi.advanceTimersByTimeAsync(29_000)
  expect(queries.get('q')).toBe(query)
  query.subscribe(nothing)()
  expect(runs).toHaveLength(2)
  expect(query.getSnapshot().rows).toEqual([issue('1', 'one')])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(queries.get('q')).not.toBe(query)
})

test('a query that was forgotten and is read again does not take its successor with it', async () => {
  const { queries } = begin()
  const forgotten = queries.get('q')
  await vi.advanceTimersByTimeAsync(30_000)
  const stop = forgotten.subscribe(nothing)
  const successor = queries.get('q')
  successor.subscribe(nothing)
  expect(successor).not.toBe(forgotten)
  stop()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(queries.get('q')).toBe(successor)
})

/** When a live query runs again: for its own tables, once for each change, never twice at a time; after failures. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LiveQuery } from '../../src/daemon/live/query.ts'
import type { LiveUpdate } from '../../src/daemon/live/query.ts'
import { EngineError } from '../../src/engine/face.ts'
import type { LiveAnswered } from '../../src/engine/live-results.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A reader whose answers the test gives. */
function reader() {
  const asked: { readonly answer: (rows: number) => void; readonly fail: (code: string) => void }[] = []
  const ask = (): Promise<LiveAnswered> => {
    const { promise, resolve, reject } = Promise.withResolvers<LiveAnswered>()
    asked.push({
      answer: (n) =>
        resolve({
          answer: { kind: 'whole', version: `v${n}`, result: { columns: ['n'], rows: [[n]] } },
          tables: ['todos'],
        }),
      fail: (code) => reject(new EngineError({ code, message: code })),
    })
    return promise
  }
  const query = new LiveQuery({ ask, throttleMs: 30 })
  const updates: LiveUpdate[] = []
  query.listen((update) => updates.push(update))
  return { asked, query, updates }
}

test('it runs at once, then for changes of its tables only', async () => {
  const { asked, query } = reader()
  expect(asked).toHaveLength(1)
  asked[0]!.answer(1)
  await vi.advanceTimersByTimeAsync(1000)
  query.changed(['lists'])
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toHaveLength(1)
  query.changed(['lists', 'todos'])
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toHaveLength(2)
})

test('changes within the throttle share one run', async () => {
  const { asked, query } = reader()
  asked[0]!.answer(1)
  await vi.advanceTimersByTimeAsync(10)
  query.changed(['todos'])
  query.changed(['todos'])
  await vi.advanceTimersByTimeAsync(19)
  expect(asked).toHaveLength(1)
  query.changed(['todos'])
  await vi.advanceTimersByTimeAsync(1)
  expect(asked).toHaveLength(2)
})

test('a change while it runs brings one more run, also when its tables are not known yet', async () => {
  const { asked, query } = reader()
  query.changed(['todos'])
  query.changed(['lists'])
  expect(asked).toHaveLength(1)
  asked[0]!.answer(1)
  await vi.advanceTimersByTimeAsync(30)
  expect(asked).toHaveLength(2)
  query.changed(['lists'])
  asked[1]!.answer(2)
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toHaveLength(2)
})

test('a failure leaves the rows and is tried again by itself, later each time', async () => {
  const { asked, query, updates } = reader()
  asked[0]!.answer(1)
  await vi.advanceTimersByTimeAsync(30)
  query.changed(['todos'])
  await vi.advanceTimersByTimeAsync(0)
  asked[1]!.fail('database_busy')
  await vi.advanceTimersByTimeAsync(999)
  expect(asked).toHaveLength(2)
  expect(query.result?.rows).toEqual([[1]])
  expect(query.error).toMatchObject({ code: 'database_busy' })
  await vi.advanceTimersByTimeAsync(1)
  asked[2]!.fail('database_busy')
  await vi.advanceTimersByTimeAsync(1999)
  expect(asked).toHaveLength(3)
  await vi.advanceTimersByTimeAsync(1)
  asked[3]!.answer(2)
  await vi.advanceTimersByTimeAsync(100_000)
  expect(asked).toHaveLength(4)
  expect(query.error).toBeNull()
  expect(updates.map(({ kind }) => kind)).toEqual(['rows', 'error', 'error', 'rows'])
})

test.each(['result_too_large', 'query_timeout', 'sql_failed'])(
  'what its rows do to it (%s) waits for a change of them',
  async (code) => {
    const { asked, query } = reader()
    asked[0]!.fail(code)
    await vi.advanceTimersByTimeAsync(100_000)
    expect(asked).toHaveLength(1)
    query.changed(['todos'])
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(2)
    asked[1]!.answer(1)
    await vi.advanceTimersByTimeAsync(0)
    expect(query.error).toBeNull()
  },
)

test.each(['sql_syntax', 'sql_too_complex', 'bad_parameters', 'closed'])(
  'what no row can mend (%s) is not tried again',
  async (code) => {
    const { asked, query } = reader()
    asked[0]!.fail(code)
    await vi.advanceTimersByTimeAsync(100_000)
    query.changed(['todos'])
    await vi.advanceTimersByTimeAsync(100_000)
    expect(asked).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  },
)

test('nothing is told or run after the close', async () => {
  const { asked, query, updates } = reader()
  query.close()
  asked[0]!.answer(1)
  query.changed(['todos'])
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toHaveLength(1)
  expect(updates).toEqual([])
})

test('a query that cannot be right waits for another schema, and then runs once', async () => {
  const { asked, query } = reader()
  asked[0]!.fail('sql_syntax')
  await vi.advanceTimersByTimeAsync(1000)
  query.changed(['todos'])
  await vi.advanceTimersByTimeAsync(100_000)
  expect(asked).toHaveLength(1)
  query.renew()
  await vi.advanceTimersByTimeAsync(100_000)
  expect(asked).toHaveLength(2)
  asked[1]!.answer(1)
  await vi.advanceTimersByTimeAsync(0)
  expect(query.error).toBeNull()
})

test('a schema that changes while it runs makes it run again', async () => {
  const { asked, query } = reader()
  query.renew()
  asked[0]!.fail('sql_syntax')
  await vi.advanceTimersByTimeAsync(100_000)
  expect(asked).toHaveLength(2)
  asked[1]!.answer(1)
  await vi.advanceTimersByTimeAsync(100_000)
  expect(asked).toHaveLength(2)
})

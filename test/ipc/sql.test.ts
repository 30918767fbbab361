/** SQL of windows through the router: what crosses, how much of it, and what a document that is slow costs. */
import { serialize, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DaemonError, type SqlParameters } from '../../src/daemon/daemon.ts'
import { encode } from '../../src/ipc/codec.ts'
import { describeError } from '../../src/ipc/error.ts'
import { createRouter } from '../../src/ipc/router.ts'
import { decodeChange, type RowsMessage } from '../../src/ipc/rows-message.ts'
import { applyRowsChange, type Cells, type LiveRows } from '../../src/status/rows.ts'
import { collect, openDocument, type Collected } from './collect.ts'
import { fakeDaemon } from './fake-daemon.ts'
import { fakeLive, type FakeLive } from './fake-live.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const columns = ['id', 'title', 'done']
const row = (n: number, title = `Issue number ${n}`): Cells => [`issue-${n}`, title, 0]
const rowsUpTo = (count: number): LiveRows => ({
  columns,
  rows: Array.from({ length: count }, (_, n) => row(n)),
})

/** The rows with some of them replaced. */
function withRow({ rows }: LiveRows, place: number, next: Cells): LiveRows {
  return { columns, rows: rows.map((cells, at) => (at === place ? next : cells)) }
}

function served(live: FakeLive) {
  const watched: {
    readonly sql: string
    readonly params: SqlParameters | undefined
    readonly key?: string
  }[] = []
  const daemon = fakeDaemon({
    windowSql: {
      watch: (sql, params, options) => {
        watched.push({ sql, params, ...options })
        return live.handle()
      },
    },
  })
  const router = createRouter({ daemon })
  return { router, watched }
}

/** Opens a watch whose messages the test acknowledges. */
async function watch(router: ReturnType<typeof createRouter>) {
  const document = openDocument(router)
  const collected: Collected<RowsMessage> = await collect(
    document.sql.watch({ watchId: 'w', sql: 'SELECT id, title, done FROM issues', params: [] }),
  )
  return {
    document,
    ...collected,
    ack: (sequence: number) => document.sql.ack({ watchId: 'w', sequence }),
    tick: () => vi.advanceTimersByTimeAsync(16),
  }
}

/** What a document that took these messages shows. */
function fold(messages: readonly RowsMessage[]): readonly Cells[] {
  return messages.reduce<readonly Cells[]>((rows, message) => {
    if (message[0] === 0) return message[3]
    return message[0] === 1 ? applyRowsChange(rows, decodeChange(message)) : rows
  }, [])
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** As electron-trpc answers, cloned, and as the WebSocket does, in JSON. */
function sizesOf(message: RowsMessage): readonly number[] {
  const data = encode(message)
  return [
    serialize({ id: 12_345, result: { type: 'data', data } }).byteLength,
    Buffer.byteLength(JSON.stringify({ id: 12_345, jsonrpc: '2.0', result: { type: 'data', data } })),
  ]
}

describe('sql.watch', () => {
  test('one row that changed of 10,000 crosses in at most 300 bytes, over both carriers', async () => {
    const first = rowsUpTo(10_000)
    const live = fakeLive(first)
    const { messages, ack, tick } = await watch(served(live).router)
    await ack(0)
    await tick()
    live.set(
      withRow(
        first,
        4711,
        row(4711, 'A title of eighty characters, which is about as long as people write titles, no?'),
      ),
    )
    await tick()
    expect(messages.map(([kind]) => kind)).toEqual([0, 1])
    for (const bytes of sizesOf(messages[1]!)) expect(bytes).toBeLessThanOrEqual(300)
    await ack(1)
    await tick()
    const second = fold(messages)
    live.set({ columns, rows: [...second.slice(0, 99), ...second.slice(100), row(10_000)] })
    await tick()
    for (const bytes of sizesOf(messages[2]!)) expect(bytes).toBeLessThanOrEqual(300)
    expect(fold(messages)).toEqual(live.handle().result!.rows)
  })

  test('a document that does not acknowledge is sent nothing more; then one message has it all', async () => {
    const first = rowsUpTo(100)
    const live = fakeLive(first)
    const { messages, ack, tick } = await watch(served(live).router)
    let rows = first
    for (let n = 0; n < 50; n++) {
      live.set((rows = withRow(rows, n, row(n, `changed ${n}`))))
      await tick()
    }
    expect(messages).toHaveLength(1)
    await ack(0)
    expect(messages).toHaveLength(2)
    expect(messages[1]![0]).toBe(1)
    expect(fold(messages)).toEqual(rows.rows)
    await ack(1)
    await tick()
    expect(messages).toHaveLength(2)
  })

  test('a document that does not acknowledge costs what it has and the newest rows, whatever happens between', async () => {
    let rows = rowsUpTo(10_000)
    const live = fakeLive(rows)
    const { messages, ack, tick } = await watch(served(live).router)
    const change = (times: number) => {
      for (let n = 0; n < times; n++) live.set((rows = withRow(rows, n, row(n, `changed ${Math.random()}`))))
    }
    change(10)
    const before = heap()
    change(200)
    // 200 results would be 16 MB of places alone.
    expect(heap() - before).toBeLessThan(4 * 1024 * 1024)
    await ack(0)
    await tick()
    expect(messages).toHaveLength(2)
    expect(fold(messages)).toEqual(rows.rows)
  })

  test('old rows that share too little with the newest are not kept for who does not acknowledge', async () => {
    const large = (n: number): LiveRows => ({
      columns: ['id', 'text'],
      rows: [['a', Buffer.alloc(300_000, n).toString('latin1')]],
    })
    const live = fakeLive(large(40))
    const { router } = served(live)
    const document = openDocument(router)
    const watches: Collected<RowsMessage>[] = []
    const before = heap()
    for (let n = 41; n < 101; n++) {
      watches.push(await collect(document.sql.watch({ watchId: `w${n}`, sql: 'SELECT 1' })))
      live.set(large(n))
      // The test's own copies.
      for (const { messages } of watches) messages.length = 0
    }
    expect(heap() - before).toBeLessThan(10 * 300_000)
    await document.sql.ack({ watchId: 'w41', sequence: 0 })
    await vi.advanceTimersByTimeAsync(16)
    expect(watches[0]!.messages).toEqual([[0, 1, ['id', 'text'], large(100).rows]])
  })

  test('a document that missed a message gets all rows again', async () => {
    const first = rowsUpTo(3)
    const live = fakeLive(first)
    const { messages, ack, tick } = await watch(served(live).router)
    await ack(0)
    await tick()
    live.set(withRow(first, 1, row(1, 'changed')))
    await tick()
    await ack(0)
    await tick()
    expect(messages.map(([kind, sequence]) => [kind, sequence])).toEqual([
      [0, 0],
      [1, 1],
      [0, 2],
    ])
    expect(fold(messages.slice(2))).toEqual(fold(messages))
  })

  test('other columns come whole', async () => {
    const live = fakeLive(rowsUpTo(3))
    const { messages, ack, tick } = await watch(served(live).router)
    await ack(0)
    await tick()
    live.set({ columns: ['id'], rows: [['a']] })
    await tick()
    expect(messages[1]).toEqual([0, 1, ['id'], [['a']]])
  })

  test('an error is a message with its code, and the rows stay until the next good run', async () => {
    const live = fakeLive(rowsUpTo(2))
    const { messages, ack, tick } = await watch(served(live).router)
    await ack(0)
    await tick()
    live.fail({ code: 'query_timeout', message: 'The query took longer than 5 s and was stopped.' })
    await tick()
    expect(messages[1]).toEqual([2, 1, 'query_timeout', 'The query took longer than 5 s and was stopped.'])
    await ack(1)
    await tick()
    live.set(withRow(rowsUpTo(2), 1, row(1, 'changed')))
    await tick()
    expect(messages[2]).toEqual([1, 2, [], [], [[1, 1, 'changed']]])
  })

  test('an error that nobody wrote for windows says no more than its code', async () => {
    const live = fakeLive(null)
    const { messages } = await watch(served(live).router)
    live.fail({ code: 'database_failed', message: 'disk I/O error in /home/ada/app.db' })
    expect(messages).toEqual([[2, 0, 'database_failed', 'The database could not do this (database_failed).']])
  })

  test('the daemon is asked with the statement, its parameters and the key; the watch ends with its document', async () => {
    const live = fakeLive(rowsUpTo(1))
    const { router, watched } = served(live)
    const document = openDocument(router)
    const { stop } = await collect(
      document.sql.watch({ watchId: 'w', sql: 'SELECT 1', params: { n: 1n }, key: 'number' }),
    )
    expect(watched).toEqual([{ sql: 'SELECT 1', params: { n: 1n }, key: 'number' }])
    expect(live.handles).toBe(1)
    stop()
    expect(live.handles).toBe(0)
  })
})

describe('sql.query and sql.write', () => {
  const codeOf = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'ran',
      (error: unknown) => describeError(error).info.code,
    )

  test('a query is cancelled by its id, by its own document only', async () => {
    const aborted: string[] = []
    const daemon = fakeDaemon({
      windowSql: {
        query: (sql, _params, { signal } = {}) =>
          new Promise((_, reject) => {
            signal?.addEventListener('abort', () => {
              aborted.push(sql)
              reject(new DaemonError('query_aborted', 'The query was cancelled.'))
            })
          }),
      },
    })
    const router = createRouter({ daemon })
    const [one, two] = [openDocument(router), openDocument(router)]
    const query = codeOf(one.sql.query({ sql: 'SELECT 1', queryId: 'q' }))
    await vi.advanceTimersByTimeAsync(0)
    await two.sql.cancel({ queryId: 'q' })
    expect(aborted).toEqual([])
    expect(await codeOf(one.sql.query({ sql: 'SELECT 2', queryId: 'q' }))).toBe('query_exists')
    await one.sql.cancel({ queryId: 'q' })
    expect(await query).toBe('query_aborted')
    expect(aborted).toEqual(['SELECT 1'])
  })

  test.each([
    ['no statement', []],
    ['more than 1,000 statements', Array.from({ length: 1001 }, () => ['DELETE FROM todos'])],
    ['a statement that is no text', [[1]]],
    ['a parameter that is no value', [['DELETE FROM todos WHERE id = ?', [{}]]]],
    ['a parameter that is undefined', [['DELETE FROM todos WHERE id = ?', [undefined]]]],
    ['a parameter that is too long', [['DELETE FROM todos WHERE id = ?', ['x'.repeat(262_145)]]]],
    ['more parameters than SQLite knows', [['DELETE FROM todos', Array.from({ length: 32_767 }, () => 1)]]],
  ])('%s is no input for sql.write', async (_, statements) => {
    const write = vi.fn()
    const router = createRouter({ daemon: fakeDaemon({ windowSql: { write } }) })
    const input = { statements } as unknown as { statements: [string][] }
    expect(await codeOf(openDocument(router).sql.write(input))).toBe('bad_input')
    expect(write).not.toHaveBeenCalled()
  })

  test.each([
    ['a statement too long to be kept', 'x'.repeat(262_145), undefined],
    ['parameters too long to be kept', 'SELECT ?', Array.from({ length: 3 }, () => 'x'.repeat(100_000))],
    ['names too long to be kept', 'SELECT 1', { ['x'.repeat(262_145)]: 1 }],
    ['parameters that are none', 'SELECT 1', null],
    ['a parameter that is no value', 'SELECT 1', [{}]],
  ])('%s is no input for sql.watch', async (_, sql, params) => {
    const watch = vi.fn()
    const router = createRouter({ daemon: fakeDaemon({ windowSql: { watch } }) })
    const input = { watchId: 'w', sql, params } as { watchId: string; sql: string; params: [] }
    expect(await codeOf(openDocument(router).sql.watch(input))).toBe('bad_input')
    expect(watch).not.toHaveBeenCalled()
  })

  test('statements reach the daemon as they were sent, values exact', async () => {
    const write = vi.fn(async () => [{ rows: [], changes: 1 }])
    const router = createRouter({ daemon: fakeDaemon({ windowSql: { write } }) })
    const statements = [
      ['UPDATE t SET a = ?, b = ?', [2n ** 62n, new Uint8Array([0, 255])]],
      ['UPDATE t SET a = :a', { a: Infinity }],
      ['DELETE FROM t'],
    ] as const
    expect(await openDocument(router).sql.write({ statements: statements as never })).toEqual([
      { rows: [], changes: 1 },
    ])
    expect(write).toHaveBeenCalledWith(statements)
  })
})

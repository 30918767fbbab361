/** SQL of a page over both carriers: every value arrives as it was, and what the link loses is not sent again. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DaemonError, type SqlParameters, type SqlValue, type Statement } from '../../src/daemon/daemon.ts'
import { failureOf } from '../../src/ipc/client/index.ts'
import { fakeDaemon } from '../ipc/fake-daemon.ts'
import { fakeLive, type FakeLive } from '../ipc/fake-live.ts'
import { overElectron, overWebSocket, type Carrier, type Page } from './carriers.ts'

const values: readonly SqlValue[] = [
  2n ** 63n - 1n,
  -(2n ** 63n),
  Number.MAX_SAFE_INTEGER,
  -0,
  0.1,
  Infinity,
  -Infinity,
  null,
  '',
  '{"$":"bigint","v":"1"}',
  '\u0000 ☃ 𝄞',
  new Uint8Array([0, 127, 255]),
  new Uint8Array(),
]
const columns = values.map((_, n) => `c${n}`)

const until = (check: () => void) => vi.waitFor(check, 10_000)

describe.each([
  ['Electron', overElectron],
  ['a WebSocket', overWebSocket],
])('over %s', (_, start) => {
  let carrier: Carrier
  let page: Page
  let live: FakeLive
  let written: Statement[]
  let asked: SqlParameters[]
  let onWrite: () => Promise<void>

  beforeEach(async () => {
    live = fakeLive({ columns: ['id', 'value'], rows: [['a', 1n]] })
    written = []
    asked = []
    onWrite = async () => {}
    const daemon = fakeDaemon({
      windowSql: {
        query: async (sql, params = []) => {
          if (sql === 'wrong') throw new DaemonError('sql_syntax', 'SQLite cannot read the statement.')
          asked.push(params)
          return { columns, rows: [params as readonly SqlValue[]], tables: ['issues'] }
        },
        write: async (statements) => {
          written.push(...statements)
          await onWrite()
          return statements.map(() => ({ rows: [{ value: 2n ** 60n }], changes: 1 }))
        },
        watch: () => live.handle(),
      },
      uploads: () =>
        fakeLive({
          columns: ['id', 'table', 'rowId', 'op', 'transactionId'],
          rows: Array.from({ length: 501 }, (_, n) => [n + 1, 'issues', `i${n}`, 'PATCH', n + 1]),
        }).handle(),
    })
    carrier = await start(daemon)
    page = await carrier.open('app')
  })

  afterEach(async () => {
    await page.vanish()
    await carrier.close()
  })

  test('parameters and results of a query arrive as they were', async () => {
    const { rows, tables } = await page.client.sql.query('SELECT …', values)
    expect(asked).toEqual([values])
    expect(Object.values(rows[0]!)).toEqual(values)
    expect(tables).toEqual(['issues'])
    await page.client.sql.query('SELECT …', Object.fromEntries(values.map((value, n) => [`p${n}`, value])))
    expect(Object.values(asked[1]!)).toEqual(values)
  })

  test('a write and a batch arrive as they were, and give what was returned', async () => {
    expect(await page.client.sql.write('INSERT …', values)).toEqual({
      rows: [{ value: 2n ** 60n }],
      changes: 1,
    })
    expect(await page.client.sql.batch([['DELETE …'], ['UPDATE …', { v: Infinity }]])).toHaveLength(2)
    expect(written).toEqual([['INSERT …', values], ['DELETE …'], ['UPDATE …', { v: Infinity }]])
  })

  test('a live query comes whole, then changes; its rows keep their identity where they can', async () => {
    const query = page.client.liveSql('SELECT id, value FROM issues')
    expect(page.client.liveSql('SELECT id, value FROM issues')).toBe(query)
    const stop = query.subscribe(() => {})
    await until(() => expect(query.getSnapshot().rows).toEqual([{ id: 'a', value: 1n }]))
    const [first] = query.getSnapshot().rows
    for (const value of values) {
      live.set({
        columns: ['id', 'value'],
        rows: [
          ['a', 1n],
          ['b', value],
        ],
      })
      await until(() => expect(query.getSnapshot().rows[1]).toEqual({ id: 'b', value }))
      expect(query.getSnapshot().rows[0]).toBe(first)
    }
    live.fail({ code: 'query_timeout', message: 'It took too long.' })
    await until(() =>
      expect(query.getSnapshot().error).toEqual({ code: 'query_timeout', message: 'It took too long.' }),
    )
    expect(query.getSnapshot().rows[0]).toBe(first)
    expect(live.handles).toBe(1)
    stop()
    await until(() => expect(live.handles).toBe(0))
  })

  test('pending changes: the oldest 500, and that there are more', async () => {
    const { pending } = page.client.uploads
    expect(pending.getSnapshot()).toEqual({ entries: [], more: false })
    const stop = pending.subscribe(() => {})
    await until(() => expect(pending.getSnapshot().entries).toHaveLength(500))
    expect(pending.getSnapshot()).toMatchObject({
      more: true,
      entries: { 0: { id: 1, table: 'issues', rowId: 'i0', op: 'PATCH', transactionId: 1 } },
    })
    stop()
  })

  test('a failure has a code, and so has what a window cannot do', async () => {
    const failure = (call: () => Promise<unknown>) => call().then(() => null, failureOf)
    expect(await failure(() => page.client.sql.query('wrong'))).toEqual({
      code: 'sql_syntax',
      message: 'SQLite cannot read the statement.',
    })
    expect(await failure(async () => page.client.transaction())).toMatchObject({
      code: 'transaction_unsupported',
      message: expect.stringMatching(/batch.*main process/),
    })
    const inspector = await carrier.open('inspector')
    expect(await failure(() => inspector.client.sql.query('SELECT 1'))).toMatchObject({ code: 'forbidden' })
    expect(await failure(() => inspector.client.sql.write('DELETE …'))).toMatchObject({ code: 'forbidden' })
    expect(await failure(() => inspector.client.runQuery('echo'))).toMatchObject({ code: 'forbidden' })
    const refused = inspector.client.liveSql('SELECT 1')
    const stop = refused.subscribe(() => {})
    await until(() =>
      expect(refused.getSnapshot()).toMatchObject({ isLoading: false, error: { code: 'forbidden' } }),
    )
    stop()
    await inspector.vanish()
  })

  test('a query with a signal that aborts rejects at once', async () => {
    const controller = new AbortController()
    const query = page.client.sql.query('SELECT …', [], { signal: controller.signal })
    controller.abort()
    await expect(query).rejects.toBeDefined()
    await expect(page.client.sql.query('SELECT …', [], { signal: controller.signal })).rejects.toBeDefined()
  })
})

test('a write that the WebSocket loses fails with link_lost and is not sent again', async () => {
  const written: string[] = []
  const daemon = fakeDaemon({
    windowSql: {
      write: async (statements) => {
        written.push(...statements.map(([sql]) => sql))
        if (statements[0]![0] === 'first') await new Promise(() => {})
        return statements.map(() => ({ rows: [], changes: 1 }))
      },
    },
  })
  const carrier = await overWebSocket(daemon)
  const page = await carrier.open('app')
  const lost = page.client.sql.write('first').then(() => null, failureOf)
  await until(() => expect(written).toEqual(['first']))
  page.breakLink()
  expect(await lost).toMatchObject({ code: 'link_lost' })
  await page.client.sql.write('second')
  expect(written).toEqual(['first', 'second'])
  await page.vanish()
  await carrier.close()
}, 20_000)

/** SQL of windows through the router, on a real daemon with its real read process. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { UploadRejected } from '../../src/connector/upload.ts'
import type { Daemon, DaemonOptions } from '../../src/daemon/daemon.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import { describeError } from '../../src/ipc/error.ts'
import { createRouter } from '../../src/ipc/router.ts'
import { decodeChange, type RowsMessage } from '../../src/ipc/rows-message.ts'
import { applyRowsChange, type Cells } from '../../src/status/rows.ts'
import { hostileSchema, hostileStatements } from '../storage/hostile.ts'
import { collect, openDocument, type Caller } from './collect.ts'

const ENDLESS = 'WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
const INSERT = 'INSERT INTO todos(id, description) VALUES (?, ?)'

let folder: string
let daemon: Daemon
let router: ReturnType<typeof createRouter>

async function open(options: Partial<DaemonOptions> = {}): Promise<Caller> {
  daemon = await openDaemon({
    path: join(folder, 'app.db'),
    schema: hostileSchema,
    connector: { fetchCredentials: async () => null },
    inProcess: true,
    ...options,
  })
  router = createRouter({ daemon, interval: 1, onUnexpected: () => undefined })
  return openDocument(router)
}

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'headwater-window-sql-'))))
afterEach(async () => {
  await daemon.close()
  rmSync(folder, { recursive: true })
})

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'ran',
    (error: unknown) => describeError(error).info.code,
  )

/** A watch that acknowledges, and what it shows. */
async function watch(document: Caller, sql: string, watchId = 'w') {
  let rows: readonly Cells[] | null = null
  let error: string | null = null
  const { messages, stop } = await collect<RowsMessage>(document.sql.watch({ watchId, sql }), (message) => {
    error = message[0] === 2 ? message[2] : null
    if (message[0] === 0) rows = message[3]
    if (message[0] === 1) rows = applyRowsChange(rows!, decodeChange(message))
    void document.sql.ack({ watchId, sequence: message[1] })
  })
  return { messages, stop, rows: () => rows, error: () => error }
}

const until = (check: () => void) => vi.waitFor(check, 15_000)

describe('hostile statements', () => {
  test('are refused by sql.query, sql.write and sql.watch, and leave no byte behind', async () => {
    const document = await open()
    await document.sql.write({ statements: [[INSERT, ['a', 'bread']]] })
    await document.sql.query({ sql: 'SELECT 1' })
    const statements = Object.values(hostileStatements(folder)).flat()
    const before = hashes()
    const allowed: string[] = []
    for (const sql of statements) {
      const codes = await Promise.all([
        codeOf(document.sql.query({ sql })),
        codeOf(document.sql.write({ statements: [[INSERT, ['b', 'torn']], [sql]] })),
      ])
      if (codes.some((code) => !/^(sql_|bad_input$)/.test(code)))
        allowed.push(`${codes.join()} ${sql.slice(0, 200)}`)
    }
    expect(allowed).toEqual([])
    const watches = await Promise.all(
      statements.slice(0, 40).map((sql, n) => watch(document, sql, `watch ${n}`)),
    )
    await until(() =>
      expect(watches.map(({ error }) => error()?.slice(0, 4))).toEqual(watches.map(() => 'sql_')),
    )
    for (const { stop } of watches) stop()
    expect(hashes()).toEqual(before)
    expect((await document.sql.query({ sql: 'SELECT id FROM todos' })).rows).toEqual([['a']])
  }, 60_000)

  function hashes(): Record<string, string> {
    const files = readdirSync(folder).filter((name) => !name.endsWith('-shm'))
    return Object.fromEntries(
      files.map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
    )
  }
})

test('an endless query ends at its deadline with a code, and stops nobody else', async () => {
  const document = await open({ windowQueryMs: 4000 })
  const endless = codeOf(document.sql.query({ sql: ENDLESS }))
  const live = await watch(openDocument(router), 'SELECT id FROM todos')
  await until(() => expect(live.rows()).toEqual([]))
  await document.sql.write({ statements: [[INSERT, ['a', 'bread']]] })
  await until(() => expect(live.rows()).toEqual([['a']]))
  expect(await endless).toBe('query_timeout')
})

test('an endless live query is an error as data', async () => {
  const document = await open({ windowQueryMs: 500 })
  const live = await watch(document, ENDLESS)
  await until(() => expect(live.error()).toBe('query_timeout'))
})

test('closing does not wait for an endless query', async () => {
  const document = await open({ windowQueryMs: 60_000 })
  const endless = codeOf(document.sql.query({ sql: ENDLESS }))
  await daemon.close()
  expect(await endless).toBe('closed')
})

test('a result that is too large is refused', async () => {
  const document = await open()
  const numbers =
    'WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c LIMIT 10001) SELECT x FROM c'
  expect(await codeOf(document.sql.query({ sql: numbers }))).toBe('result_too_large')
})

test('two windows with the same query run it once, and both see each change', async () => {
  const one = await open()
  const two = openDocument(router)
  const [first, second] = [await watch(one, 'SELECT * FROM todos'), await watch(two, 'SELECT * FROM todos')]
  await until(() => expect([first.rows(), second.rows()]).toEqual([[], []]))
  await two.sql.write({ statements: [[INSERT, ['a', 'bread']]] })
  await until(() => expect(second.rows()).toHaveLength(1))
  await until(() => expect(first.rows()).toEqual(second.rows()))
  expect(second.rows()![0]).toBe(first.rows()![0])
})

describe('a write without an end', () => {
  const ten = '(VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10))'
  const product = Array.from({ length: 12 }, (_, n) => `${ten} AS t${n}`).join(', ')

  test('is ended before it reaches the writer: nothing of it is written, and others write meanwhile', async () => {
    const document = await open({ windowQueryMs: 3000 })
    await document.sql.write({ statements: [[INSERT, ['a', 'bread']]] })
    const endless = `UPDATE todos SET done = (SELECT count(*) FROM ${product})`
    const write = codeOf(document.sql.write({ statements: [[INSERT, ['b', 'salt']], [endless]] }))
    await daemon.execute(INSERT, ['c', 'milk'])
    expect(await write).toBe('query_timeout')
    const { rows } = await document.sql.query({ sql: 'SELECT id FROM todos ORDER BY id' })
    expect(rows).toEqual([['a'], ['c']])
  })

  test('cannot hide behind the name of the database', async () => {
    const document = await open()
    const endless = `UPDATE main.todos SET done = (SELECT count(*) FROM ${product})`
    expect(await codeOf(document.sql.write({ statements: [[endless]] }))).toBe('sql_refused')
  })

  test('that doubles its rows again and again ends, too', async () => {
    const document = await open()
    const double = 'INSERT INTO todos(id) SELECT hex(randomblob(16)) FROM todos'
    const statements = [[INSERT, ['a', 'bread']], ...Array.from({ length: 40 }, () => [double])] as [string][]
    expect(await codeOf(document.sql.write({ statements }))).toBe('write_timeout')
    expect((await document.sql.query({ sql: 'SELECT id FROM todos' })).rows).toEqual([])
  }, 60_000)
})

test('a write that returns too many rows writes none', async () => {
  const document = await open()
  const returning = `INSERT INTO todos(id) SELECT value FROM json_each(?) RETURNING id`
  const ids = (count: number) => JSON.stringify(Array.from({ length: count }, (_, n) => `row ${n}`))
  expect(await codeOf(document.sql.write({ statements: [[returning, [ids(10_001)]]] }))).toBe(
    'result_too_large',
  )
  const [result] = await document.sql.write({ statements: [[returning, [ids(2)]]] })
  expect(result).toEqual({ rows: [{ id: 'row 0' }, { id: 'row 1' }], changes: 2 })
})

test('a write waits while a local transaction is open, and its lock timeout is an error with a code', async () => {
  const document = await open()
  const { promise, resolve } = Promise.withResolvers<void>()
  const transaction = daemon.transaction(async (tx) => {
    await tx.execute(INSERT, ['a', 'bread'])
    await promise
  })
  const write = codeOf(document.sql.write({ statements: [[INSERT, ['b', 'salt']]] }))
  const impatient = daemon.windowSql.write([[INSERT, ['c', 'milk']]], { lockTimeoutMs: 50 })
  await expect(impatient).rejects.toMatchObject({ code: 'lock_timeout' })
  resolve()
  await transaction
  expect(await write).toBe('ran')
  expect((await document.sql.query({ sql: 'SELECT id FROM todos ORDER BY id' })).rows).toEqual([['a'], ['b']])
})

test('a table that the app has registered, FTS5 for example, is read live', async () => {
  const create = 'CREATE VIRTUAL TABLE todos_text USING fts5(id UNINDEXED, description)'
  const document = await open({ virtualTables: { todos_text: create } })
  await daemon.execute(create)
  const live = await watch(document, `SELECT id FROM todos_text WHERE description MATCH 'rye' ORDER BY rank`)
  await until(() => expect(live.rows()).toEqual([]))
  await daemon.execute('INSERT INTO todos_text(id, description) VALUES (?, ?)', ['a', 'rye bread'])
  await until(() => expect(live.rows()).toEqual([['a']]))
  expect(await codeOf(document.sql.write({ statements: [['DELETE FROM todos_text']] }))).toBe('sql_refused')
})

test('a raw table of the app is read live, and written by the app alone', async () => {
  const document = await open({
    schema: { tables: {}, rawTables: { notes: { schema: { tableName: 'app_notes' } } } },
  })
  await daemon.execute('CREATE TABLE app_notes(id TEXT PRIMARY KEY, body TEXT, seen INT DEFAULT 0) STRICT')
  await daemon.execute('CREATE TABLE app_secrets(id TEXT PRIMARY KEY)')
  const live = await watch(document, 'SELECT body FROM app_notes ORDER BY id')
  await until(() => expect(live.rows()).toEqual([]))
  await daemon.execute('INSERT INTO app_notes(id, body) VALUES (?, ?)', ['a', 'bread'])
  await until(() => expect(live.rows()).toEqual([['bread']]))
  const write = codeOf(document.sql.write({ statements: [['DELETE FROM app_notes']] }))
  expect([await write, await codeOf(document.sql.query({ sql: 'SELECT * FROM app_secrets' }))]).toEqual([
    'sql_refused',
    'sql_syntax',
  ])
})

test('metadata of a write can be given where the table tracks it, and nowhere else', async () => {
  const columns = { description: 'text' } as const
  const document = await open({
    schema: { tables: { todos: { columns, trackMetadata: true }, plain: { columns } } },
  })
  await document.sql.write({
    statements: [
      ['INSERT INTO todos(id, description, _metadata) VALUES (?, ?, ?)', ['a', 'bread', 'why']],
      ['UPDATE todos SET _deleted = true, _metadata = ? WHERE id = ?', ['gone', 'a']],
    ],
  })
  const queue = await daemon.uploadQueue()
  expect(queue.map(({ op, metadata }) => [op, metadata])).toEqual([
    ['PUT', 'why'],
    ['DELETE', 'gone'],
  ])
  const plain = 'INSERT INTO plain(id, _metadata) VALUES (?, ?)'
  expect(await codeOf(document.sql.write({ statements: [[plain, ['a', 'x']]] }))).toBe('sql_syntax')
})

describe('uploads', () => {
  /** A watch that acknowledges, and its entries as `table/rowId op`. */
  async function pending(document: Caller) {
    let rows: readonly Cells[] = []
    const { messages } = await collect<RowsMessage>(document.uploads.watch({ watchId: 'u' }), (message) => {
      if (message[0] === 0) rows = message[3]
      if (message[0] === 1) rows = applyRowsChange(rows, decodeChange(message))
      void document.uploads.ack({ watchId: 'u', sequence: message[1] })
    })
    return { messages, rows: () => rows }
  }

  test('what waits comes whole first, then as differences, also to the inspector; it goes when it is uploaded', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const document = await open({
      connector: {
        fetchCredentials: async () => null,
        uploadData: async (call) => {
          await promise
          await (await call.getNextTransaction())?.complete()
        },
      },
    })
    const { messages, rows } = await pending(openDocument(router, 'inspector'))
    await until(() => expect(messages).toHaveLength(1))
    await document.sql.write({
      statements: [
        [INSERT, ['a', 'bread']],
        [INSERT, ['b', 'salt']],
      ],
    })
    await until(() => expect(rows()).toHaveLength(2))
    await document.sql.write({ statements: [['UPDATE todos SET done = 1 WHERE id = ?', ['a']]] })
    await until(() =>
      expect(rows()).toEqual([
        [1, 'todos', 'a', 'PUT', 1],
        [2, 'todos', 'b', 'PUT', 1],
        [3, 'todos', 'a', 'PATCH', 2],
      ]),
    )
    expect(messages.slice(1).map(([kind]) => kind)).not.toContain(0)
    await daemon.connect({ uploadThrottleMs: 0 })
    resolve()
    await until(() => expect(rows()).toEqual([]))
  })

  test('600 entries show as 501, so that windows know of more', async () => {
    const document = await open()
    const { rows } = await pending(document)
    const statements = Array.from({ length: 600 }, (_, n): [string, string[]] => [INSERT, [`row ${n}`, 'x']])
    await document.sql.write({ statements })
    await until(() => expect(rows()).toHaveLength(501))
  })

  test('the inspector reads the queue with previous values and its age; an app window does not', async () => {
    const document = await open({
      schema: { tables: { todos: { columns: { description: 'text' }, trackPrevious: true } } },
    })
    const from = Date.now()
    await document.sql.write({ statements: [[INSERT, ['a', 'bread']]] })
    await document.sql.write({ statements: [['UPDATE todos SET description = ?', ['rye']]] })
    const inspector = openDocument(router, 'inspector')
    const { entries } = await inspector.inspect.uploads({ limit: 200 })
    expect(entries).toEqual([
      {
        id: 1,
        transactionId: 1,
        op: 'PUT',
        table: 'todos',
        rowId: 'a',
        opData: { description: 'bread' },
        previousValues: null,
        metadata: null,
        queuedAt: expect.any(Number),
      },
      expect.objectContaining({ id: 2, previousValues: { description: 'bread' } }),
    ])
    expect(entries[0]!.queuedAt).toBeGreaterThanOrEqual(from)
    expect(entries[1]!.queuedAt).toBeLessThanOrEqual(Date.now())
    expect(await inspector.inspect.uploads({ after: 1, limit: 1 })).toMatchObject({ entries: [{ id: 2 }] })
    expect(await codeOf(document.inspect.uploads({ limit: 1 }))).toBe('forbidden')
  })

  test('a page of the queue ends where its values get large, and the next one goes on', async () => {
    const document = await open()
    const large = 'x'.repeat(200_000)
    for (let n = 0; n < 8; n++) await document.sql.write({ statements: [[INSERT, [`row ${n}`, large]]] })
    const inspector = openDocument(router, 'inspector')
    const first = await inspector.inspect.uploads({ limit: 200 })
    expect(first.entries).toHaveLength(5)
    const second = await inspector.inspect.uploads({ after: 5, limit: 200 })
    expect(second.entries.map(({ id }) => id)).toEqual([6, 7, 8])
  })

  test('a rejected change is held, discarded by a window, listed and forgotten', async () => {
    const document = await open({
      connector: {
        fetchCredentials: async () => null,
        uploadData: async (call) => {
          if ((await call.getNextTransaction()) !== null)
            throw new UploadRejected('The title is too long (see /home/ada/log).')
        },
        onUploadRejected: () => 'hold',
      },
    })
    await document.sql.write({ statements: [[INSERT, ['a', 'bread']]] })
    await daemon.connect({ uploadThrottleMs: 0 })
    await until(() => expect(daemon.status.upload.heldTransaction).toBe(1))
    await document.uploads.retry()
    expect(await codeOf(document.uploads.discard({ transactionId: 7 }))).toBe('not_the_oldest')
    await document.uploads.discard({ transactionId: 1 })
    expect(await document.uploads.rejected()).toMatchObject([
      {
        transactionId: 1,
        error: { code: 'upload_rejected', message: 'The title is too long (see (path)).' },
        crud: [{ table: 'todos', rowId: 'a', opData: { description: 'bread' } }],
      },
    ])
    await document.uploads.forget({ transactionId: 1 })
    expect(await document.uploads.rejected()).toEqual([])
  })
})

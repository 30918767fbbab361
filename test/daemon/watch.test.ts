/** Live queries: the app's own, and those of windows, which pass the gate and run in a process of their own. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Daemon, LiveHandle, LiveUpdate, WatchUpdate } from '../../src/daemon/daemon.ts'
import { DaemonFixture, places, todosOf } from './fixture.ts'
import { todosCheckpoint } from './scripted-service.ts'

const INSERT = 'INSERT INTO todos(id, description) VALUES (?, ?)'
const ALL = 'SELECT id, description FROM todos ORDER BY id'

let fixture: DaemonFixture
afterEach(() => fixture.close())

describe.each(places.slice(0, 2))('the app, with its engine %s', (_where, place) => {
  beforeEach(async () => void (fixture = await DaemonFixture.start(place)))

  test('a watch gives the rows, then what changed, and keeps rows that did not', async () => {
    const daemon = await fixture.open()
    await daemon.execute(INSERT, ['a', 'bread'])
    const updates = watched(daemon.watch(ALL, [], { throttleMs: 0 }))
    const first = await updates.rows()
    expect(first).toEqual({ kind: 'rows', rows: [{ id: 'a', description: 'bread' }], difference: null })
    await daemon.execute(INSERT, ['b', 'milk'])
    const second = await updates.rows()
    expect(second.difference).toEqual({ added: [{ id: 'b', description: 'milk' }], removed: [], changed: [] })
    expect(second.rows[0]).toBe(first.rows[0])
    await daemon.batch([
      ['UPDATE todos SET description = ? WHERE id = ?', ['rye', 'a']],
      ['DELETE FROM todos WHERE id = ?', ['b']],
    ])
    const row = { id: 'a', description: 'rye' }
    expect(await updates.rows()).toEqual({
      kind: 'rows',
      rows: [row],
      difference: {
        added: [],
        removed: [{ id: 'b', description: 'milk' }],
        changed: [{ row, columns: ['description'] }],
      },
    })
  })

  test('a merge of the service runs it again, a write to another table does not', async () => {
    const daemon = await fixture.open()
    const updates = watched(daemon.watch('SELECT count(*) AS n FROM todos', [], { throttleMs: 0 }))
    expect((await updates.rows()).rows).toEqual([{ n: 0 }])
    await daemon.execute('INSERT INTO drafts(id, text) VALUES (?, ?)', ['d', 'dear'])
    await daemon.connect()
    const stream = await fixture.service.stream(0)
    stream.say(...todosCheckpoint({ a: 'bread', b: 'milk' }))
    expect((await updates.rows()).rows).toEqual([{ n: 2 }])
  })

  test('an error is data; statements that can never work are not run again', async () => {
    const daemon = await fixture.open()
    const updates = watched(daemon.watch('SELECT nothing FROM todos', [], { throttleMs: 0 }))
    expect(await updates.next()).toMatchObject({
      kind: 'error',
      error: { message: expect.stringContaining('nothing') },
    })
    const wrong = watched(daemon.watch('SELECT ?', []))
    expect(await wrong.next()).toMatchObject({ kind: 'error', error: { code: 'bad_parameters' } })
  })

  test('a watch ends with its signal, with its reader, and with the daemon', async () => {
    const daemon = await fixture.open()
    const abort = new AbortController()
    const bySignal = watched(daemon.watch(ALL, [], { signal: abort.signal }))
    await bySignal.rows()
    abort.abort()
    expect(await bySignal.next()).toBeUndefined()
    for await (const update of daemon.watch(ALL)) {
      expect(update.kind).toBe('rows')
      break
    }
    const byClose = watched(daemon.watch(ALL))
    await byClose.rows()
    await daemon.close()
    expect(await byClose.next()).toBeUndefined()
  })

  test('a slow reader gets the newest rows and is told that it missed some', async () => {
    const daemon = await fixture.open()
    const updates = watched(daemon.watch(ALL, [], { throttleMs: 0 }))
    await updates.rows()
    const other = watched(daemon.watch(ALL, [], { throttleMs: 0 }))
    expect((await other.rows()).rows).toEqual([])
    for (const id of ['a', 'b', 'c']) {
      await daemon.execute(INSERT, [id, id])
      while ((await other.rows()).rows.at(-1)?.['id'] !== id);
    }
    const late = await updates.rows()
    expect(late.rows).toHaveLength(3)
    expect(late.difference).toBeNull()
  })
})

describe('windows', () => {
  beforeEach(async () => void (fixture = await DaemonFixture.start()))

  test('read and write the tables of the app', async () => {
    const { windowSql } = await fixture.open()
    const results = await windowSql.write([
      [INSERT, ['a', 'bread']],
      ['UPDATE todos SET done = :done WHERE id = :id', { done: 1, id: 'a' }],
    ])
    expect(results.map(({ changes }) => changes)).toEqual([1, 1])
    expect(await windowSql.query('SELECT id, done FROM todos')).toEqual({
      columns: ['id', 'done'],
      rows: [['a', 1]],
      tables: ['todos'],
    })
  })

  test.each([
    ['DELETE FROM ps_crud', 'sql_syntax'],
    ['SELECT 1', 'sql_refused'],
    ['PRAGMA user_version = 7', 'sql_refused'],
    ['DELETE FROM todos; DELETE FROM todos', 'sql_refused'],
  ])('a write that is none is refused, and all with it: %s', async (sql, code) => {
    const daemon = await fixture.open()
    await expect(daemon.windowSql.write([[INSERT, ['a', 'bread']], [sql]])).rejects.toMatchObject({ code })
    expect(await todosOf(daemon)).toEqual({})
  })

  test('reading internal tables is refused, and an endless query is ended', async () => {
    const { windowSql } = await fixture.open({}, { windowQueryMs: 300 })
    await expect(windowSql.query('SELECT * FROM ps_oplog')).rejects.toMatchObject({ code: 'sql_syntax' })
    const endless = 'WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
    await expect(windowSql.query(endless)).rejects.toMatchObject({ code: 'query_timeout' })
    expect(await windowSql.query('SELECT count(*) FROM todos')).toMatchObject({ rows: [[0]] })
  })

  test('the same query of two windows is one, and a late one begins with the rows that are there', async () => {
    const daemon = await fixture.open()
    await daemon.execute(INSERT, ['a', 'bread'])
    const first = daemon.windowSql.watch(ALL, [], { throttleMs: 0 })
    const seen = heard(first)
    await expect.poll(() => seen).toHaveLength(1)
    const second = daemon.windowSql.watch(ALL, [], { throttleMs: 0 })
    const seenLate = heard(second)
    expect(second.result).toBe(first.result)
    expect(second.result).toEqual({ columns: ['id', 'description'], rows: [['a', 'bread']] })
    await daemon.execute('UPDATE todos SET description = ?', ['rye'])
    await expect.poll(() => seenLate).toHaveLength(1)
    expect(seenLate[0]).toBe(seen[1])
    expect(seenLate[0]).toMatchObject({
      kind: 'change',
      change: { removed: [], placed: [], changed: [{ at: 0, cells: [[1, 'rye']] }] },
      result: { rows: [['a', 'rye']] },
    })
    first.close()
    await daemon.execute('UPDATE todos SET description = ?', ['wheat'])
    await expect.poll(() => seenLate).toHaveLength(2)
    expect(seen).toHaveLength(2)
    second.close()
  })

  test('a watch that is refused says so, and a read process that dies costs nobody their rows', async () => {
    const daemon = await fixture.open({}, { windowQueryMs: 2000 })
    const refused = daemon.windowSql.watch('SELECT * FROM ps_crud')
    await expect.poll(() => refused.error, PATIENT).toMatchObject({ code: 'sql_syntax' })
    const live = daemon.windowSql.watch(ALL, [], { throttleMs: 0 })
    await expect.poll(() => live.result?.rows, PATIENT).toEqual([])
    const endless = 'WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
    await expect(daemon.windowSql.query(endless)).rejects.toMatchObject({ code: 'query_timeout' })
    await daemon.execute(INSERT, ['a', 'bread'])
    await expect.poll(() => live.result?.rows, PATIENT).toEqual([['a', 'bread']])
    live.close()
    refused.close()
  })
})

/** A process starts slowly on a machine that is busy. */
const PATIENT = { timeout: 15_000 }

function heard(handle: LiveHandle): readonly LiveUpdate[] {
  const updates: LiveUpdate[] = []
  handle.listen((update) => updates.push(update))
  return updates
}

/** The updates of a watch, one by one. */
function watched(iterable: ReturnType<Daemon['watch']>) {
  const iterator = iterable[Symbol.asyncIterator]()
  const next = async (): Promise<WatchUpdate | undefined> => {
    const { done, value } = await iterator.next()
    return done === true ? undefined : (value as WatchUpdate)
  }
  return {
    next,
    async rows(): Promise<Extract<WatchUpdate, { kind: 'rows' }>> {
      const update = await next()
      if (update?.kind !== 'rows') throw new Error(`Expected rows, got ${JSON.stringify(update)}.`)
      return update
    },
  }
}

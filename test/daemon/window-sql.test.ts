/** Writes of windows, one after the other; and SQL of windows once the daemon is closed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LiveQueries } from '../../src/daemon/live/queries.ts'
import { WindowReaders } from '../../src/daemon/window-readers.ts'
import { openWindowSql } from '../../src/daemon/window-sql.ts'
import type { WindowSqlOptions } from '../../src/daemon/window-sql.ts'
import { EngineError } from '../../src/engine/face.ts'
import type { ReadProcess } from '../../src/engine/read-process/open.ts'
import { DaemonFixture, schema, todosOf } from './fixture.ts'

type Batch = WindowSqlOptions['transactions']['engine']['batch']

const never = () => Promise.reject(new Error('Nobody asks for this.'))

/** Readers and an engine whose answers the test gives; `steps` says what began. */
function scripted() {
  const steps: string[] = []
  const pending = new Map<string, PromiseWithResolvers<void>>()
  const step = async (name: string): Promise<void> => {
    steps.push(name)
    const answered = Promise.withResolvers<void>()
    pending.set(name, answered)
    await answered.promise
  }
  const batch: Batch = async (statements, lockTimeoutMs) => {
    await step(`write ${statements[0]![0]}`)
    return [{ rows: [{ lockTimeoutMs }], changes: 0 }]
  }
  const rehearse: ReadProcess['rehearse'] = async (statements) => {
    await step(`rehearse ${statements[0]![0]}`)
    return { allowed: true }
  }
  const sql = openWindowSql({
    transactions: { checkOutside: () => undefined, engine: { batch } },
    readers: { query: never, watch: never, close: never, rehearse },
    live: new LiveQueries(never),
  })
  const settle = async (name: string, error?: Error) => {
    await expect.poll(() => steps).toContain(name)
    if (error) pending.get(name)!.reject(error)
    else pending.get(name)!.resolve()
  }
  return { steps, settle, sql }
}

describe('writes of windows that are sent at once', () => {
  test('are rehearsed when those before them are committed', async () => {
    const { steps, settle, sql } = scripted()
    const writes = Promise.all(['a', 'b'].map((name) => sql.write([[name]])))
    await settle('rehearse a')
    await settle('write a')
    expect(steps).toEqual(['rehearse a', 'write a'])
    await settle('rehearse b')
    await settle('write b')
    expect(await writes).toHaveLength(2)
  })

  test('have their turn also after one that was refused, and one that failed', async () => {
    const { settle, sql } = scripted()
    const codes = Promise.allSettled(['a', 'b', 'c'].map((name) => sql.write([[name]])))
    await settle('rehearse a', new EngineError({ code: 'query_timeout', message: 'Too slow.' }))
    await settle('rehearse b')
    await settle('write b', new EngineError({ code: 'sql_failed', message: 'Wrong.' }))
    await settle('rehearse c')
    await settle('write c')
    expect(await codes).toMatchObject([
      { reason: { code: 'query_timeout' } },
      { reason: { code: 'sql_failed' } },
      { status: 'fulfilled' },
    ])
  })

  test('wait for their turn as long as their lock timeout; what is left of it is for the writer', async () => {
    const { steps, settle, sql } = scripted()
    const slow = sql.write([['slow']])
    const impatient = sql.write([['impatient']], { lockTimeoutMs: 20 })
    const patient = sql.write([['patient']], { lockTimeoutMs: 60_000 })
    await expect(impatient).rejects.toMatchObject({ code: 'lock_timeout' })
    await settle('rehearse slow')
    await settle('write slow')
    await slow
    await settle('rehearse patient')
    await settle('write patient')
    expect(steps).not.toContain('rehearse impatient')
    const [left] = (await patient)[0]!.rows.map((row) => row['lockTimeoutMs'])
    expect(left).toBeLessThan(60_000)
    expect(left).toBeGreaterThan(0)
  })
})

describe('in a daemon', () => {
  const INSERT = 'INSERT INTO todos(id, description) VALUES (?, ?)'
  let fixture: DaemonFixture
  beforeEach(async () => void (fixture = await DaemonFixture.start()))
  afterEach(() => fixture.close())

  test('a write of a window inside a transaction is refused at once, also when others wait', async () => {
    const daemon = await fixture.open()
    const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>()
    const { promise: isSent, resolve: sent } = Promise.withResolvers<void>()
    const transaction = daemon.transaction(async () => {
      opened()
      await isSent
      const nested = daemon.windowSql.write([[INSERT, ['b', 'milk']]])
      await expect(nested).rejects.toMatchObject({ code: 'transaction_nested' })
    })
    await isOpen
    const other = daemon.windowSql.write([[INSERT, ['a', 'bread']]])
    sent()
    await Promise.all([transaction, other])
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('nothing answers after the close, also when the schema changes meanwhile', async () => {
    const daemon = await fixture.open()
    await daemon.windowSql.query('SELECT 1')
    const other = { tables: { ...schema.tables, lists: { columns: { name: 'text' } } } } as const
    await Promise.allSettled([daemon.updateSchema(other), daemon.close()])
    await expect(daemon.windowSql.query('SELECT 1')).rejects.toMatchObject({ code: 'closed' })
    await expect(daemon.windowSql.write([[INSERT, ['a', 'b']]])).rejects.toMatchObject({ code: 'closed' })
  })
})

test('readers that are closed start nothing for another schema', async () => {
  let opened = 0
  const closed = () => Promise.reject(new EngineError({ code: 'closed', message: 'Closed.' }))
  const readers = new WindowReaders(() => {
    opened++
    return { query: closed, watch: closed, rehearse: closed, close: async () => undefined } as ReadProcess
  }, schema)
  await readers.close()
  readers.use(schema)
  expect(opened).toBe(1)
  await expect(readers.query('SELECT 1')).rejects.toMatchObject({ code: 'closed' })
})

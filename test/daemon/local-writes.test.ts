/** The app's own writes: whole, durable, one at a time, and never waiting for themselves. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { replay } from '../../src/replay/replay.ts'
import { DaemonFixture, places, todosOf, until } from './fixture.ts'
import { todosCheckpoint } from './scripted-service.ts'

const INSERT = 'INSERT INTO todos(id, description) VALUES (?, ?)'

describe.each(places)('with its engine %s', (_where, place) => {
  let fixture: DaemonFixture
  beforeEach(async () => void (fixture = await DaemonFixture.start(place)))
  afterEach(() => fixture.close())

  test('execute writes, tells the table, gives rows and changes, and queues one transaction', async () => {
    const daemon = await fixture.open()
    const changed: (readonly string[])[] = []
    daemon.onTables((tables) => changed.push(tables))
    expect(await daemon.execute(INSERT, ['a', 'bread'])).toEqual({ rows: [], changes: 1 })
    await expect.poll(() => changed).toEqual([['todos']])
    expect((await daemon.execute('SELECT description FROM todos WHERE id = :id', { id: 'a' })).rows).toEqual([
      { description: 'bread' },
    ])
    expect(await daemon.uploadQueue()).toMatchObject([
      { op: 'PUT', table: 'todos', rowId: 'a', transactionId: 1, opData: { description: 'bread' } },
    ])
    await until(daemon, ({ upload }) => upload.entries === 1 && upload.transactions === 1)
  })

  test('whole numbers are written as integers, others as reals, and big ones to the last digit', async () => {
    const daemon = await fixture.open()
    const insert = 'INSERT INTO todos(id, description, done) VALUES (?, ?, ?)'
    await daemon.execute(insert, ['a', 1, 9007199254740993n])
    await daemon.execute(insert, ['b', 1.5, null])
    const [a, b] = await daemon.uploadQueue()
    expect(a).toMatchObject({
      opData: { description: 1, done: 9007199254740993n },
      json: { opData: '{"description":1,"done":9007199254740993}' },
    })
    expect(b).toMatchObject({ opData: { description: 1.5 } })
  })

  test('batch is all or nothing', async () => {
    const daemon = await fixture.open()
    await expect(
      daemon.batch([
        [INSERT, ['a', 'bread']],
        [INSERT, ['a', 'again']],
      ]),
    ).rejects.toMatchObject({ code: 'sql_failed' })
    expect(await todosOf(daemon)).toEqual({})
    const results = await daemon.batch([
      [INSERT, ['a', 'bread']],
      ['UPDATE todos SET description = ? WHERE id = ? RETURNING description', ['milk', 'a']],
    ])
    expect(results).toEqual([
      { rows: [], changes: 1 },
      { rows: [{ description: 'milk' }], changes: 1 },
    ])
    expect((await daemon.uploadQueue()).map(({ transactionId }) => transactionId)).toEqual([1, 1])
  })

  test('a transaction reads what it wrote, nobody else does before its end', async () => {
    const daemon = await fixture.open()
    const value = await daemon.transaction(async (tx) => {
      await tx.execute(INSERT, ['a', 'bread'])
      expect(await todosOf(daemon)).toEqual({})
      const { rows } = await tx.execute('SELECT count(*) AS n FROM todos')
      return rows[0]?.['n']
    })
    expect(value).toBe(1)
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('a transaction whose work throws is rolled back, and the error is thrown on', async () => {
    const daemon = await fixture.open()
    const mine = new Error('changed my mind')
    await expect(
      daemon.transaction(async (tx) => {
        await tx.execute(INSERT, ['a', 'bread'])
        throw mine
      }),
    ).rejects.toBe(mine)
    expect(await todosOf(daemon)).toEqual({})
    expect(await daemon.execute(INSERT, ['b', 'milk'])).toMatchObject({ changes: 1 })
  })

  test('a statement that fails leaves the transaction open', async () => {
    const daemon = await fixture.open()
    await daemon.transaction(async (tx) => {
      await tx.execute(INSERT, ['a', 'bread'])
      await expect(tx.execute(INSERT, ['a', 'again'])).rejects.toMatchObject({ code: 'sql_failed' })
      await tx.execute(INSERT, ['b', 'milk'])
    })
    expect(await todosOf(daemon)).toEqual({ a: 'bread', b: 'milk' })
  })

  test('what would wait for the end of the transaction it is in is refused at once', async () => {
    const daemon = await fixture.open()
    const nested = { code: 'transaction_nested' }
    await daemon.transaction(async (tx) => {
      await tx.execute(INSERT, ['a', 'bread'])
      await expect(daemon.transaction(async () => undefined)).rejects.toMatchObject(nested)
      await expect(daemon.execute(INSERT, ['b', 'milk'])).rejects.toMatchObject(nested)
      await expect(daemon.batch([])).rejects.toMatchObject(nested)
      await expect(daemon.connect()).rejects.toMatchObject(nested)
      await expect(daemon.disconnectAndClear()).rejects.toMatchObject(nested)
      await expect(daemon.syncStream('todos').subscribe()).rejects.toMatchObject(nested)
    })
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('two transactions follow each other', async () => {
    const daemon = await fixture.open()
    const order: string[] = []
    const one = async (name: string) =>
      await daemon.transaction(async (tx) => {
        order.push(`${name} begins`)
        await tx.execute(INSERT, [name, name])
        await sleep(20)
        order.push(`${name} ends`)
      })
    await Promise.all([one('a'), one('b')])
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  test('one that is left alone is rolled back, and lets the others in', async () => {
    const daemon = await fixture.open()
    const alone = daemon.transaction(
      async (tx) => {
        await tx.execute(INSERT, ['a', 'bread'])
        await sleep(200)
        await tx.execute(INSERT, ['b', 'milk'])
      },
      { idleTimeoutMs: 50 },
    )
    await Promise.all([
      expect(alone).rejects.toMatchObject({ code: 'transaction_idle' }),
      daemon.execute(INSERT, ['c', 'cheese']),
    ])
    expect(await todosOf(daemon)).toEqual({ c: 'cheese' })
  })

  test('a write waits for another only as long as it wants to', async () => {
    const daemon = await fixture.open()
    const waiting = Promise.withResolvers<void>()
    const holding = daemon.transaction(async (tx) => {
      await tx.execute(INSERT, ['a', 'bread'])
      await waiting.promise
    })
    await expect(daemon.execute(INSERT, ['b', 'milk'], { lockTimeoutMs: 30 })).rejects.toMatchObject({
      code: 'lock_timeout',
    })
    waiting.resolve()
    await holding
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('a transaction used after its end is closed', async () => {
    const daemon = await fixture.open()
    let kept: Parameters<Parameters<typeof daemon.transaction>[0]>[0] | undefined
    await daemon.transaction(async (tx) => void (kept = tx))
    await expect(kept?.execute('SELECT 1')).rejects.toMatchObject({ code: 'transaction_closed' })
  })

  test('lines of the service wait while a transaction is open', async () => {
    const daemon = await fixture.open()
    await daemon.connect()
    const stream = await fixture.service.stream(0)
    await daemon.transaction(async (tx) => {
      await tx.execute('SELECT 1')
      stream.say(...todosCheckpoint({ a: 'bread' }))
      await sleep(100)
      expect(daemon.status.priorities).toEqual([])
    })
    await until(daemon, ({ priorities }) => priorities.length > 0)
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('the daemon closes while a transaction is open, and nothing of it is kept', async () => {
    const daemon = await fixture.open()
    const open = daemon.transaction(async (tx) => {
      await tx.execute(INSERT, ['a', 'bread'])
      await daemon.close()
    })
    await expect(open).rejects.toMatchObject({ code: 'closed' })
    expect(await todosOf(await fixture.open())).toEqual({})
  })

  test('a recorded trace writes the same again', async () => {
    const daemon = await fixture.open({}, { traceBytes: 100_000 })
    await daemon.execute(INSERT, ['a', 9007199254740993n])
    await daemon.batch([['UPDATE todos SET done = :done', { done: 1.5 }]])
    await expect(daemon.execute(INSERT, ['a', 'again'])).rejects.toMatchObject({ code: 'sql_failed' })
    const printed = await replay(`${await daemon.trace()}{"do":"dump"}\n`)
    expect(printed).toHaveLength(1)
    expect(printed[0]).toContain(
      '"crud":[{"op":"PUT","table":"todos","id":"a","data":{"description":9007199254740993},"tx":1},',
    )
    expect(printed[0]).toContain('{"op":"PATCH","table":"todos","id":"a","data":{"done":1.5},"tx":2}]')
  })
})

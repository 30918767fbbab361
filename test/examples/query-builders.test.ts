/** The examples for Kysely and Drizzle, over a daemon and over a window's client, typed by the schema. */
import { eq } from 'drizzle-orm'
import type { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { drizzleOverClient, drizzleOverDaemon, lists, todos } from '../../examples/drizzle.ts'
import { kyselyOverClient, kyselyOverDaemon } from '../../examples/kysely.ts'
import { schema } from '../../examples/schema.ts'
import type { Daemon } from '../../src/daemon/daemon.ts'
import type { RowsOf } from '../../src/index.ts'
import type { Client } from '../../src/ipc/client/index.ts'
import { DaemonFixture } from '../daemon/fixture.ts'
import type { FakeDaemon } from '../ipc/fake-daemon.ts'
import { overElectron, type Carrier } from '../ipc-client/carriers.ts'

type Tables = RowsOf<typeof schema>

let fixture: DaemonFixture
let daemon: Daemon
let carrier: Carrier
let client: Client

beforeEach(async () => {
  fixture = await DaemonFixture.start()
  daemon = await fixture.open({ fetchCredentials: () => Promise.resolve(null) }, { schema, queries: {} })
  carrier = await overElectron(daemon as unknown as FakeDaemon)
  client = (await carrier.open('app')).client
})
afterEach(async () => {
  client.close()
  await carrier.close()
  await fixture.close()
})

const waiting = async () => (await daemon.uploadQueue()).map(({ op, rowId }) => `${op} ${rowId}`)

describe('Kysely', () => {
  const both: readonly (readonly [string, () => Kysely<Tables>])[] = [
    ['the daemon', () => kyselyOverDaemon<Tables>(daemon)],
    ['the client', () => kyselyOverClient<Tables>(client)],
  ]

  test.each(both)('over %s reads and writes, and knows the types', async (_name, open) => {
    const db = open()
    await db.insertInto('lists').values({ id: 'l', name: 'groceries' }).execute()
    await db.insertInto('todos').values({ id: 'a', list_id: 'l', description: 'bread', done: 0 }).execute()
    const rows = await db
      .selectFrom('todos')
      .innerJoin('lists', 'lists.id', 'todos.list_id')
      .select(['todos.id', 'todos.done', 'lists.name as list'])
      .where('todos.done', '=', 0)
      .execute()
    expectTypeOf(rows).toEqualTypeOf<{ id: string; done: 0 | 1 | null; list: string | null }[]>()
    expect(rows).toEqual([{ id: 'a', done: 0, list: 'groceries' }])
    const { numUpdatedRows } = await db
      .updateTable('todos')
      .set({ done: 1 })
      .where('id', '=', 'a')
      .executeTakeFirstOrThrow()
    expect(numUpdatedRows).toBe(1n)
    expect(await waiting()).toEqual(['PUT l', 'PUT a', 'PATCH a'])
  })

  test('over the daemon a transaction is one transaction of the upload queue, or nothing', async () => {
    const db = kyselyOverDaemon<Tables>(daemon)
    await db.transaction().execute(async (transaction) => {
      await transaction.insertInto('lists').values({ id: 'l', name: 'x' }).execute()
      await transaction.insertInto('todos').values({ id: 'a', list_id: 'l' }).execute()
    })
    const failing = db.transaction().execute(async (transaction) => {
      await transaction.insertInto('todos').values({ id: 'b' }).execute()
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    const queue = await daemon.uploadQueue()
    expect(queue.map(({ rowId, transactionId }) => [rowId, transactionId])).toEqual([
      ['l', 1],
      ['a', 1],
    ])
  })

  test('over the client a transaction is refused', async () => {
    const db = kyselyOverClient<Tables>(client)
    await expect(db.transaction().execute(() => Promise.resolve())).rejects.toMatchObject({
      code: 'transaction_unsupported',
    })
  })
})

describe('Drizzle', () => {
  const both = [
    ['the daemon', () => drizzleOverDaemon(daemon)],
    ['the client', () => drizzleOverClient(client)],
  ] as const

  test.each(both)('over %s reads and writes, and knows the types', async (_name, open) => {
    const db = open()
    await db.batch([
      db.insert(lists).values({ id: 'l', name: 'groceries' }),
      db.insert(todos).values({ id: 'a', list_id: 'l', description: 'bread', done: 0 }),
    ])
    const rows = await db
      .select({ todo: todos.description, list: lists.name, done: todos.done })
      .from(todos)
      .innerJoin(lists, eq(lists.id, todos.list_id))
    expectTypeOf(rows).toEqualTypeOf<{ todo: string | null; list: string | null; done: number | null }[]>()
    expect(rows).toEqual([{ todo: 'bread', list: 'groceries', done: 0 }])
    const returned = await db.update(todos).set({ done: 1 }).where(eq(todos.id, 'a')).returning()
    expect(returned).toEqual([{ id: 'a', list_id: 'l', description: 'bread', done: 1 }])
    expect(await db.select().from(todos).where(eq(todos.id, 'a')).get()).toMatchObject({ done: 1 })
    expect((await daemon.uploadQueue()).map(({ transactionId }) => transactionId)).toEqual([1, 1, 2])
  })
})

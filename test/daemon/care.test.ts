/** The daemon and its file: backup, examination, encryption, other tables at run time. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Daemon, WatchUpdate } from '../../src/daemon/daemon.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import { replay } from '../../src/replay/replay.ts'
import type { Schema } from '../../src/schema/schema.ts'
import { DaemonFixture, places, schema, todosOf, until } from './fixture.ts'
import { todosCheckpoint } from './scripted-service.ts'

const INSERT = 'INSERT INTO todos(id, description) VALUES (?, ?)'
const encryption = { driver: 'better-sqlite3-multiple-ciphers', key: `it's a secret` }

// Who fetches makes no difference here.
describe.each(places.slice(0, 2))('with its engine %s', (_where, place) => {
  let fixture: DaemonFixture
  beforeEach(async () => void (fixture = await DaemonFixture.start(place)))
  afterEach(() => fixture.close())

  const offline = { fetchCredentials: () => Promise.resolve(null) }
  const openCopy = async (path: string, options = {}): Promise<Daemon> =>
    fixture.open(offline, { path, ...options })

  test('a backup while it syncs and writes is whole, and opens with what waited for upload', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    await daemon.execute(INSERT, ['b', 'milk'])
    const to = join(fixture.folder, 'copy.db')
    const backup = daemon.backUp(to)
    for (let n = 0; n < 20; n++) await daemon.execute(INSERT, [`late-${n}`, 'x'])
    await backup
    expect(await daemon.checkIntegrity()).toEqual([])
    const copy = await openCopy(to)
    expect(await copy.checkIntegrity()).toEqual([])
    expect(await todosOf(copy)).toMatchObject({ a: 'bread', b: 'milk' })
    expect((await copy.uploadQueue({ limit: 1 }))[0]).toMatchObject({ rowId: 'b', transactionId: 1 })
  })

  test('a backup onto the database itself is refused', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    await expect(daemon.backUp(join(fixture.folder, 'app.db'))).rejects.toMatchObject({
      code: 'database_in_use',
    })
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('a backup that is aborted rejects with the reason; one that runs at the close ends with it', async () => {
    const daemon = await fixture.open(offline)
    const reason = new Error('enough')
    const to = join(fixture.folder, 'copy.db')
    await expect(daemon.backUp(to, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const running = daemon.backUp(to)
    const ended = running.catch((error: unknown) => error)
    await daemon.close()
    // Small as it is, it may have been quicker.
    expect([undefined, 'closed']).toContain(((await ended) as { code?: string } | undefined)?.code)
    await expect(daemon.backUp(to)).rejects.toMatchObject({ code: 'closed' })
  })

  test('with a key nothing of it can be read without, and all of the daemon works', async () => {
    const daemon = await fixture.open({}, { encryption })
    await daemon.connect({ uploadThrottleMs: 0 })
    const stream = await fixture.service.stream(0)
    stream.say(...todosCheckpoint({ a: 'confidential' }))
    await until(daemon, ({ priorities }) => priorities.length > 0)
    await daemon.execute(INSERT, ['b', 'confidential'])
    expect(await todosOf(daemon)).toEqual({ a: 'confidential', b: 'confidential' })
    expect(await daemon.windowSql.query('SELECT id FROM todos')).toMatchObject({ rows: [['a'], ['b']] })
    const to = join(fixture.folder, 'copy.db')
    await daemon.backUp(to)
    expect(await daemon.checkIntegrity()).toEqual([])
    await daemon.close()
    const path = join(fixture.folder, 'app.db')
    for (const file of [path, to]) {
      expect(readFileSync(file).includes('confidential')).toBe(false)
      await expect(openCopy(file)).rejects.toMatchObject({ code: 'database_foreign' })
      const wrong = { encryption: { ...encryption, key: 'guess' } }
      await expect(openCopy(file, wrong)).rejects.toMatchObject({ code: 'wrong_key' })
      expect(await todosOf(await openCopy(file, { encryption }))).toHaveProperty('b', 'confidential')
    }
  })

  test('other tables at run time: what waited appears, what goes comes back, readers see it at once', async () => {
    const withNotes: Schema = {
      tables: { ...schema.tables, notes: { columns: { body: 'text' }, viewName: 'my_notes' } },
    }
    const daemon = await fixture.synced({ a: 'bread' }, {}, {}, { traceBytes: 100_000 })
    const told: (readonly string[])[] = []
    const rows = daemon.watch('SELECT id FROM todos')[Symbol.asyncIterator]()
    expect((await rows.next()).value).toMatchObject({ rows: [{ id: 'a' }] })

    daemon.onTables((names) => told.push(names))
    await daemon.updateSchema({ tables: {} })
    expect((await rows.next()).value).toMatchObject({ kind: 'error' })
    await expect(daemon.windowSql.query('SELECT id FROM todos')).rejects.toMatchObject({ code: 'sql_syntax' })
    expect(await daemon.uploadQueue()).toEqual([])

    await daemon.updateSchema(withNotes)
    expect(told.slice(-2)).toEqual([
      ['drafts', 'todos'],
      ['drafts', 'my_notes', 'todos'],
    ])
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
    expect(await daemon.windowSql.query('SELECT id FROM todos')).toMatchObject({ rows: [['a']] })
    await daemon.windowSql.write([['INSERT INTO my_notes(id, body) VALUES (?, ?)', ['n', 'x']]])
    expect(await daemon.uploadQueue()).toMatchObject([{ table: 'notes', rowId: 'n' }])
    // Tried again by itself, perhaps more than once.
    let update = (await rows.next()).value as WatchUpdate
    while (update.kind === 'error') update = (await rows.next()).value as WatchUpdate
    expect(update).toMatchObject({ rows: [{ id: 'a' }] })

    // The stream goes on as it was, and a trace of it all can be run.
    expect(fixture.service.streams).toHaveLength(1)
    await expect(replay(await daemon.trace())).resolves.toBeInstanceOf(Array)

    const before = told.length
    await daemon.updateSchema(withNotes)
    expect(told).toHaveLength(before)
    await expect(
      daemon.updateSchema({ tables: { todos: { columns: { id: 'text' } } } }),
    ).rejects.toMatchObject({ code: 'invalid_schema' })
    await expect(daemon.transaction(() => daemon.updateSchema(withNotes))).rejects.toMatchObject({
      code: 'transaction_nested',
    })
  })

  test('a raw table: the app makes it, what is synced is written into it, its own writes wait for upload', async () => {
    const raw: Schema = {
      tables: {},
      rawTables: { todos: { schema: { recordWrites: true } } },
    }
    const daemon = await fixture.open({}, { schema: raw, queries: {} })
    await daemon.execute(
      `CREATE TABLE IF NOT EXISTS todos(id TEXT PRIMARY KEY, description TEXT NOT NULL, done INTEGER)`,
    )
    await daemon.connect({ uploadThrottleMs: 0 })
    const stream = await fixture.service.stream(0)
    stream.say(...todosCheckpoint({ a: 'bread' }))
    await until(daemon, ({ priorities }) => priorities.length > 0)
    await daemon.execute(INSERT, ['b', 'milk'])
    const { value } = await daemon
      .watch('SELECT id, description FROM todos ORDER BY id')
      [Symbol.asyncIterator]()
      .next()
    expect(value).toMatchObject({
      rows: [
        { id: 'a', description: 'bread' },
        { id: 'b', description: 'milk' },
      ],
    })
    expect(await daemon.uploadQueue()).toMatchObject([{ op: 'PUT', table: 'todos', rowId: 'b' }])
  })
})

test('a daemon that only was to be opened leaves no thread when the driver with ciphers is not there', async () => {
  const fixture = await DaemonFixture.start()
  const options = { driver: 'no-such-driver', key: 'x' }
  await expect(
    openDaemon({
      path: join(fixture.folder, 'other.db'),
      schema,
      encryption: options,
      connector: { fetchCredentials: () => Promise.resolve(null) },
    }),
  ).rejects.toMatchObject({ code: 'encryption_unavailable' })
  await fixture.close()
})

/** SQL of windows in Electron's utility process, as far as the stand-in is one: real processes, really killed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Daemon, DaemonOptions } from '../../src/daemon/daemon.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import { utilityReader } from '../../electron/reader.ts'
import { utilityProcess } from './utility-process.ts'

vi.mock('electron', async () => await import('./utility-process.ts'))

const ENDLESS = 'WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'

let folder: string
let daemon: Daemon
const started: ReturnType<typeof utilityProcess.fork>[] = []

async function open(options: Partial<DaemonOptions> = {}): Promise<void> {
  daemon = await openDaemon({
    path: join(folder, 'app.db'),
    schema: { tables: { todos: { columns: { description: 'text' } } } },
    connector: { fetchCredentials: async () => null },
    spawnReader: utilityReader(new URL('../../src/engine/read-process/entry.ts', import.meta.url)),
    ...options,
  })
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-utility-'))
  const { fork } = utilityProcess
  vi.spyOn(utilityProcess, 'fork').mockImplementation((...call) => {
    const child = fork(...call)
    started.push(child)
    return child
  })
})

afterEach(async () => {
  await daemon.close()
  vi.restoreAllMocks()
  started.length = 0
  rmSync(folder, { recursive: true })
})

test('a window reads and watches in a utility process, which ends with the daemon', async () => {
  await open()
  await daemon.windowSql.write([['INSERT INTO todos(id, description) VALUES (?, ?)', ['a', 'bread']]])
  expect(await daemon.windowSql.query('SELECT id, ? AS big FROM todos', [2n ** 60n])).toMatchObject({
    rows: [['a', 2n ** 60n]],
  })
  const live = daemon.windowSql.watch('SELECT id FROM todos')
  await vi.waitFor(() => expect(live.result?.rows).toEqual([['a']]), 10_000)
  expect(started.length).toBeGreaterThan(0)
  await daemon.close()
  await vi.waitFor(() => expect(started.map(({ pid }) => pid)).toEqual(started.map(() => undefined)), 10_000)
})

test('an endless query is killed at its deadline, and the next one has an answer', async () => {
  await open({ windowQueryMs: 2000 })
  await expect(daemon.windowSql.query(ENDLESS)).rejects.toMatchObject({ code: 'query_timeout' })
  expect(await daemon.windowSql.query('SELECT 1 AS one')).toMatchObject({ rows: [[1]] })
})

test('closing kills a process that is inside of an endless query', async () => {
  await open({ windowQueryMs: 60_000 })
  const query = daemon.windowSql.query(ENDLESS).catch((error: unknown) => error)
  await vi.waitFor(() => expect(started[0]?.pid).toBeDefined(), 10_000)
  await daemon.close()
  expect(await query).toMatchObject({ code: 'closed' })
  await vi.waitFor(() => expect(started[0]?.pid).toBeUndefined(), 10_000)
})

test('one that is killed before it has begun does not stay', async () => {
  await open()
  const query = daemon.windowSql.query(ENDLESS).catch((error: unknown) => error)
  await daemon.close()
  expect(await query).toMatchObject({ code: 'closed' })
  await vi.waitFor(() => expect(started.map(({ pid }) => pid)).toEqual([undefined]), 10_000)
})

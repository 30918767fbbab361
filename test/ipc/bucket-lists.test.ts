/** A stream of 10,000 buckets, synced for real: no procedure and no message ever names its buckets unasked. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Daemon } from '../../src/daemon/daemon.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import { startDemo, type DemoService } from '../../src/demo/service.ts'
import { encode } from '../../src/ipc/codec.ts'
import { createRouter } from '../../src/ipc/router.ts'
import { schema } from '../../src/tracker/schema.ts'
import { collect, openDocument, type Caller } from './collect.ts'

const BUCKETS = 10_000
const folder = mkdtempSync(join(tmpdir(), 'headwater-ipc-'))
let demo: DemoService
let daemon: Daemon

beforeAll(async () => {
  demo = await startDemo({ scale: 'small', archiveBuckets: BUCKETS, simulate: false })
  daemon = await openDaemon({
    path: join(folder, 'app.db'),
    schema,
    queries: { count: { sql: 'SELECT count(DISTINCT shelf) AS shelves FROM archived_issues' } },
    connector: { fetchCredentials: async () => ({ endpoint: demo.url, token: demo.token() }) },
  })
})

afterAll(async () => {
  await daemon.close()
  await demo.close()
  rmSync(folder, { recursive: true })
})

/** Every procedure, called as a page would; what is not listed fails the test. */
const calls: { readonly [path: string]: (document: Caller, app: Caller) => Promise<unknown> } = {
  'status.watch': (document) => document.status.watch({ watchId: 'status', scope: 'all' }),
  'status.ack': (document) => document.status.ack({ watchId: 'status', sequence: -1 }),
  'tables.watch': (document) => document.tables.watch({ watchId: 'tables' }),
  'tables.ack': (document) => document.tables.ack({ watchId: 'tables', sequence: -1 }),
  'streams.hold': (document) => document.streams.hold({ name: 'archive', params: null }),
  'queries.run': (_, app) => app.queries.run({ name: 'count' }),
  'sql.query': (_, app) => app.sql.query({ sql: 'SELECT count(*) FROM archived_issues' }),
  'sql.cancel': (_, app) => app.sql.cancel({ queryId: 'none' }),
  'sql.write': (_, app) => app.sql.write({ statements: [['DELETE FROM labels WHERE id = ?', ['none']]] }),
  'sql.watch': (_, app) =>
    app.sql.watch({ watchId: 'sql', sql: 'SELECT count(*) AS n FROM archived_issues' }),
  'sql.ack': (_, app) => app.sql.ack({ watchId: 'sql', sequence: -1 }),
  'uploads.watch': (document) => document.uploads.watch({ watchId: 'uploads' }),
  'uploads.ack': (document) => document.uploads.ack({ watchId: 'uploads', sequence: -1 }),
  'uploads.retry': (document) => document.uploads.retry(),
  'uploads.discard': (document) => document.uploads.discard({ transactionId: 1 }),
  'uploads.rejected': (document) => document.uploads.rejected(),
  'uploads.forget': (document) => document.uploads.forget({ transactionId: 1 }),
  'inspect.uploads': (document) => document.inspect.uploads({ limit: 200 }),
  'sync.connect': (document) => document.sync.connect(),
  'demo.state': (document) => document.demo.state(),
  'demo.setPaused': (document) => document.demo.setPaused({ paused: true }),
  'inspect.logs': (document) => document.inspect.logs({ watchId: 'logs' }),
  'inspect.meter': (document) => document.inspect.meter({ watchId: 'meter' }),
  'inspect.ack': (document) => document.inspect.ack({ watchId: 'logs', sequence: -1 }),
  'sync.disconnect': (document) => document.sync.disconnect(),
}

test('no message of any procedure names a bucket, but for the page that was asked for', async () => {
  const router = createRouter({
    daemon,
    demo: { paused: false, setPaused: () => undefined },
    onUnexpected: () => undefined,
  })
  expect(Object.keys(router._def.procedures).sort()).toEqual(
    [...Object.keys(calls), 'inspect.buckets'].sort(),
  )

  const document = openDocument(router, 'inspector')
  const app = openDocument(router, 'app')
  const said: { readonly path: string; readonly text: string }[] = []
  const say = (path: string, value: unknown) => said.push({ path, text: JSON.stringify(encode(value)) ?? '' })
  const acks: { readonly [path: string]: (sequence: number) => Promise<unknown> } = {
    'status.watch': (sequence) => document.status.ack({ watchId: 'status', sequence }),
    'tables.watch': (sequence) => document.tables.ack({ watchId: 'tables', sequence }),
    'sql.watch': (sequence) => app.sql.ack({ watchId: 'sql', sequence }),
    'uploads.watch': (sequence) => document.uploads.ack({ watchId: 'uploads', sequence }),
    'inspect.logs': (sequence) => document.inspect.ack({ watchId: 'logs', sequence }),
    'inspect.meter': (sequence) => document.inspect.ack({ watchId: 'meter', sequence }),
  }
  const sequences = new Map<string, number>()
  const stops: (() => void)[] = []
  for (const [path, call] of Object.entries(calls)) {
    if (path === 'sync.disconnect') await synced()
    const answer = call(document, app).catch((error: unknown) => error)
    const result = await answer
    if (typeof result === 'object' && result !== null && 'subscribe' in result) {
      const { stop } = await collect(Promise.resolve(result as never), (message) => {
        say(path, message)
        const sequence = (sequences.get(path) ?? -1) + 1
        sequences.set(path, sequence)
        void acks[path]?.(sequence).catch(() => undefined)
      })
      stops.push(stop)
    } else {
      say(path, result instanceof Error ? { code: 'refused' } : result)
    }
  }
  const page = await document.inspect.buckets({ sort: 'name', text: 'archive', limit: 200 })
  for (const stop of stops) stop()

  expect([page.rows.length, page.total]).toEqual([200, BUCKETS])
  const prefix = /^[^"]+/.exec(page.rows[0]!.name)![0]
  expect(page.rows.every(({ name }) => name.startsWith(prefix))).toBe(true)
  const heardFrom = new Set(said.map(({ path }) => path))
  for (const path of ['status.watch', 'tables.watch', 'inspect.logs', 'streams.hold']) {
    expect(heardFrom).toContain(path)
  }
  const asText = (value: string) => JSON.stringify(value).slice(1, -1)
  expect(said.filter(({ text }) => text.includes(asText(prefix)))).toEqual([])
  // Nor does anything grow with their number.
  const largest = Math.max(...said.map(({ text }) => text.length))
  expect(largest).toBeLessThan(4000)
})

/** The archive has come, all of it. */
async function synced(): Promise<void> {
  const archive = await daemon.syncStream('archive').subscribe()
  await archive.waitForFirstSync()
  archive.unsubscribe()
  expect((await daemon.query('count')).rows).toEqual([{ shelves: BUCKETS }])
}

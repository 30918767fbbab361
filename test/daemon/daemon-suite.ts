/**
 * The daemon against a service over HTTP, for one place of its engine. Each place is a file, and so a process, of
 * its own: a hundred threads that come and go are enough for one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Daemon, DaemonOptions, LogLine } from '../../src/daemon/daemon.ts'
import { DaemonError } from '../../src/daemon/daemon.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import { replay } from '../../src/replay/replay.ts'
import type { Status } from '../../src/status/status.ts'
import { until } from './fixture.ts'
import { scriptedService, todosCheckpoint } from './scripted-service.ts'
import type { ScriptedService } from './scripted-service.ts'

const schema = { tables: { todos: { columns: { description: 'text' } }, other: { columns: {} } } } as const
const queries = {
  todos: { sql: 'SELECT id, description FROM todos ORDER BY id' },
  todo: { sql: 'SELECT description FROM todos WHERE id = :id', parameters: ['id'] },
}
const secret = 'eyJhbGciOiJI.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl'

export function testDaemon(where: string, place: Partial<DaemonOptions>): void {
  describe(`a daemon with its engine ${where}`, () => {
    let folder: string
    let service: ScriptedService
    let asks: number
    const daemons: Daemon[] = []

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'headwater-daemon-'))
      service = await scriptedService()
      asks = 0
    })
    afterEach(async () => {
      for (const daemon of daemons.splice(0)) await daemon.close()
      await service.close()
      rmSync(folder, { recursive: true })
    })

    async function open(options: Partial<DaemonOptions> = {}): Promise<Daemon> {
      const daemon = await openDaemon({
        path: join(folder, 'app.db'),
        schema,
        queries,
        connector: {
          fetchCredentials: () => {
            asks++
            return Promise.resolve({ endpoint: service.url, token: `${secret}${asks}` })
          },
        },
        ...place,
        ...options,
      })
      daemons.push(daemon)
      return daemon
    }

    test('syncs rows, tells which tables changed, and answers named queries', async () => {
      const daemon = await open()
      const changed: (readonly string[])[] = []
      daemon.onTables((tables) => changed.push(tables))
      await daemon.connect()
      const stream = await service.stream(0)
      stream.say(...todosCheckpoint({ a: 'bread', b: 'milk' }))
      await until(daemon, ({ priorities }) => priorities.length > 0)

      expect(await daemon.query('todos')).toEqual({
        rows: [
          { id: 'a', description: 'bread' },
          { id: 'b', description: 'milk' },
        ],
        tables: ['todos'],
      })
      expect((await daemon.query('todo', { id: 'b' })).rows).toEqual([{ description: 'milk' }])
      // Told by another thread than the one that has answered.
      await expect.poll(() => changed).toEqual([['todos']])
      expect(daemon.status.connection).toEqual({ state: 'connected' })
      expect(daemon.status.downloading).toBeNull()
    })

    test('shows last-synced times before it is online again, and resumes from its positions', async () => {
      const first = await open()
      await first.connect()
      expect((await service.stream(0)).request.buckets).toEqual([])
      service.streams[0]!.say(...todosCheckpoint({ a: 'bread' }))
      await until(first, ({ priorities }) => priorities.length > 0)
      await first.close()

      const second = await open()
      expect(second.epoch).not.toBe(first.epoch)
      expect(second.status.connection).toEqual({ state: 'offline' })
      expect(second.status.priorities).toEqual([{ priority: 2147483647, lastSyncedAt: expect.any(Number) }])
      expect([...second.status.streams.values()]).toMatchObject([
        { name: 'todos', lastSyncedAt: expect.any(Number) },
      ])
      await second.connect()
      const { request } = await service.stream(1)
      expect(request.buckets).toEqual([{ name: 'todos[]', after: '1' }])
      expect(request.client_id).toBe(service.streams[0]!.request.client_id)
    })

    test('connects again as before when it is not told otherwise', async () => {
      const daemon = await open()
      await daemon.connect({
        params: { tenant: 'acme' },
        includeDefaultStreams: false,
        appMetadata: { v: '1' },
      })
      const asked = (await service.stream(0)).request
      await daemon.disconnect()
      await daemon.connect()
      const { parameters, app_metadata, streams } = (await service.stream(1)).request
      expect({ parameters, app_metadata, streams }).toEqual({
        parameters: { tenant: 'acme' },
        app_metadata: { v: '1' },
        streams: { include_defaults: false, subscriptions: [] },
      })
      expect(asked.parameters).toEqual(parameters)
    })

    test('waits with a reason after the stream broke, and recovers by itself', async () => {
      const daemon = await open()
      await daemon.connect()
      const stream = await service.stream(0)
      stream.say(...todosCheckpoint({ a: 'bread' }))
      await until(daemon, ({ priorities }) => priorities.length > 0)
      stream.reset()
      const { connection, downloadError } = await until(
        daemon,
        ({ connection: { state } }) => state === 'waiting',
      )
      expect(connection).toMatchObject({ reason: { code: 'broken' }, retryAt: expect.any(Number) })
      expect(downloadError).toMatchObject({ code: 'broken' })
      await service.stream(1)
      await until(daemon, ({ connection: { state } }) => state === 'connected')
    })

    test('asks for fresh credentials once when they are refused, then backs off', async () => {
      service.refuseWith((response) => void response.writeHead(401).end())
      const daemon = await open()
      await daemon.connect()
      const { connection } = await until(daemon, ({ connection: { state } }) => state === 'waiting')
      expect(connection).toMatchObject({ reason: { code: 'unauthorized' } })
      expect(asks).toBe(1)
      expect(service.asked).toBe(1)
      service.refuseWith(null)
      expect((await service.stream(0)).token).toBe(`${secret}2`)
    })

    test('replaces refused credentials within the same attempt when they were not fresh', async () => {
      const daemon = await open()
      await daemon.connect()
      const stream = await service.stream(0)
      stream.say(...todosCheckpoint({ a: 'bread' }))
      await until(daemon, ({ priorities }) => priorities.length > 0)
      let refused = 0
      service.refuseWith((response) => {
        refused++
        service.refuseWith(null)
        response.writeHead(401).end()
      })
      stream.end()
      expect((await service.stream(1)).token).toBe(`${secret}2`)
      expect(refused).toBe(1)
    })

    test('ends the stream on a malformed line, names the fault and tries again', async () => {
      const daemon = await open()
      await daemon.connect()
      const stream = await service.stream(0)
      stream.say({ data: { bucket: 1 } })
      const { connection } = await until(daemon, ({ connection: { state } }) => state === 'waiting')
      expect(connection).toMatchObject({ reason: { code: 'protocol' } })
      await service.stream(1)
    })

    test('ends the stream on a row that is not JSON, naming it, and keeps nothing of its checkpoint', async () => {
      const daemon = await open()
      await daemon.connect()
      const stream = await service.stream(0)
      const [checkpoint, data, complete] = todosCheckpoint({ a: 'x' }) as [
        object,
        { data: { data: { data: string }[] } },
        object,
      ]
      data.data.data[0]!.data = '{"id":"a",'
      stream.say(checkpoint, data, complete)
      const { connection } = await until(daemon, ({ connection: { state } }) => state === 'waiting')
      expect(connection).toMatchObject({
        reason: { code: 'invalid_row', message: expect.stringMatching(/todos.*a/) },
      })
      expect((await daemon.query('todos')).rows).toEqual([])
    })

    test.each<[string, () => Promise<Daemon>]>([
      ['offline', () => open()],
      [
        'waiting for credentials that never come',
        () => connected({ connector: { fetchCredentials: () => new Promise(() => undefined) } }),
      ],
      [
        'connecting to a service that does not answer',
        async () => {
          service.refuseWith(() => undefined)
          return await connected()
        },
      ],
      [
        'waiting for the next try',
        async () => {
          service.refuseWith((response) => void response.writeHead(503).end())
          const daemon = await connected()
          await until(daemon, ({ connection: { state } }) => state === 'waiting')
          return daemon
        },
      ],
      [
        'receiving',
        async () => {
          const daemon = await connected()
          const stream = await service.stream(0)
          stream.say(...todosCheckpoint({ a: 'bread' }).slice(0, 2))
          await until(daemon, ({ downloading }) => downloading !== null)
          return daemon
        },
      ],
    ])('closes within 2 s while %s', async (_state, reach) => {
      const daemon = await reach()
      const began = performance.now()
      await daemon.close()
      expect(performance.now() - began).toBeLessThan(2000)
      await expect(daemon.connect()).rejects.toMatchObject({ code: 'closed' })
      await daemon.close()
    })

    test('refuses a second daemon on the same file, and lets it in after the first closed', async () => {
      const first = await open()
      await expect(open()).rejects.toMatchObject({ name: 'DaemonError', code: 'database_in_use' })
      await first.close()
      await open()
    })

    test('never lets a token into a log line, a status or an error', async () => {
      const logs: LogLine[] = []
      const statuses: Status[] = []
      const failing = { fetchCredentials: () => Promise.reject(new Error(`bad answer: Token ${secret}`)) }
      const daemon = await open({ connector: failing })
      daemon.onLog((line) => logs.push(line))
      daemon.onStatus(() => statuses.push(daemon.status))
      await daemon.connect()
      const { connection } = await until(daemon, ({ connection: { state } }) => state === 'waiting')
      expect(connection).toMatchObject({ reason: { code: 'credentials_failed' } })
      expect(JSON.stringify({ logs, statuses })).not.toContain(secret)
    })

    test('refuses unknown queries, other parameters and bad options by code', async () => {
      const daemon = await open()
      await expect(daemon.query('nope')).rejects.toMatchObject({ code: 'unknown_query' })
      await expect(daemon.query('constructor')).rejects.toMatchObject({ code: 'unknown_query' })
      await expect(daemon.query('todo')).rejects.toMatchObject({ code: 'bad_parameters' })
      await expect(daemon.query('todo', { id: 'a', more: 1 })).rejects.toMatchObject({
        code: 'bad_parameters',
      })
      const stream = daemon.syncStream('todos')
      await expect(stream.subscribe({ ttl: -1 })).rejects.toMatchObject({ code: 'invalid_ttl' })
      await expect(stream.subscribe({ ttl: Number.NaN })).rejects.toMatchObject({ code: 'invalid_ttl' })
      await expect(stream.subscribe({ priority: 4 })).rejects.toMatchObject({ code: 'invalid_priority' })
      await expect(daemon.connect({ appMetadata: { n: 1 } as never })).rejects.toMatchObject({
        code: 'invalid_metadata',
      })
      expect(() => daemon.syncStream('todos', { x: Number.NaN })).toThrow(DaemonError)
    })

    test('holds a stream, waits for its first sync, and lets the wait be aborted or end with the daemon', async () => {
      const daemon = await open()
      const hold = await daemon.syncStream('lists', { b: 1, a: 2 }).subscribe({ ttl: 60, priority: 1 })
      expect(hold.status).toMatchObject({
        name: 'lists',
        params: { a: 2, b: 1 },
        hasExplicitSubscription: true,
      })
      await expect(hold.waitForFirstSync({ signal: AbortSignal.timeout(10) })).rejects.toMatchObject({
        name: 'TimeoutError',
      })
      await daemon.connect()
      const stream = await service.stream(0)
      expect(stream.request.streams.subscriptions).toEqual([
        { stream: 'lists', parameters: { a: 2, b: 1 }, override_priority: 1 },
      ])
      const waiting = hold.waitForFirstSync()
      stream.say(
        {
          checkpoint: {
            last_op_id: '1',
            buckets: [{ bucket: 'l', checksum: 0, count: 0, priority: 1, subscriptions: [{ sub: 0 }] }],
            streams: [{ name: 'lists', is_default: false, errors: [] }],
          },
        },
        { checkpoint_complete: { last_op_id: '1' } },
      )
      await waiting
      const never = (await daemon.syncStream('never').subscribe()).waitForFirstSync()
      await Promise.all([expect(never).rejects.toMatchObject({ code: 'closed' }), daemon.close()])
    })

    test('records a trace that replays to the same rows', async () => {
      const daemon = await open({ traceBytes: 1_000_000 })
      await daemon.connect()
      const stream = await service.stream(0)
      stream.say(...todosCheckpoint({ a: 'bread', b: 'milk' }))
      await until(daemon, ({ priorities }) => priorities.length > 0)
      const trace = await daemon.trace()
      expect(trace).not.toContain(secret)
      const printed = await replay(`${trace}{"do":"dump"}\n`)
      expect(JSON.parse(printed.at(-1)!)).toMatchObject({
        rows: {
          todos: [
            { id: 'a', description: 'bread' },
            { id: 'b', description: 'milk' },
          ],
        },
        status: {
          connected: true,
          downloading: null,
          priorities: [{ priority: 2147483647, hasSynced: true }],
        },
      })
    })

    async function connected(options: Partial<DaemonOptions> = {}): Promise<Daemon> {
      const daemon = await open(options)
      await daemon.connect()
      return daemon
    }
  })
}

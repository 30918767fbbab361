/** No token in what the daemon tells, whoever quotes it; and errors that say whose they are. */
import { afterEach, expect, test } from 'vitest'
import type { Transport } from '../../src/connector/connector.ts'
import type { Daemon, DaemonOptions, LogLine } from '../../src/daemon/daemon.ts'
import { DaemonFixture, until } from './fixture.ts'

let fixture: DaemonFixture
afterEach(() => fixture.close())

const inProcess = { inProcess: true } as const
const inWorker = {} as const
const opaque = 'secret_0123456789abcdef'
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJlLXNpZw'

const isWaiting = ({ connection }: Daemon['status']) => connection.state === 'waiting'

test.each([
  ['a JWT', 'in process', jwt, inProcess],
  ['a JWT', 'in a worker thread', jwt, inWorker],
  ['an opaque token', 'in process', opaque, inProcess],
  ['an opaque token', 'in a worker thread', opaque, inWorker],
])('a service that quotes %s is not quoted (%s)', async (_kind, _where, token, place) => {
  fixture = await DaemonFixture.start(place)
  fixture.service.refuseWith((response) => {
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { code: 'PSYNC_S2101', description: `not valid: ${token}` } }))
  })
  const daemon = await fixture.open({
    fetchCredentials: () => Promise.resolve({ endpoint: fixture.service.url, token }),
  })
  const logs: LogLine[] = []
  daemon.onLog((line) => logs.push(line))
  await daemon.connect()
  const status = await until(daemon, isWaiting)
  expect(status.downloadError).toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining('not valid: (token)'),
  })
  expect(JSON.stringify([status.connection, logs])).not.toContain(token)
})

test('an old token is hidden too', async () => {
  fixture = await DaemonFixture.start()
  fixture.service.refuseWith((response) => void response.writeHead(401).end())
  let asked = 0
  const daemon = await fixture.open({
    fetchCredentials: () => {
      if (++asked === 1) return Promise.resolve({ endpoint: fixture.service.url, token: opaque })
      return Promise.reject(new Error(`there is nothing newer than ${opaque}`))
    },
  })
  await daemon.connect()
  const { downloadError } = await until(
    daemon,
    (status) => status.downloadError?.code === 'credentials_failed',
  )
  expect(downloadError?.message).toBe(
    'The app could not fetch credentials: there is nothing newer than (token)',
  )
})

test.each<[string, Partial<DaemonOptions>]>([
  ['in process', inProcess],
  ['in a worker thread', inWorker],
])("an error of the app's transport is not one of its credentials (%s)", async (_where, place) => {
  const transport: Transport = { open: () => Promise.reject(new TypeError('net.fetch failed')) }
  fixture = await DaemonFixture.start({ ...place, transport })
  const daemon = await fixture.open()
  await daemon.connect()
  const { downloadError } = await until(daemon, isWaiting)
  expect(downloadError).toEqual({ code: 'broken', message: 'The transport failed: net.fetch failed' })
})

test('credentials that lack a part are a failure of the app', async () => {
  fixture = await DaemonFixture.start()
  const daemon = await fixture.open({ fetchCredentials: () => Promise.resolve({ token: opaque } as never) })
  await daemon.connect()
  const { downloadError } = await until(daemon, isWaiting)
  expect(downloadError).toMatchObject({ code: 'credentials_failed' })
})

test('a Retry-After of days counts as an hour', async () => {
  fixture = await DaemonFixture.start()
  fixture.service.refuseWith((response) => void response.writeHead(503, { 'retry-after': '864000' }).end())
  const daemon = await fixture.open()
  await daemon.connect()
  const { connection } = await until(daemon, isWaiting)
  const wait = connection.state === 'waiting' ? connection.retryAt - Date.now() : NaN
  expect(wait / 60_000).toBeCloseTo(60, 0)
})

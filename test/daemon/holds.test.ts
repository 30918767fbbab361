/** Holds: what their waits wait for, and what giving one back does when the database is busy. */
import Database from 'better-sqlite3'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Daemon } from '../../src/daemon/daemon.ts'
import { DaemonFixture, until } from './fixture.ts'

let fixture: DaemonFixture
let daemon: Daemon
beforeEach(async () => {
  fixture = await DaemonFixture.start()
  daemon = await fixture.open()
})
afterEach(() => fixture.close())

test.each([0, 60])('a wait ends with the hold (TTL %d s)', async (ttl) => {
  const hold = await daemon.syncStream('lists').subscribe({ ttl })
  const wait = expect(hold.waitForFirstSync()).rejects.toMatchObject({ code: 'unsubscribed' })
  hold.unsubscribe()
  await wait
})

test('a wait ends when the row of its stream goes', async () => {
  const hold = await daemon.syncStream('lists').subscribe()
  const wait = expect(hold.waitForFirstSync()).rejects.toMatchObject({ code: 'unsubscribed' })
  await daemon.syncStream('lists').unsubscribeAll()
  await daemon.connect()
  await wait
  await expect(hold.waitForFirstSync()).rejects.toMatchObject({ code: 'unsubscribed' })
})

test('holds end when all are dropped, those that were asked for and not granted too; later ones live', async () => {
  const stream = daemon.syncStream('lists')
  const other = await daemon.syncStream('others').subscribe()
  const first = await stream.subscribe()
  const asked = stream.subscribe()
  const dropped = stream.unsubscribeAll()
  const later = stream.subscribe()
  const ended = [first, await asked].map((hold) => hold.ended)
  await dropped
  expect(ended.map(({ reason }: { readonly reason: unknown }) => reason)).toEqual([
    expect.objectContaining({ code: 'unsubscribed' }),
    expect.objectContaining({ code: 'unsubscribed' }),
  ])
  expect([other.ended.aborted, (await later).ended.aborted]).toEqual([false, false])
  expect((await later).status?.holders).toEqual(['app'])
})

test('a hold ends once, with what ended it first: its owner, or the daemon', async () => {
  const given = await daemon.syncStream('lists').subscribe()
  const kept = await daemon.syncStream('lists').subscribe()
  given.unsubscribe()
  await daemon.close()
  expect(given.ended.reason).toMatchObject({ code: 'unsubscribed' })
  expect(kept.ended.reason).toMatchObject({ code: 'closed' })
})

test('a hold that is given back while the database is busy goes as soon as it is free', async () => {
  const hold = await daemon.syncStream('lists').subscribe({ ttl: 0 })
  const other = new Database(join(fixture.folder, 'app.db'))
  other.exec('BEGIN IMMEDIATE')
  hold.unsubscribe()
  expect(daemon.status.streams.size).toBe(1)
  other.exec('ROLLBACK')
  other.close()
  await until(daemon, ({ streams }) => streams.size === 0)
})

test('what is held at a clean close keeps its whole TTL from then', async () => {
  const ttl = 3600
  await daemon.syncStream('lists').subscribe({ ttl })
  await sleep(30)
  const closedAt = Date.now()
  await daemon.close()
  const { status } = await fixture.open()
  const [stream] = status.streams.values()
  expect(stream?.expiresAt).toBeGreaterThanOrEqual(closedAt + ttl * 1000)
})

test.each([1e16, 1e300, Number.MAX_SAFE_INTEGER, Infinity])('a TTL of %d s is for ever', async (ttl) => {
  const hold = await daemon.syncStream('lists').subscribe({ ttl })
  hold.unsubscribe()
  await daemon.syncStream('others').subscribe()
  expect([...daemon.status.streams.values()]).toContainEqual(
    expect.objectContaining({ name: 'lists', expiresAt: null, holders: [] }),
  )
})

test.each([null, '60', new Date(), Number.NaN])('the TTL %j is refused', async (ttl) => {
  await expect(daemon.syncStream('lists').subscribe({ ttl: ttl as never })).rejects.toMatchObject({
    code: 'invalid_ttl',
  })
})

test.each([new Date(0), new Map([['a', 1]]), new (class Point {})()])(
  'parameters that JSON would not keep are refused: %s',
  (value) => {
    expect(() => daemon.syncStream('lists', { since: value as never })).toThrow(
      expect.objectContaining({ code: 'invalid_params' }) as Error,
    )
  },
)

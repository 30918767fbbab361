/** Subscriptions that change while a daemon is connected or connecting, over a service of real HTTP. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findStream } from '../../src/status/read.ts'
import type { Status } from '../../src/status/status.ts'
import { DaemonFixture, places, until } from './fixture.ts'
import type { Stream } from './scripted-service.ts'

describe.each(places)('with its engine %s', (_where, place) => {
  let fixture: DaemonFixture
  beforeEach(async () => void (fixture = await DaemonFixture.start(place)))
  afterEach(() => fixture.close())

  const names = ({ request }: Stream) => request.streams.subscriptions.map(({ stream }) => stream)

  test('changes that come together start one new stream, and nobody sees a disconnect', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    const seen = new Set<Status['connection']['state']>()
    daemon.onStatus(() => seen.add(daemon.status.connection.state))
    const dropped = await daemon.syncStream('x').subscribe({ ttl: 0 })
    await Promise.all(['y', 'z'].map((name) => daemon.syncStream(name).subscribe()))
    dropped.unsubscribe()
    expect(names(await fixture.service.stream(1))).toEqual(['y', 'z'])
    fixture.service.streams[1]!.say({ token_expires_in: 3600 })
    await daemon.syncStream('y').subscribe()
    await daemon.query('todos')
    expect(fixture.service.streams).toHaveLength(2)
    expect([...seen].filter((state) => state !== 'connected')).toEqual([])
  })

  test('a change made before the answer to the request is in the next one', async () => {
    const daemon = await fixture.open()
    let answer = () => undefined as unknown
    fixture.service.refuseWith((response) => {
      answer = () => response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders()
    })
    await daemon.connect()
    await expect.poll(() => fixture.service.asked).toBe(1)
    fixture.service.refuseWith(null)
    await daemon.syncStream('late').subscribe()
    answer()
    expect(names(await fixture.service.stream(0))).toEqual(['late'])
  })

  test('what was held offline is shown from the file before any connection, and never replaced by a blank', async () => {
    const first = await fixture.synced({ a: 'bread' })
    const { lastSyncedAt } = findStream(first.status, 'todos', null)!
    await first.syncStream('mine', { k: 1 }).subscribe({ ttl: Infinity, priority: 2 })
    await first.close()

    const again = await fixture.open()
    const seen: (number | null | undefined)[] = []
    const look = () => seen.push(findStream(again.status, 'todos', null)?.lastSyncedAt)
    look()
    expect(again.status.connection.state).toBe('offline')
    expect(again.status.priorities).toHaveLength(1)
    expect(findStream(again.status, 'mine', { k: 1 })).toMatchObject({
      hasExplicitSubscription: true,
      lastSyncedAt: null,
      expiresAt: null,
    })
    again.onStatus(look)
    await again.connect()
    await until(again, ({ connection }) => connection.state === 'connected')
    expect(new Set(seen)).toEqual(new Set([lastSyncedAt]))
  })

  test('a stream that the service does not know never counts as synced, and says why', async () => {
    const daemon = await fixture.open()
    const hold = await daemon.syncStream('nowhere').subscribe()
    await daemon.connect()
    const stream = await fixture.service.stream(0)
    stream.say(
      { checkpoint: { last_op_id: '1', buckets: [], streams: [] } },
      { checkpoint_complete: { last_op_id: '1' } },
    )
    await until(daemon, ({ priorities }) => priorities.length > 0)
    expect(hold.status).toMatchObject({
      active: false,
      lastSyncedAt: null,
      error: { code: 'stream_unknown' },
    })
    await expect(hold.waitForFirstSync({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })
})

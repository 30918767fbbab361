/** Signing out and starting over: what goes, what stays, and that held streams are asked for again. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonFixture, places, todosOf, until } from './fixture.ts'
import { todosCheckpoint } from './scripted-service.ts'

describe.each(places)('with its engine %s', (_where, place) => {
  let fixture: DaemonFixture
  beforeEach(async () => void (fixture = await DaemonFixture.start(place)))
  afterEach(() => fixture.close())

  test('disconnectAndClear deletes rows, queue and sync state, and stays offline', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    await daemon.execute('INSERT INTO drafts(id, text) VALUES (?, ?)', ['d', 'dear'])
    await daemon.execute('UPDATE todos SET description = ? WHERE id = ?', ['mine', 'a'])
    await daemon.disconnectAndClear()
    expect(await todosOf(daemon)).toEqual({})
    expect((await daemon.query('drafts')).rows).toEqual([])
    expect(await daemon.uploadQueue()).toEqual([])
    const { connection, priorities, streams } = await until(daemon, ({ upload }) => upload.entries === 0)
    expect({ connection, priorities, streams: streams.size }).toEqual({
      connection: { state: 'offline' },
      priorities: [],
      streams: 0,
    })
    await daemon.connect()
    expect((await fixture.service.stream(1)).request.buckets).toEqual([])
  })

  test('disconnectAndClear({ clearLocal: false }) keeps local-only tables', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    await daemon.execute('INSERT INTO drafts(id, text) VALUES (?, ?)', ['d', 'dear'])
    await daemon.disconnectAndClear({ clearLocal: false })
    expect((await daemon.query('drafts')).rows).toEqual([{ id: 'd', text: 'dear' }])
    expect(await todosOf(daemon)).toEqual({})
  })

  test('disconnectAndClear({ soft: true }) hides the rows and keeps the positions', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    await daemon.execute('INSERT INTO drafts(id, text) VALUES (?, ?)', ['d', 'dear'])
    await daemon.disconnectAndClear({ soft: true })
    expect(await todosOf(daemon)).toEqual({})
    expect((await daemon.query('drafts')).rows).toEqual([])
    await daemon.connect()
    const stream = await fixture.service.stream(1)
    expect(stream.request.buckets).toEqual([{ name: 'todos[]', after: '1' }])
    const [checkpoint, , complete] = todosCheckpoint({ a: 'bread' })
    stream.say(checkpoint!, complete!)
    await until(daemon, ({ priorities }) => priorities.length > 0)
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('a stream that is held is never synced after a clear, and is asked for again', async () => {
    const daemon = await fixture.open()
    const hold = await daemon.syncStream('lists').subscribe({ ttl: 60 })
    await daemon.connect()
    const stream = await fixture.service.stream(0)
    stream.say(
      {
        checkpoint: {
          last_op_id: '1',
          buckets: [],
          streams: [{ name: 'lists', is_default: false, errors: [] }],
        },
      },
      { checkpoint_complete: { last_op_id: '1' } },
    )
    await hold.waitForFirstSync()
    await daemon.disconnectAndClear()
    expect(hold.status).toMatchObject({ lastSyncedAt: null, active: false, hasExplicitSubscription: true })
    await daemon.connect()
    const { request } = await fixture.service.stream(1)
    expect(request.streams.subscriptions).toMatchObject([{ stream: 'lists' }])
  })

  test('resync asks for everything again, and what is there stays readable', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    await daemon.resync()
    const stream = await fixture.service.stream(1)
    expect(stream.request.buckets).toEqual([])
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
    expect(daemon.status.priorities).not.toEqual([])
    stream.say(...todosCheckpoint({ b: 'milk' }))
    await until(
      daemon,
      ({ connection, downloading }) => connection.state === 'connected' && downloading === null,
    )
    await expect.poll(() => todosOf(daemon)).toEqual({ b: 'milk' })
  })

  test('resync works offline', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    await daemon.disconnect()
    await daemon.resync()
    await daemon.connect()
    expect((await fixture.service.stream(1)).request.buckets).toEqual([])
  })

  test('a request beyond what the service reads fails with a code and the number of buckets', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    const parameter = 'x'.repeat(1024 * 1024)
    await daemon.connect({ params: { parameter } })
    const { connection, downloadError } = await until(
      daemon,
      ({ connection: { state } }) => state === 'waiting',
    )
    expect(connection).toMatchObject({ reason: { code: 'request_too_large' } })
    expect(downloadError).toMatchObject({
      code: 'request_too_large',
      message: expect.stringMatching(/holds 1 buckets/),
    })
  })
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DocumentState } from '../../src/ipc/document-state.ts'
import type { LogMessage } from '../../src/ipc/inspect.ts'
import { Meter, type MeterMessage, type MeterRow } from '../../src/ipc/meter.ts'
import { createRouter } from '../../src/ipc/router.ts'
import type { WireMessage } from '../../src/status/message.ts'
import { collect, openDocument } from './collect.ts'
import { fakeDaemon } from './fake-daemon.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const daemon = fakeDaemon({ query: () => ({ rows: [{ n: 2n ** 60n }], tables: [] }) })
  const router = createRouter({ daemon })
  return { daemon, router, inspector: openDocument(router, 'inspector') }
}

const line = (text: string) => ({ at: 1, severity: 'info' as const, text })

describe('inspect.logs', () => {
  test('delivers lines in order, one message in flight, without what is secret', async () => {
    const { daemon, inspector } = setUp()
    const { messages, stop } = await collect<LogMessage>(inspector.inspect.logs({ watchId: 'l' }))
    for (const text of ['one', 'opened /home/ada/app.db', 'three']) daemon.log(line(text))
    await vi.advanceTimersByTimeAsync(100)
    await inspector.inspect.ack({ watchId: 'l', sequence: 0 })
    expect(messages).toEqual([
      { sequence: 0, lines: [line('one')], dropped: 0 },
      { sequence: 1, lines: [line('opened (path)'), line('three')], dropped: 0 },
    ])
    stop()
    expect([daemon.listeners, vi.getTimerCount()]).toEqual([0, 0])
  })

  test('keeps the newest 1,000 lines for a window that does not read, cut to 2,000 characters', async () => {
    const { daemon, inspector } = setUp()
    const { messages } = await collect<LogMessage>(inspector.inspect.logs({ watchId: 'l' }))
    daemon.log(line('first'))
    for (let i = 0; i < 5000; i++) daemon.log(line(`${i} ${'x'.repeat(10_000)}`))
    await vi.advanceTimersByTimeAsync(100)
    await inspector.inspect.ack({ watchId: 'l', sequence: 0 })
    expect([messages[1]!.dropped, messages[1]!.lines.length]).toEqual([4000, 1000])
    expect(messages[1]!.lines[0]!.text).toBe(`4000 ${'x'.repeat(1995)}…`)
  })

  test('counts the lines of a message that was missed as dropped', async () => {
    const { daemon, inspector } = setUp()
    const { messages } = await collect<LogMessage>(inspector.inspect.logs({ watchId: 'l' }))
    daemon.log(line('lost'))
    await vi.advanceTimersByTimeAsync(100)
    await inspector.inspect.ack({ watchId: 'l', sequence: -1 })
    expect(messages[1]).toEqual({ sequence: 1, lines: [], dropped: 1 })
  })
})

describe('inspect.meter', () => {
  /** The rows that an inspector has after these messages. */
  function rowsOf(messages: readonly MeterMessage[]): readonly MeterRow[] {
    const rows = new Map<string, MeterRow>()
    for (const message of messages) {
      for (const [key, { document }] of rows) if (message.gone.includes(document)) rows.delete(key)
      for (const row of message.rows) rows.set(`${row.document} ${row.procedure}`, row)
    }
    return [...rows.values()]
  }

  async function openMeter(inspector: ReturnType<typeof setUp>['inspector']) {
    const meter = await collect<MeterMessage>(
      inspector.inspect.meter({ watchId: 'm' }),
      ({ sequence }) => void inspector.inspect.ack({ watchId: 'm', sequence }).catch(() => undefined),
    )
    await vi.advanceTimersByTimeAsync(0)
    return { ...meter, rows: () => rowsOf(meter.messages) }
  }

  test('counts messages and bytes by window and procedure, what is not acknowledged and what was merged', async () => {
    const { daemon, router, inspector } = setUp()
    const app = openDocument(router)
    const watch = await collect<WireMessage>(app.status.watch({ watchId: 'w' }))
    const meter = await openMeter(inspector)
    await app.status.ack({ watchId: 'w', sequence: 0 })
    for (let i = 0; i < 5; i++) daemon.report({ downloadError: { code: 'x', message: 'ä' } })
    await vi.advanceTimersByTimeAsync(20)
    for (let i = 0; i < 5; i++) daemon.report({ downloadError: null })
    await app.queries.run({ name: 'q' })
    await vi.advanceTimersByTimeAsync(1000)

    const rows = Object.fromEntries(meter.rows().map((row) => [row.procedure, row]))
    expect(rows['status.watch']).toMatchObject({
      window: expect.stringMatching(/^main /),
      role: 'app',
      messagesIn: 0,
      messagesOut: 1,
      bytesOut: Buffer.byteLength(JSON.stringify(watch.messages[1])),
      unacknowledged: 1,
      coalesced: 8,
    })
    expect(rows['status.ack']).toMatchObject({ messagesIn: 1, messagesOut: 1, unacknowledged: 0 })
    expect(rows['queries.run']).toMatchObject({
      messagesIn: 1,
      bytesIn: '{"name":"q"}'.length,
      messagesOut: 1,
      bytesOut: '{"rows":[{"n":{"$":"bigint","v":"1152921504606846976"}}],"tables":[]}'.length,
    })
    expect(Object.keys(rows)).not.toContain('inspect.meter')
    watch.stop()
    meter.stop()
  })

  test('tells changed rows only, at most twice a second, nothing when all is quiet, and who is gone', async () => {
    const { daemon, router, inspector } = setUp()
    const app = openDocument(router)
    const watch = await collect<WireMessage>(
      app.status.watch({ watchId: 'w' }),
      ([, sequence]) => void app.status.ack({ watchId: 'w', sequence }).catch(() => undefined),
    )
    const held = await collect(app.streams.hold({ name: 'lists', params: null }))
    const meter = await openMeter(inspector)
    for (let i = 0; i < 100; i++) {
      daemon.report({ downloadError: { code: 'x', message: String(i) } })
      await vi.advanceTimersByTimeAsync(20)
    }
    expect(meter.messages.length).toBeLessThanOrEqual(5)
    await vi.advanceTimersByTimeAsync(1000)
    const { length } = meter.messages
    await vi.advanceTimersByTimeAsync(10_000)
    expect(meter.messages).toHaveLength(length)
    held.stop()
    watch.stop()
    await vi.advanceTimersByTimeAsync(1000)
    expect(meter.messages.at(-1)?.gone).toHaveLength(1)
    expect(meter.rows()).toEqual([])
    meter.stop()
    expect([daemon.listeners, vi.getTimerCount()]).toEqual([0, 0])
  })

  test('nothing is measured or kept before somebody looks, nor after', () => {
    const meter = new Meter()
    const document = new DocumentState({ id: 'd', name: 'main 1', role: 'app' })
    let wasLookedAt = false
    const payload = {
      get size() {
        wasLookedAt = true
        return 1
      },
    }
    const count = () => meter.count(document, 'queries.run', 'out', payload)
    meter.admit(document)
    count()
    expect([wasLookedAt, document.counts.size]).toEqual([false, 0])
    const reading = meter.open()
    count()
    expect([wasLookedAt, document.counts.size]).toEqual([true, 1])
    reading.close()
    wasLookedAt = false
    count()
    expect([wasLookedAt, document.counts.size]).toEqual([false, 0])
  })

  test('looks again only at documents that changed', () => {
    const meter = new Meter()
    const documents = ['d1', 'd2', 'd3'].map((id) => new DocumentState({ id, name: id, role: 'app' }))
    for (const document of documents) meter.admit(document)
    const reading = meter.open()
    for (const document of documents) meter.count(document, 'queries.run', 'in', {})
    expect(reading.next().rows).toHaveLength(3)
    const looked = documents.map((document) => vi.spyOn(document, 'watchedProcedures'))
    expect(reading.hasNews()).toBe(false)
    meter.count(documents[1]!, 'queries.run', 'in', {})
    expect(reading.hasNews()).toBe(true)
    expect(reading.next().rows.map(({ document, messagesIn }) => [document, messagesIn])).toEqual([['d2', 2]])
    expect(looked.map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0])
    meter.dismiss(documents[0]!)
    expect([reading.hasNews(), reading.next().gone]).toEqual([true, ['d1']])
  })

  test('begins anew for an inspector that missed a message', async () => {
    const { router, inspector } = setUp()
    await collect(openDocument(router).status.watch({ watchId: 'w' }))
    const { messages } = await collect<MeterMessage>(inspector.inspect.meter({ watchId: 'm' }))
    await inspector.inspect.ack({ watchId: 'm', sequence: -1 })
    await vi.advanceTimersByTimeAsync(1000)
    expect(messages.map(({ whole, rows }) => [whole, rows.length])).toEqual([
      [true, 1],
      [true, 1],
    ])
  })
})

// @vitest-environment happy-dom
/** What a change of the status costs the inspector's page, counted in renders. */
import { act, cleanup, render } from '@testing-library/react'
import { Profiler, type ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BucketsPanel } from '../../renderer/inspector/BucketsPanel.tsx'
import { PACE, paced } from '../../renderer/inspector/paced.ts'
import { StreamRows, type StreamView } from '../../renderer/inspector/stream-rows.ts'
import { StreamsPanel } from '../../renderer/inspector/StreamsPanel.tsx'
import type { Client } from '../../src/ipc/client/index.ts'
import { ClientProvider } from '../../src/ipc/client/react.tsx'
import { Cell } from '../../src/ipc/client/readable.ts'
import { applyDelta } from '../../src/status/delta.ts'
import { EMPTY_STATUS, type Status, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'

const rendered = vi.hoisted(() => new Map<string, number>())

// Each row of a stream that downloads has one bar.
vi.mock('../../renderer/parts/Bar.tsx', async (original) => ({
  ...(await original<object>()),
  Bar: ({ label }: { readonly label: string }) => {
    rendered.set(label, (rendered.get(label) ?? 0) + 1)
    return null
  },
}))

beforeEach(() => {
  vi.useFakeTimers()
  rendered.clear()
  // Without a layout no row would be in sight.
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockReturnValue(30)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const stream = (id: number): StreamStatus => ({
  id,
  name: `stream-${String(id).padStart(4, '0')}`,
  params: null,
  priority: 3,
  active: true,
  isDefault: false,
  hasExplicitSubscription: true,
  expiresAt: null,
  lastSyncedAt: 1,
  progress: { total: 1000, downloaded: 0 },
  error: null,
  holders: ['main 1'],
})

const of = (count: number): Status => ({
  ...EMPTY_STATUS,
  streams: new Map(Array.from({ length: count }, (_, at) => [at + 1, stream(at + 1)])),
})

const gotOn = (id: number, downloaded: number): StatusDelta => ({
  streams: new Map([[id, { progress: { total: 1000, downloaded } }]]),
})

/** A page that shows `panel`, and what happens to its status. */
function show(panel: ReactNode, streams: number) {
  const source = new Cell(of(streams))
  const client = {
    status: paced(source),
    link: new Cell('open'),
    trpc: { inspect: { buckets: { query: () => new Promise(() => {}) } } },
  }
  let renders = 0
  render(
    <Profiler id="panel" onRender={() => void renders++}>
      <ClientProvider client={client as unknown as Client}>{panel}</ClientProvider>
    </Profiler>,
  )
  act(() => vi.advanceTimersByTime(2 * PACE))
  rendered.clear()
  renders = 0
  return {
    /** One change, and time for everybody to hear of it. */
    change: (delta: StatusDelta) => {
      act(() => {
        source.set(applyDelta(source.getSnapshot(), delta))
        vi.advanceTimersByTime(2 * PACE)
      })
    },
    /** Many changes within one pause, each rendered before the next if anybody hears of it. */
    rush: (deltas: readonly StatusDelta[]) => {
      for (const delta of deltas) act(() => source.set(applyDelta(source.getSnapshot(), delta)))
      act(() => vi.advanceTimersByTime(2 * PACE))
    },
    get renders() {
      return renders
    },
  }
}

test('a change of a stream renders its row only, and no row while it is out of sight', () => {
  const page = show(<StreamsPanel />, 400)
  page.change(gotOn(300, 10))
  expect([...rendered]).toEqual([])
  page.change(gotOn(3, 10))
  expect([...rendered]).toEqual([['Download of stream-0003', 1]])
})

test('however many changes come within one pause, a row renders for the first and for the last of them', () => {
  const page = show(<StreamsPanel />, 50)
  page.rush(Array.from({ length: 100 }, (_, at) => gotOn(3, at + 1)))
  expect([...rendered]).toEqual([['Download of stream-0003', 2]])
})

test('the buckets do not render for what streams do, only when one comes or goes', () => {
  const page = show(<BucketsPanel stream={null} />, 50)
  page.change(gotOn(3, 10))
  expect(page.renders).toBe(0)
  page.change({ streams: new Map([[3, null]]) })
  expect(page.renders).toBeGreaterThan(0)
})

const view: StreamView = { shown: 'all', words: [], sort: 'name', direction: 'ascending' }

test('the list of rows is the same one until a stream comes, goes, moves or needs another height', () => {
  const rows = new StreamRows()
  const first = rows.list(of(50).streams, view)
  let status = of(50)
  const after = (delta: StatusDelta, how: StreamView = view) => {
    status = applyDelta(status, delta)
    return rows.list(status.streams, how)
  }
  const begun = after({})
  expect(begun).toHaveLength(first.length)
  expect(after(gotOn(3, 10))).toBe(begun)
  const failed = after({ streams: new Map([[3, { error: { code: 'e', message: 'No.' } }]]) })
  expect(failed.filter((row, at) => row !== begun[at]).map(({ id }) => id)).toEqual([3])
  expect(after({ streams: new Map([[4, null]]) })).toHaveLength(49)
  const bySynced: StreamView = { ...view, sort: 'progress' }
  const byProgress = after({}, bySynced)
  expect(after(gotOn(9, 500), bySynced)[0]?.id).toBe(9)
  expect(byProgress[0]?.id).not.toBe(9)
})

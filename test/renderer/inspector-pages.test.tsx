// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Client, QueuedChange } from '../../src/ipc/client/index.ts'
import { ClientProvider } from '../../src/ipc/client/react.tsx'
import { Cell } from '../../src/ipc/client/readable.ts'
import { EMPTY_STATUS, type Status } from '../../src/status/status.ts'
import { useQueuePages } from '../../renderer/inspector/upload-pages.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

const entry = (id: number): QueuedChange => ({
  id,
  transactionId: id,
  op: 'PUT',
  table: 'issues',
  rowId: `i${id}`,
  opData: { points: 2n ** 60n },
  previousValues: null,
  metadata: null,
  queuedAt: null,
})

/** A page that reads the queue of entries from `first` to `last`; it can be changed and told of. */
function read(first: number, last: number) {
  const queue = { first, last, reads: 0, fails: false }
  const status = new Cell<Status>(EMPTY_STATUS)
  const client = {
    status,
    trpc: {
      inspect: {
        uploads: {
          query: async ({ after = 0, limit }: { after?: number; limit: number }) => {
            queue.reads++
            if (queue.fails) throw new Error('No link.')
            const from = Math.max(queue.first, after + 1)
            const length = Math.max(0, Math.min(limit, queue.last - from + 1))
            return { entries: Array.from({ length }, (_, at) => entry(from + at)) }
          },
        },
      },
    },
  }
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <ClientProvider client={client as unknown as Client}>{children}</ClientProvider>
  )
  const { result } = renderHook(useQueuePages, { wrapper })
  const settle = () => act(() => vi.advanceTimersByTimeAsync(2000))
  return {
    queue,
    settle,
    pages: () => result.current,
    range: () => [result.current.rows[0]?.id, result.current.rows.at(-1)?.id],
    tell: async (change: Partial<Status>) => {
      act(() => status.set({ ...status.getSnapshot(), ...change }))
      await settle()
    },
  }
}

const uploads = (entries: number): Partial<Status> => ({ upload: { ...EMPTY_STATUS.upload, entries } })

test('the queue is read 200 entries at a time, forwards and back', async () => {
  const { settle, pages, range } = read(1, 450)
  await settle()
  expect(range()).toEqual([1, 200])
  expect(pages().onPrevious).toBeNull()
  act(() => pages().onNext?.())
  await settle()
  expect(range()).toEqual([201, 400])
  act(() => pages().onNext?.())
  await settle()
  expect(range()).toEqual([401, 450])
  expect(pages().onNext).toBeNull()
  act(() => pages().onPrevious?.())
  await settle()
  expect(range()).toEqual([201, 400])
})

test('a full last page has no next one', async () => {
  const { settle, pages } = read(1, 200)
  await settle()
  expect(pages().rows).toHaveLength(200)
  expect(pages().onNext).toBeNull()
})

test('it is read again when the queue changed, and not when something else did', async () => {
  const { queue, settle, pages, tell } = read(1, 3)
  await settle()
  const [first] = pages().rows
  const before = pages().rows
  const { reads } = queue
  await tell({ connection: { state: 'connected' } })
  expect(queue.reads).toBe(reads)
  await tell(uploads(3))
  expect(queue.reads).toBeGreaterThan(reads)
  expect(pages().rows).toBe(before)
  queue.last = 4
  await tell(uploads(4))
  expect(pages().rows).toHaveLength(4)
  expect(pages().rows[0]).toBe(first)
})

test('a page whose entries were all uploaded meanwhile gives way to the first', async () => {
  const { queue, settle, pages, range, tell } = read(1, 300)
  await settle()
  act(() => pages().onNext?.())
  await settle()
  expect(range()).toEqual([201, 300])
  queue.first = 301
  await tell(uploads(0))
  await settle()
  expect(pages()).toMatchObject({ before: 0, rows: [], onPrevious: null, isLoading: false })
})

test('what could not be read is said, and what was read stays', async () => {
  const { queue, settle, pages, tell } = read(1, 3)
  await settle()
  queue.fails = true
  await tell(uploads(2))
  expect(pages().error?.code).toBe('link_lost')
  expect(pages().rows).toHaveLength(3)
  queue.fails = false
  await tell(uploads(3))
  expect(pages().error).toBeNull()
})

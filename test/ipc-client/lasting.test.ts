import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepSubscribed } from '../../src/ipc/client/lasting.ts'
import { fakeSource, trpcError } from './fake-source.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function begin(options: { readonly isLast?: (value: number) => boolean } = {}) {
  const source = fakeSource<null, number>()
  const seen: (number | string)[] = []
  const lasting = keepSubscribed<number>((observer) => source.subscribe(null, observer), {
    onData: (value) => seen.push(value),
    onLost: () => seen.push('lost'),
    onRefused: () => seen.push('refused'),
    ...options,
  })
  return { source, seen, lasting }
}

test('an ended subscription is asked for again, after a pause that doubles up to 10 s', () => {
  const { source } = begin()
  const pauses: number[] = []
  for (let attempt = 0; attempt < 8; attempt++) {
    const before = source.opened.length
    source.last().fail(new Error('gone'))
    let waited = 0
    while (source.opened.length === before) {
      vi.advanceTimersByTime(250)
      waited += 250
    }
    pauses.push(waited)
  }
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

test('data makes the pause short again', () => {
  const { source } = begin()
  source.last().fail(new Error('gone'))
  vi.advanceTimersByTime(250)
  source.last().fail(new Error('gone'))
  vi.advanceTimersByTime(500)
  source.last().send(1)
  source.last().complete()
  vi.advanceTimersByTime(250)
  expect(source.opened).toHaveLength(4)
})

test('a refusal is final', () => {
  const { source, seen } = begin()
  source.last().fail(trpcError('FORBIDDEN'))
  vi.advanceTimersByTime(60_000)
  expect(seen).toEqual(['refused'])
  expect(source.opened).toHaveLength(1)
})

test('too many subscriptions for now is no refusal: it is asked for again', () => {
  const { source, seen } = begin()
  source.last().fail(trpcError('TOO_MANY_REQUESTS', { code: 'too_many_subscriptions', message: 'Too many.' }))
  vi.advanceTimersByTime(250)
  source.last().send(1)
  expect(seen).toEqual(['lost', 1])
})

test('after the last value nothing is asked for again', () => {
  const { source, seen } = begin({ isLast: (value) => value === 2 })
  source.last().send(1)
  source.last().send(2)
  source.last().complete()
  vi.advanceTimersByTime(60_000)
  expect(seen).toEqual([1, 2])
  expect(source.opened).toHaveLength(1)
})

test('nothing of an ended subscription is delivered', () => {
  const { source, seen } = begin()
  const old = source.last()
  old.fail(new Error('gone'))
  vi.advanceTimersByTime(250)
  old.send(1)
  source.last().send(2)
  expect(seen).toEqual(['lost', 2])
  expect(source.openCount()).toBe(1)
})

test('stopped means stopped, also during the pause before another attempt', () => {
  const { source, lasting } = begin()
  source.last().fail(new Error('gone'))
  lasting.stop()
  vi.advanceTimersByTime(60_000)
  expect(source.opened).toHaveLength(1)
  expect(source.openCount()).toBe(0)
})

test('a source that ends while it is being opened leaves nothing open', () => {
  let unsubscribed = 0
  keepSubscribed<number>(
    (observer) => {
      observer.onError(trpcError('BAD_REQUEST'))
      return { unsubscribe: () => unsubscribed++ }
    },
    { onData: () => {} },
  )
  expect(unsubscribed).toBe(1)
})

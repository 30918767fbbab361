import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StreamHolds, type HoldInput } from '../../src/ipc/client/holds.ts'
import type { HoldMessage } from '../../src/ipc/router.ts'
import { fakeSource, trpcError } from './fake-source.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function begin() {
  const source = fakeSource<HoldInput, HoldMessage>()
  return { source, holds: new StreamHolds(source.subscribe) }
}

test('equal wishes share one hold, whatever the spelling of their parameters', () => {
  const { source, holds } = begin()
  holds.hold({ name: 's', parameters: { a: 1, b: { d: 2, c: 3 } } })
  holds.hold({ name: 's', parameters: { b: { c: 3, d: 2 }, a: 1, gone: undefined } })
  expect(source.opened.map(({ input }) => input)).toEqual([
    { name: 's', params: { a: 1, b: { c: 3, d: 2 } } },
  ])
})

test('no parameters, null and an empty object are the same wish', () => {
  const { source, holds } = begin()
  holds.hold({ name: 's' })
  holds.hold({ name: 's', parameters: null })
  holds.hold({ name: 's', parameters: {} })
  expect(source.opened.map(({ input }) => input)).toEqual([{ name: 's', params: null }])
})

test('another TTL or priority is another wish', () => {
  const { source, holds } = begin()
  holds.hold({ name: 's' })
  holds.hold({ name: 's', ttl: 'never' })
  holds.hold({ name: 's', priority: 0 })
  expect(source.opened.map(({ input }) => input)).toEqual([
    { name: 's', params: null },
    { name: 's', params: null, ttl: 'never' },
    { name: 's', params: null, priority: 0 },
  ])
})

test('the hold is given back when the last user lets go', () => {
  const { source, holds } = begin()
  const first = holds.hold({ name: 's' })
  const second = holds.hold({ name: 's' })
  first.release()
  vi.runAllTimers()
  expect(source.openCount()).toBe(1)
  second.release()
  vi.runAllTimers()
  expect(source.openCount()).toBe(0)
})

test('letting go and holding again within a tick makes no traffic', () => {
  const { source, holds } = begin()
  holds.hold({ name: 's' }).release()
  holds.hold({ name: 's' })
  vi.runAllTimers()
  expect(source.opened).toHaveLength(1)
  expect(source.openCount()).toBe(1)
})

test('letting go twice counts once', () => {
  const { source, holds } = begin()
  const first = holds.hold({ name: 's' })
  holds.hold({ name: 's' })
  first.release()
  first.release()
  vi.runAllTimers()
  expect(source.openCount()).toBe(1)
})

test('the answer of the host is the state of all who share the hold', () => {
  const { source, holds } = begin()
  const first = holds.hold({ name: 's' })
  const second = holds.hold({ name: 's' })
  expect(first.state.getSnapshot()).toEqual({ state: 'asking' })
  source.last().send({ state: 'held' })
  expect([first, second].map(({ state }) => state.getSnapshot())).toEqual([
    { state: 'held' },
    { state: 'held' },
  ])
})

test('a refused hold is not asked for again', () => {
  const { source, holds } = begin()
  const hold = holds.hold({ name: 's', ttl: -1 })
  const error = { code: 'invalid_ttl', message: 'The TTL must be zero or more seconds.' }
  source.last().send({ state: 'refused', error })
  source.last().complete()
  vi.advanceTimersByTime(60_000)
  expect(hold.state.getSnapshot()).toEqual({ state: 'refused', error })
  expect(source.opened).toHaveLength(1)
})

test('a call that the router refuses reads like a refused hold, with our own code', () => {
  const { source, holds } = begin()
  const hold = holds.hold({ name: '' })
  source
    .last()
    .fail(trpcError('BAD_REQUEST', { code: 'bad_input', message: 'The field "name" is not valid.' }))
  expect(hold.state.getSnapshot()).toEqual({
    state: 'refused',
    error: { code: 'bad_input', message: 'The field "name" is not valid.' },
  })
})

test('a hold that the host drops is asked for again', () => {
  const { source, holds } = begin()
  const hold = holds.hold({ name: 's' })
  source.last().send({ state: 'held' })
  source.last().fail(new Error('the frame went away'))
  expect(hold.state.getSnapshot()).toEqual({ state: 'asking' })
  vi.advanceTimersByTime(250)
  source.last().send({ state: 'held' })
  expect(hold.state.getSnapshot()).toEqual({ state: 'held' })
  expect(source.openCount()).toBe(1)
})

test('a hold for which there is no room says so, and is asked for again', () => {
  const { source, holds } = begin()
  const hold = holds.hold({ name: 's' })
  const error = { code: 'too_many_subscriptions', message: 'A window can have 512 subscriptions.' }
  source.last().fail(trpcError('TOO_MANY_REQUESTS', error))
  expect(hold.state.getSnapshot()).toEqual({ state: 'asking', error })
  vi.advanceTimersByTime(250)
  source.last().send({ state: 'held' })
  expect(hold.state.getSnapshot()).toEqual({ state: 'held' })
})

test('parameters that JSON cannot carry are refused at once', () => {
  const { source, holds } = begin()
  expect(() => holds.hold({ name: 's', parameters: { a: Number.NaN } })).toThrow(TypeError)
  expect(source.opened).toHaveLength(0)
})

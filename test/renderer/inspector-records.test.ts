import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { MeterRow } from '../../src/ipc/client/index.ts'
import { readMeter } from '../../renderer/inspector/rates.ts'
import { Recent } from '../../renderer/inspector/recent.ts'
import { changedNodes, firstChange, jsonBytes, valueNodes } from '../../renderer/inspector/value-tree.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a record drops the oldest down to four fifths of its limit, by weight, and never the newest', () => {
  const record = new Recent<number>({ limit: 10, weight: (entry) => entry })
  record.add(1, 2, 3, 4)
  vi.runAllTimers()
  expect(record.getSnapshot()).toEqual([1, 2, 3, 4])
  record.add(2)
  vi.runAllTimers()
  expect(record.getSnapshot()).toEqual([4, 2])
  record.add(100)
  vi.runAllTimers()
  expect(record.getSnapshot()).toEqual([100])
})

test('however fast entries come, readers hear of them together', () => {
  const record = new Recent<number>({ limit: 1000 })
  const listener = vi.fn<() => void>()
  record.subscribe(listener)
  for (let entry = 0; entry < 500; entry++) record.add(entry)
  expect(listener).not.toHaveBeenCalled()
  vi.runAllTimers()
  expect(listener).toHaveBeenCalledTimes(1)
  expect(record.getSnapshot()).toHaveLength(500)
})

test('clearing forgets at once, and what comes later is shown', () => {
  const record = new Recent<number>({ limit: 10 })
  record.add(1)
  record.clear()
  expect(record.getSnapshot()).toEqual([])
  record.add(2)
  vi.runAllTimers()
  expect(record.getSnapshot()).toEqual([2])
})

const row = (procedure: string, bytesOut: number): MeterRow => ({
  document: 'd1',
  window: 'main 1',
  role: 'app',
  procedure,
  messagesIn: 0,
  bytesIn: 0,
  messagesOut: 1,
  bytesOut,
  unacknowledged: 0,
  coalesced: 0,
})

test('the rate is what was counted since the last reading; a row that is new counts from now on', () => {
  const first = readMeter([row('status.watch', 1000)], [], 1)
  expect(first.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([0])
  const second = readMeter([row('status.watch', 1500), row('queries.run', 9000)], first, 2)
  expect(second.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([250, 0])
})

test('a reading that did not change keeps its identity', () => {
  const quiet = row('tables.watch', 10)
  const first = readMeter([quiet], [], 1)
  expect(readMeter([quiet], first, 1)[0]).toBe(first[0])
})

const kept = { a: 1 }
const before = { kept, streams: new Map([[7, { name: 'archive', progress: { total: 5, downloaded: 1 } }]]) }
const after = {
  kept,
  streams: new Map([[7, { name: 'archive', progress: { total: 5, downloaded: 2 } }]]),
}

test('a tree marks what changed, says what it was, and opens the way to it', () => {
  const open = changedNodes(after, before)
  expect(open).toEqual(['["streams"]', '["streams","7"]', '["streams","7","progress"]'])
  const nodes = valueNodes(after, before, new Set(open))
  expect(nodes.map(({ name, isChanged }) => [name, isChanged])).toEqual([
    ['kept', false],
    ['streams', true],
  ])
  const stream = nodes[1]!.children[0]!
  expect(stream.name).toBe('7 archive')
  expect(stream.children[1]!.children).toMatchObject([
    { name: 'total', text: '5', isChanged: false, was: null },
    { name: 'downloaded', text: '2', isChanged: true, was: '1' },
  ])
  expect(firstChange(nodes)).toBe(6)
})

test('a part that was replaced by an equal one has not changed', () => {
  const whole = (downloaded: number) => ({ byPriority: [{ priority: 1 }, { priority: 3, downloaded }] })
  expect(changedNodes(whole(2), whole(1))).toEqual(['["byPriority"]', '["byPriority","1"]'])
  expect(changedNodes(whole(1), whole(1))).toEqual([])
})

test('a closed node’s parts are not walked', () => {
  const guarded = Object.defineProperty({}, 'inner', {
    enumerable: true,
    value: Object.defineProperty({}, 'deep', { enumerable: true, get: () => expect.unreachable() }),
  })
  expect(() => valueNodes({ guarded }, null, new Set())).not.toThrow()
})

test('where very many parts changed none opens', () => {
  const many = new Map(Array.from({ length: 11 }, (_, id) => [id, { id }]))
  expect(changedNodes({ many }, { many: new Map() })).toEqual(['["many"]'])
})

test('the size of a value is that of its JSON in UTF-8', () => {
  expect(jsonBytes({ streams: new Map([[1, 'ä']]) })).toBe('{"streams":[[1,"ä"]]}'.length + 1)
})

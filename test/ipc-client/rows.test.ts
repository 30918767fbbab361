import { expect, test } from 'vitest'
import { keepRows } from '../../src/ipc/client/rows.ts'

test('equal values of every SQL type count as unchanged', () => {
  const row = () => ({ id: 'a', n: null, i: 1, f: Number.NaN, b: 2n ** 60n, bytes: Uint8Array.of(1, 2) })
  const before = [row()]
  expect(keepRows(before, [row()])).toBe(before)
})

test('bytes are compared by what they hold', () => {
  const before = [{ id: 'a', bytes: Uint8Array.of(1, 2) }]
  const after = [{ id: 'a', bytes: Uint8Array.of(1, 3) }]
  expect(keepRows(before, after)[0]).toBe(after[0])
})

test('the same rows in another order are another result of the same rows', () => {
  const before = [{ id: 'a' }, { id: 'b' }]
  const kept = keepRows(before, [{ id: 'b' }, { id: 'a' }])
  expect(kept).not.toBe(before)
  expect([kept[0] === before[1], kept[1] === before[0]]).toEqual([true, true])
})

test('a row that lost or gained a column is another row', () => {
  const before = [{ id: 'a', x: 1 }]
  const after = [{ id: 'a' }]
  expect(keepRows(before, after)[0]).toBe(after[0])
})

test('rows without an id are compared by position', () => {
  const before = [{ count: 1 }, { count: 2 }]
  const kept = keepRows(before, [{ count: 1 }, { count: 3 }])
  expect(kept[0]).toBe(before[0])
  expect(kept[1]).toEqual({ count: 3 })
})

test('fewer rows are another result', () => {
  const before = [{ id: 'a' }, { id: 'b' }]
  expect(keepRows(before, [{ id: 'a' }])).toEqual([{ id: 'a' }])
})

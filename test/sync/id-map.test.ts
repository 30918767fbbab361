/** The immutable map behind A6: it must agree with a plain Map, and leave its older versions alone. */
import { expect, test } from 'vitest'
import { IdMap } from '../../src/sync/id-map.ts'

type Boxed = { readonly of: number }

function plain(map: IdMap<Boxed>): readonly (readonly [number, Boxed])[] {
  return [...map]
}

test('A1: sets, deletes and reads like a Map, in ascending order, and old versions stay', () => {
  const model = new Map<number, Boxed>()
  const versions: { readonly map: IdMap<Boxed>; readonly entries: readonly (readonly [number, Boxed])[] }[] =
    []
  let map = IdMap.empty<Boxed>()
  let seed = 12345
  const chance = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return Math.floor((seed / 2 ** 31) * below)
  }
  const ranges = [40, 2000, 10 ** 6, Number.MAX_SAFE_INTEGER]
  for (let turn = 0; turn < 4000; turn++) {
    const id = chance(ranges[chance(ranges.length)]!)
    if (chance(3) === 0) {
      map = map.delete(id)
      model.delete(id)
    } else {
      map = map.set(id, { of: turn })
      model.set(id, { of: turn })
    }
    expect(map.get(id)).toEqual(model.get(id))
    expect(map.size).toBe(model.size)
    if (turn % 500 === 0) {
      const entries = [...model].sort(([a], [b]) => a - b)
      expect(plain(map)).toEqual(entries)
      versions.push({ map, entries })
    }
  }
  for (const version of versions) expect(plain(version.map)).toEqual(version.entries)
  for (const id of model.keys()) map = map.delete(id)
  expect(plain(map)).toEqual([])
  expect(map.size).toBe(0)
})

test('A1: a delete that finds nothing gives the same map', () => {
  const map = IdMap.empty<Boxed>().set(5, { of: 1 })
  expect(map.delete(4)).toBe(map)
  expect(map.delete(10 ** 9)).toBe(map)
  expect(map.get(10 ** 9)).toBeUndefined()
})

test('A1: a walk that changes some values leaves the others, and the old map, as they were', () => {
  const ids = [0, 1, 31, 32, 1000, 1024, 10 ** 9]
  let map = IdMap.empty<Boxed>()
  for (const id of ids) map = map.set(id, { of: id })
  const even = (value: Boxed): Boxed => (value.of % 2 === 0 ? { of: -value.of } : value)
  const changed = map.map(even)
  expect(plain(changed)).toEqual(ids.map((id) => [id, even({ of: id })]))
  expect(changed.get(1)).toBe(map.get(1))
  expect(plain(map)).toEqual(ids.map((id) => [id, { of: id }]))
  expect(changed.size).toBe(ids.length)
  expect(map.map((value) => value)).toBe(map)
})

/** Applying what changed to the rows before gives the rows after, whatever happened between. */
import { describe, expect, test } from 'vitest'
import { diffRows } from '../../src/engine/live-diff.ts'
import { LiveResults } from '../../src/engine/live-results.ts'
import type { Cells } from '../../src/status/rows.ts'
import { applyRowsChange } from '../../src/status/rows.ts'
import { Random } from '../sync/random.ts'

const columns = ['id', 'a', 'b']
const of = (...rows: Cells[]) => ({ columns, rows })
const EMPTY = { removed: [], placed: [], changed: [] }

describe('diffRows', () => {
  test('equal results have an empty change, bytes and big integers included', () => {
    const row = () => ['x', new Uint8Array([1, 2]), 2n ** 60n] as const
    expect(diffRows(of(row()), of(row()), 'id')).toEqual(EMPTY)
  })

  test('one changed value is told alone, by place and column', () => {
    const before = of(['x', 1, 2], ['y', 1, 2])
    const change = diffRows(before, of(['x', 1, 2], ['y', 1, 3]), 'id')
    expect(change).toEqual({ ...EMPTY, changed: [{ at: 1, cells: [[2, 3]] }] })
  })

  test('one row of many that moves is the only one that is placed', () => {
    const rows = Array.from({ length: 100 }, (_, i): Cells => [`r${i}`, i, null])
    const moved = [...rows.slice(1, 60), rows[0]!, ...rows.slice(60)]
    expect(diffRows(of(...rows), of(...moved), 'id')).toEqual({ ...EMPTY, placed: [{ at: 59, from: 0 }] })
  })

  test.each([
    ['there is no such column', 'c'],
    ['keys occur twice', 'a'],
    ['a key is null', 'b'],
  ])('rows are known by their places where %s', (_why, key) => {
    const before = of(['x', 1, null], ['y', 1, 2])
    expect(diffRows(before, of(['z', 1, null]), key)).toEqual({
      removed: [1],
      placed: [],
      changed: [{ at: 0, cells: [[0, 'z']] }],
    })
  })

  test('other columns make it no change but another result', () => {
    expect(diffRows(of(), { columns: ['id'], rows: [] }, 'id')).toBeNull()
  })

  test('500 random pairs: applied to the rows before, the change gives the rows after', () => {
    const random = new Random(7)
    const rowsOf = (): Cells[] =>
      Array.from({ length: random.below(30) }, (_, i) => ({ id: `k${i}`, place: random.next() }))
        .sort((a, b) => a.place - b.place)
        .slice(random.below(8))
        .map(({ id }) => [id, random.below(3), random.below(2) === 0 ? null : `v${random.below(2)}`])
    for (let run = 0; run < 500; run++) {
      const key = random.below(5) === 0 ? 'a' : 'id'
      const [before, after] = [rowsOf(), rowsOf()]
      expect(applyRowsChange(before, diffRows(of(...before), of(...after), key)!)).toEqual(after)
    }
  })
})

describe('LiveResults', () => {
  const ask = { watch: 1, basis: null, key: 'id', ended: [] }
  const rows = Array.from({ length: 50 }, (_, i): Cells => [`r${i}`, i, null])

  test('a version that the asker has is answered with what changed, the same one with nothing', () => {
    const results = new LiveResults()
    const first = results.answer(ask, of(...rows))
    expect(first.kind).toBe('whole')
    expect(results.answer({ ...ask, basis: first.version }, of(...rows))).toEqual({
      kind: 'same',
      version: first.version,
    })
    const second = results.answer({ ...ask, basis: first.version }, of(...rows.slice(1)))
    expect(second).toMatchObject({ kind: 'change', change: { removed: [0], placed: [], changed: [] } })
  })

  test('another version, another keeper and a forgotten query are answered whole', () => {
    const results = new LiveResults()
    const { version } = results.answer(ask, of(...rows))
    expect(results.answer({ ...ask, basis: 'another' }, of(...rows)).kind).toBe('whole')
    expect(new LiveResults().answer({ ...ask, basis: version }, of(...rows)).kind).toBe('whole')
    const again = results.answer(ask, of(...rows))
    expect(results.answer({ ...ask, basis: again.version, ended: [1] }, of(...rows)).kind).toBe('whole')
  })

  test('a one-row change of 10,000 rows takes less than 300 bytes', () => {
    const results = new LiveResults()
    const many = Array.from({ length: 10_000 }, (_, i): Cells => [`row-${i}`, i, 'text'])
    const { version } = results.answer(ask, of(...many))
    const after = many.with(5000, ['row-5000', 5000, 'changed'])
    const answer = results.answer({ ...ask, basis: version }, of(...after))
    expect(JSON.stringify(answer).length).toBeLessThan(300)
  })
})

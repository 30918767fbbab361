/** 300 random histories, the same ones each time. `npm run fuzz` plays others. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { intended } from './intended.ts'
import { playSeed, playTrace } from './play.ts'

const FIRST_SEED = 1
const RUNS = 300
const LENGTH = 40
/** Histories in one test, so that a failure says where to look. */
const CHUNK = 25

describe('random histories give the same as in the native core, but for the rules of intended.ts', () => {
  let endedEarly = 0
  const firsts = Array.from({ length: RUNS / CHUNK }, (_, index) => FIRST_SEED + index * CHUNK)
  test.each(firsts)(`${CHUNK} histories from seed %i`, (first) => {
    for (let seed = first; seed < first + CHUNK; seed++) {
      const played = playSeed(seed, LENGTH)
      expect(played.faults, `npm run fuzz -- --seed ${seed} --runs 1 --length ${LENGTH}`).toEqual([])
      if (played.endedEarly) endedEarly++
    }
  })

  test('few histories end early because the two parted on purpose', () => {
    expect(endedEarly).toBeLessThan(RUNS * 0.15)
  })
})

describe('a history that once failed', () => {
  const folder = join(import.meta.dirname, '..', 'traces')
  const traces = readdirSync(folder).filter((file) => file.endsWith('.jsonl'))
  test.each(traces.flatMap((file) => [[file, 'json'] as const, [file, 'bson'] as const]))(
    '%s, %s',
    (file, form) => {
      const trace = readFileSync(join(folder, file), 'utf8').trim().split('\n')
      expect(playTrace(trace, form).faults).toEqual([])
    },
  )
})

test('rules have names of their own', () => {
  expect(new Set(intended.map(({ name }) => name)).size).toBe(intended.length)
})

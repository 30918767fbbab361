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
const CHUNK = 10

describe('random histories give the same as in the native core, but for the rules of intended.ts', () => {
  let endedEarly = 0
  const counts = new Map<string, number>()
  const firsts = Array.from({ length: RUNS / CHUNK }, (_, index) => FIRST_SEED + index * CHUNK)
  test.each(firsts)(`${CHUNK} histories from seed %i`, { timeout: 120_000 }, (first) => {
    for (let seed = first; seed < first + CHUNK; seed++) {
      const played = playSeed(seed, LENGTH)
      expect(played.faults, `npm run fuzz -- --seed ${seed} --runs 1 --length ${LENGTH}`).toEqual([])
      if (played.endedEarly) endedEarly++
      for (const [name, times] of played.counts) counts.set(name, (counts.get(name) ?? 0) + times)
    }
  })

  test('what a history can have happens in them, each so often at least', () => {
    const rare = Object.entries(atLeast).filter(([name, times]) => (counts.get(name) ?? 0) < times)
    expect(rare.map(([name, times]) => `${name}: ${counts.get(name) ?? 0} of ${times}`)).toEqual([])
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

/** About half of what happens in the histories as they are. */
const atLeast = {
  checkpoint: 600,
  checkpoint_diff: 500,
  'superseded checkpoint': 400,
  partial_checkpoint_complete: 300,
  checkpoint_complete: 400,
  PUT: 700,
  REMOVE: 350,
  MOVE: 40,
  CLEAR: 12,
  'priority 0': 350,
  'priority 1': 350,
  'priority 2': 350,
  'priority 3': 350,
  'a bucket of several streams': 200,
  'a bucket goes': 25,
  'a stream with several parameter sets': 70,
  'errors of streams': 12,
  subscribe: 350,
  'subscribe with a priority': 70,
  release: 250,
  unsubscribeAll: 60,
  'a subscription goes': 30,
  token_expires_in: 350,
  'credentials prefetched': 50,
  'credentials expired': 50,
  'interrupted iteration': 250,
  resumed: 400,
  'restart of the stream': 250,
  restart: 80,
  refreshed: 35,
  'checksum mismatch': 25,
  malformed: 6,
  'error: protocol': 50,
  new_line: 15,
  fail: 50,
  'local transaction': 200,
  'local transaction of several': 70,
  'blocked by local writes': 80,
  'applied after the upload': 5,
  'upload with a write checkpoint': 30,
  'upload without a write checkpoint': 30,
  'upload of a part': 4,
  uploadFailed: 20,
  writeCheckpoint: 12,
  checkpointRequest: 8,
  clear: 5,
  'soft clear': 8,
  resync: 2,
}

test('rules have names of their own', () => {
  expect(new Set(intended.map(({ name }) => name)).size).toBe(intended.length)
})

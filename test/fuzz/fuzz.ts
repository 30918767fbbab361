/**
 * `npm run fuzz -- --help`: plays histories of consecutive seeds through Headwater and the native core. A failing
 * one is made short and written to the folder. Ends with code 1 if any failed, and prints how often each rule of
 * `intended.ts` was needed.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readArguments, wholeNumber } from '../../src/command-line.ts'
import { minimise } from './minimise.ts'
import type { Played } from './play.ts'
import { playSeed } from './play.ts'

const usage = `npm run fuzz -- [flags]
  --seed N      the first seed (default 1)
  --runs N      how many histories (default 300)
  --length N    steps of each (default 60)
  --out FOLDER  where a failing history goes, made short (default test-results/fuzz)`

const { seed, runs, length, out } = readArguments(usage, () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '300' },
      length: { type: 'string', default: '60' },
      out: { type: 'string', default: 'test-results/fuzz' },
    },
  })
  return {
    seed: wholeNumber('seed', values.seed),
    runs: wholeNumber('runs', values.runs, [1, 1_000_000]),
    length: wholeNumber('length', values.length, [1, 10_000]),
    out: values.out,
  }
})

const needed = new Map<string, number>()
let [steps, endedEarly, failed] = [0, 0, 0]
for (let run = 0; run < runs; run++) {
  const played = playSeed(seed + run, length)
  steps += played.trace.length
  if (played.endedEarly) endedEarly++
  for (const { name } of played.rules) needed.set(name, (needed.get(name) ?? 0) + 1)
  if (played.faults.length > 0) tell(seed + run, played)
  if ((run + 1) % 1000 === 0) console.log(summary(run + 1))
}
console.log(summary(runs))
for (const [name, times] of [...needed].sort((a, b) => b[1] - a[1])) console.log(`  ${name}: ${times}`)
process.exitCode = failed === 0 ? 0 : 1

function tell(of: number, played: Played): void {
  failed++
  console.log(`seed ${of} (${played.form}) step ${played.trace.length}:\n  ${played.faults.join('\n  ')}`)
  const short = minimise(played)
  mkdirSync(out, { recursive: true })
  const file = join(out, `seed-${of}-${short.form}.jsonl`)
  writeFileSync(file, `${short.trace.join('\n')}\n`)
  console.log(`  ${short.trace.length} steps: ${file}`)
}

function summary(played: number): string {
  const early = `${endedEarly} parted on purpose and ended early`
  return `seeds ${seed} to ${seed + played - 1}: ${steps} steps, ${early}, ${failed} failed`
}

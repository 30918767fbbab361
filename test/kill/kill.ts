/**
 * `node test/kill/kill.ts --runs N --seed N`: kills a process that syncs and writes N times at moments of chance,
 * and says what it found. Ends with code 1 if anything was lost, torn or doubled.
 */
import { parseArgs } from 'node:util'
import { killAgainAndAgain } from './killing.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
})
const [runs, seed] = [Number(values.runs), Number(values.seed)]
const began = performance.now()
const totals = await killAgainAndAgain({
  runs,
  seed,
  onDatabase: ({ kills, acknowledged, faults }) =>
    console.log(`${kills} kills, ${acknowledged} acknowledged, ${faults.length} faults`),
})
const { faults, settledMs, ...numbers } = totals
const settled = settledMs.map(Math.round).sort((a, b) => a - b)
console.log({
  seed,
  seconds: Math.round((performance.now() - began) / 1000),
  ...numbers,
  settledMs: { times: settled.length, median: settled[settled.length >> 1], longest: settled.at(-1) },
})
for (const fault of faults) console.log(fault)
process.exitCode = faults.length === 0 ? 0 : 1

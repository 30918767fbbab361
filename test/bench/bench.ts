/**
 * `npm run bench -- --help`
 *
 * Measures Headwater beside the native core and the released SDK. `--json` keeps every repetition; suites of the
 * same size that the file has already and that are not run now stay in it, so that a long run can be cut in
 * parts. The page, `RESULTS.md` with its plots, is written once all suites of full size are there, or where
 * `--page` says.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readArguments, UsageError, wholeNumber } from '../../src/command-line.ts'
import { Fixtures } from './fixtures.ts'
import { benchIpc } from './ipc.ts'
import { measureSuite } from './measure.ts'
import { page, targetLines } from './report/page.ts'
import { plots } from './report/plots.ts'
import { finished, readResults, withSuite, writeResults } from './results.ts'
import type { Results } from './results.ts'
import type { Size } from './suite.ts'
import { suites } from './suites/all.ts'

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url))

const usage = `npm run bench -- [flags], or npm run bench -- ipc: bytes of status on the way to windows
  --quick       small sizes, in under two minutes
  --only SUITE  this suite, may be given again: ${suites.map(({ name }) => name).join(', ')}
  --repeat N    repetitions of each measurement (default 3)
  --json FILE   keeps every repetition there
  --page FILE   writes the page and its plots there`

const { what, options, repetitions } = readArguments(usage, () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      repeat: { type: 'string', default: '3' },
      json: { type: 'string' },
      page: { type: 'string' },
    },
  })
  const unknown = values.only.find((name) => !suites.some((suite) => suite.name === name))
  if (unknown !== undefined) throw new UsageError(`There is no suite “${unknown}”.`)
  const [what, ...more] = positionals
  if (what !== undefined && what !== 'ipc') throw new UsageError(`There is no bench “${what}”.`)
  if (more.length > 0) throw new UsageError(`There is no argument after “${what}”.`)
  return { what, options: values, repetitions: wholeNumber('repeat', values.repeat, [1, 1000]) }
})
if (what === 'ipc') await benchIpc(console.log)
else await bench(options.quick ? 'quick' : 'full')

async function bench(size: Size): Promise<void> {
  let results = readResults(options.json, size)
  const tell = (text: string) => process.stdout.write(`${text}\n`)
  const fixtures = await Fixtures.make()
  try {
    for (const suite of suites) {
      if (options.only.length > 0 && !options.only.includes(suite.name)) continue
      const unit = suite.name === 'status-bytes' ? 'bytes' : 'ms'
      tell(`${suite.title}: median ${unit}, and how many times less than the first`)
      const measured = await measureSuite(suite, size, repetitions, fixtures, tell)
      results = withSuite(results, finished(suite.name, repetitions, measured))
      if (options.json !== undefined) writeResults(options.json, results)
    }
  } finally {
    await fixtures.remove()
  }
  const isWhole = size === 'full' && results.suites.length === suites.length
  const file = options.page ?? (isWhole ? RESULTS : undefined)
  if (file !== undefined) await writePage(file, results)
  tell(`Targets${size === 'quick' ? ' (sizes of a quick run say little about them)' : ''}`)
  tell(targetLines(results.suites.flatMap(({ measured }) => measured)))
}

async function writePage(file: string, results: Results): Promise<void> {
  const drawn = await plots(results.suites.flatMap(({ measured }) => measured))
  for (const plot of drawn) writeFileSync(join(dirname(file), plot.file), plot.svg)
  writeFileSync(file, page(results, drawn))
}

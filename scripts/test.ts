/**
 * `npm test`: types, lint and format, unit tests, the build, and the app in a browser. Goes on after a failure,
 * so that one run tells everything; ends with one line, `N passed, N failed`, added up from the runners' own
 * reports. Each check and the build count as one test.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from './chromium.ts'
import { root } from './paths.ts'

interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const reports = mkdtempSync(join(tmpdir(), 'headwater-test-'))
const results = [
  step('types', ['tsc']),
  step('lint', ['oxlint', '--deny-warnings']),
  step('format', ['oxfmt', '--check']),
  unitTests(),
  step('build', ['node', 'scripts/build.ts']),
  appTests(),
]
rmSync(reports, { recursive: true })

const total = (count: (totals: Totals) => number) => results.reduce((sum, totals) => sum + count(totals), 0)
const failed = total((totals) => totals.failed)
const skipped = total((totals) => totals.skipped)
console.log(
  `${total((totals) => totals.passed)} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`,
)
process.exit(failed === 0 ? 0 : 1)

function step(name: string, command: readonly string[]): Totals {
  return isGood(name, command) ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

function unitTests(): Totals {
  const file = join(reports, 'vitest.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const good = isGood('unit tests', ['vitest', 'run', ...reporters])
  const report = readReport<{ numPassedTests: number; numFailedTests: number; numPendingTests: number }>(file)
  return counted(good, {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: report?.numPendingTests ?? 0,
  })
}

function appTests(): Totals {
  const chromium = ensureChromium()
  if (chromium === null) {
    console.error(
      'The app tests need a Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
    )
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const file = join(reports, 'playwright.json')
  const environment = { CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: file }
  const good = isGood('app tests', ['playwright', 'test'], environment)
  const stats = readReport<{
    stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  }>(file)?.stats
  return counted(good, {
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
    skipped: stats?.skipped ?? 0,
  })
}

/** A runner that failed without a failed test (a file that does not load, a crash) is a failure of its own. */
function counted(good: boolean, totals: Totals): Totals {
  return good || totals.failed > 0 ? totals : { ...totals, failed: 1 }
}

function isGood(
  name: string,
  [command, ...args]: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): boolean {
  console.log(`\n— ${name}`)
  const bin = join(root, 'node_modules/.bin', command!)
  const node = command === 'node' ? process.execPath : bin
  const { status } = spawnSync(node, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
    shell: process.platform === 'win32',
  })
  return status === 0
}

function readReport<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return null
  }
}

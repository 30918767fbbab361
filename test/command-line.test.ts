/** The programs as a shell sees them: what they print, and their exit codes. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const replay = 'src/replay/cli.ts'
const demo = 'src/demo/cli.ts'
const headless = 'scripts/headless.ts'
const start = 'scripts/start.ts'
const fuzz = 'test/fuzz/fuzz.ts'

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  return { status, stdout, stderr }
}

test.each([
  [[replay, 'nope.jsonl'], 'nope.jsonl does not exist.'],
  [[replay, 'README.md'], 'README.md is not a trace: none of its lines is a step.'],
  [[replay, 'src'], 'src cannot be read (EISDIR).'],
  [[replay], 'No trace is named. See --help.'],
  [[replay, '--verbose', 'x'], "Unknown option '--verbose'. See --help."],
  [[demo, '--port', 'abc'], '--port takes a whole number from 0 to 65535, and this is “abc”.'],
  [[demo, '--seed', '1.5'], '--seed takes a whole number, and this is “1.5”.'],
  [[headless, '--port', '65536'], '--port takes a whole number from 0 to 65535, and this is “65536”.'],
  [[fuzz, '--runs', 'x'], '--runs takes a whole number from 1 to 1000000, and this is “x”.'],
  [[start, '--sed', '7'], "Unknown option '--sed'. See --help."],
  [[start, '--port', ''], '--port takes a whole number from 0 to 65535, and this is “”.'],
])('what is wrong with the arguments is one line and exit code 2: %j', (args, line) => {
  expect(run(...args)).toEqual({ status: 2, stdout: '', stderr: `${line}\n` })
})

test.each([replay, demo, headless, start, fuzz])(
  '--help prints the usage and nothing else: %s',
  (program) => {
    const { status, stdout, stderr } = run(program, '--help')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^(?:npm|node) .*--/s)
  },
)

test.each([
  [demo, 'The demo service could not start'],
  [start, 'Headwater could not start'],
])('a port that is in use is one line and exit code 1: %s', async (program, what) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const line = `${what}: port ${port} is in use. Choose another one, or leave --port out.`
  expect(run(program, '--port', String(port))).toEqual({ status: 1, stdout: '', stderr: `${line}\n` })
  other.close()
})

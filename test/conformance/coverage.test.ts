/**
 * The checklist of what the native core is tested for, line by line: each is the number of a trace (`b2.40-…`), in
 * the name of a test (`B2.40 …`), or in `not-tested.ts` with a reason, in one of these only; and no trace or test
 * bears a number that the checklist does not have. In B8 the lines have no numbers: they are counted.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { notTested } from './not-tested.ts'

/** How many lines there are: streams, sync, local writes, schema, and what no suite of the core covers. */
const suites = { B1: 13, B2: 68, B3: 44, B4: 8, B8: 8 }

const items = Object.entries(suites).flatMap(([suite, count]) =>
  Array.from({ length: count }, (_, index) => `${suite}.${index + 1}`),
)
const traces = numbersOfTraces()
const tests = numbersOfTests()
const tested = new Set([...traces, ...tests])

describe.each(Object.keys(suites))('%s', (suite) => {
  test('every line is tested, or there is a reason why not', () => {
    const own = items.filter((item) => item.startsWith(`${suite}.`))
    expect(own.filter((item) => !tested.has(item) && notTested[item] === undefined)).toEqual([])
  })
})

test('nothing is excused that is tested', () => {
  expect(Object.keys(notTested).filter((item) => tested.has(item))).toEqual([])
})

test('no trace, test or excuse has a number that is no line', () => {
  expect([...tested, ...Object.keys(notTested)].filter((item) => !items.includes(item))).toEqual([])
})

// What the wire carries is tested with JSON and BSON, which only traces are.
test('every line about the wire has a trace', () => {
  const ofTheWire = items.filter((item) => /^(?:B1|B2|B8)\./.test(item) && !aboutOurselves.includes(item))
  expect(ofTheWire.filter((item) => !traces.has(item) && notTested[item] === undefined)).toEqual([])
})

/** Lines of B2 that no line of the service has a part in: answers of other endpoints, files, triggers. */
const aboutOurselves = ['17', '19', '35', '54', '61', '64', '65'].map((number) => `B2.${number}`)

const checklist = join(import.meta.dirname, '../../../shared/reference/checklist.md')
test.runIf(existsSync(checklist))('the lines are those of the checklist', () => {
  const text = readFileSync(checklist, 'utf8')
  for (const suite of ['B1', 'B2', 'B3', 'B4'] as const) {
    const numbers = [...text.matchAll(new RegExp(`^- \\[ \\] ${suite}\\.(\\d+)(?:–(\\d+))?`, 'gm'))]
    expect(Number(numbers.at(-1)![2] ?? numbers.at(-1)![1])).toBe(suites[suite])
  }
  const last = text.slice(text.indexOf('## B8.'))
  expect(last.match(/^- /gm)).toHaveLength(suites.B8)
})

function numbersOfTraces(): ReadonlySet<string> {
  const files = readdirSync(join(import.meta.dirname, 'traces'))
  return new Set(files.flatMap((file) => /^b\d+\.\d+(?=-)/.exec(file)?.[0].toUpperCase() ?? []))
}

/** Names of tests that begin with numbers: `B2.8 …`, `B2.46, B2.47 …`, `B2.25-B2.28 …`. */
function numbersOfTests(): ReadonlySet<string> {
  const root = join(import.meta.dirname, '..')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.test\.tsx?$/.test(file) && !file.endsWith('coverage.test.ts'),
  )
  return new Set(
    files.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      return [...text.matchAll(/['"`](B\d\.\d+(?:(?:, |-)B\d\.\d+)*)/g)].flatMap(([, numbers]) =>
        unfold(numbers!),
      )
    }),
  )
}

/** Every number of a list of numbers and ranges. */
function unfold(numbers: string): readonly string[] {
  return numbers.split(', ').flatMap((part) => {
    const [first, last = first] = part.split('-') as [string, string?]
    const [suite, from] = first.split('.') as [string, string]
    const to = Number(last.split('.')[1])
    return Array.from({ length: to - Number(from) + 1 }, (_, index) => `${suite}.${Number(from) + index}`)
  })
}

/**
 * Every item of the native core's own test suites is the number of a trace (`b2.40-…`), in the name of a test
 * (`B2.40 …`), or in `not-tested.ts` with a reason.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { notTested } from './not-tested.ts'

/** How many items there are: streams, sync, local writes, schema, and what no suite of the core covers. */
const suites = { B1: 13, B2: 68, B3: 44, B4: 8, B8: 8 }

const items = Object.entries(suites).flatMap(([suite, count]) =>
  Array.from({ length: count }, (_, index) => `${suite}.${index + 1}`),
)
const tested = new Set([...inTraces(), ...inNamesOfTests()])

describe.each(Object.keys(suites))('%s', (suite) => {
  test('every item is tested, or there is a reason why not', () => {
    const own = items.filter((item) => item.startsWith(`${suite}.`))
    expect(own.filter((item) => !tested.has(item) && notTested[item] === undefined)).toEqual([])
  })
})

test('nothing is excused that is tested, or that is no item', () => {
  expect(Object.keys(notTested).filter((item) => tested.has(item) || !items.includes(item))).toEqual([])
})

function inTraces(): readonly string[] {
  return readdirSync(join(import.meta.dirname, 'traces')).flatMap((file) => {
    const number = /^b(\d+\.\d+)-/.exec(file)?.[1]
    return number === undefined ? [] : [`B${number}`]
  })
}

/** Numbers in string literals that begin with one: `B2.8 …`, `B2.46, B2.47 …`, `B2.22-B2.26 …`. */
function inNamesOfTests(): readonly string[] {
  const root = join(import.meta.dirname, '..')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.test\.tsx?$/.test(file) && !file.includes('captures'),
  )
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [...text.matchAll(/['"`](B\d\.\d+(?:(?:, |-)B\d\.\d+)*)/g)].flatMap(([, numbers]) =>
      itemsOf(numbers!),
    )
  })
}

function itemsOf(numbers: string): readonly string[] {
  return numbers.split(', ').flatMap((part) => {
    const [first, last = first] = part.split('-') as [string, string?]
    const [suite, from] = first.split('.') as [string, string]
    const to = Number(last.split('.')[1])
    return Array.from({ length: to - Number(from) + 1 }, (_, index) => `${suite}.${Number(from) + index}`)
  })
}

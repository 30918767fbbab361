import { describe, expect, test } from 'vitest'
import { decodeLine } from '../../src/wire/decode.ts'
import { locateInJson, readJson } from '../../src/wire/json.ts'
import type { SyncLine } from '../../src/wire/line.ts'
import { chanceOf } from './random.ts'
import { wireErrorOf } from './wire.ts'

const opWith = (fields: string) =>
  `{ "op_id" : "7", "op":"PUT","object_type":"t","object_id":"r","checksum":1${fields} }`
const lineWith = (...ops: string[]) => `{"data":{"bucket":"b","data":[${ops.join(' , ')}]}}`

function rowsOf(line: SyncLine): string[] {
  if (line.kind !== 'data') throw new Error(`a ${line.kind} line`)
  return line.ops.map((op) => (op.op === 'PUT' ? op.data : op.op))
}

describe('nested rows are kept as their exact source text', () => {
  test.each([
    '{}',
    '[]',
    '{"a":1,"a":2}',
    '{ "spaces" :\t1 ,"n":1.50e+1,"z":-0.0 }',
    '{"big":12345678901234567890,"small":1e-400}',
    '{"x":NaN,"y":Infinity,"z":-Infinity,"deep":[{"w":NaN}]}',
    '{"text":"NaN } ] \\" \\\\","é":"\\ud83d\\ude00 😀\u2028"}',
    '{"data":{"data":[{"data":{"op_id":5}}]}}',
    '{"__proto__":{"op_id":"9"},"constructor":1}',
    '["a row may be a list"]',
  ])('%s', (row) => {
    expect(rowsOf(decodeLine(lineWith(opWith(`,"data":${row}`))))).toEqual([row])
    expect(rowsOf(decodeLine(lineWith(opWith(`,"d\\u0061ta" :  ${row}  `))))).toEqual([row])
  })

  test('beside text rows and op ids beyond 2^53, which stay exact', () => {
    const line = lineWith(
      opWith(',"data":"{\\"a\\":NaN}"'),
      '{"op_id":9007199254740993,"op":"REMOVE","object_type":"t","object_id":"r","checksum":-9007199254740993}',
      opWith(',"data":{"n":9007199254740993}'),
    )
    const decoded = decodeLine(line)
    expect(rowsOf(decoded)).toEqual(['{"a":NaN}', 'REMOVE', '{"n":9007199254740993}'])
    expect(decoded).toMatchObject({ ops: [{}, { opId: 9007199254740993n, checksum: 4294967295 }, {}] })
  })

  test('the last of two data fields counts, as in JSON.parse', () => {
    expect(rowsOf(decodeLine(lineWith(opWith(',"data":{"first":1},"data":{"last":2}'))))).toEqual([
      '{"last":2}',
    ])
    expect(rowsOf(decodeLine(lineWith(opWith(',"data":{"first":1},"data":"last"'))))).toEqual(['last'])
  })

  test('1,000 levels deep and no deeper, without using the stack', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(rowsOf(decodeLine(lineWith(opWith(`,"data":${nested(1000)}`))))).toEqual([nested(1000)])
    for (const depth of [1001, 1_000_000]) {
      expect(wireErrorOf(lineWith(opWith(`,"data":${nested(depth)}`))).code).toBe('bad_json')
    }
  })
})

describe('where JSON.parse does not suffice', () => {
  test('what is nested deeper than any field is ignored', () => {
    const deep = `${'{"data":['.repeat(100)}1${']}'.repeat(100)}`
    expect(decodeLine(`{"newer":${deep},"nan":NaN}`)).toEqual({ kind: 'unknown', name: 'newer' })
    expect(decodeLine(`{"token_expires_in":5,"newer":[NaN,${deep}]}`)).toMatchObject({ seconds: 5 })
  })

  test('NaN is no op id, checksum or count', () => {
    expect(wireErrorOf('{"checkpoint_complete":{"last_op_id":NaN}}').code).toBe('bad_line')
    expect(wireErrorOf('{"token_expires_in":-Infinity}').code).toBe('bad_line')
  })

  test.each([
    '',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '[1,]',
    '[1 2]',
    '{"a":1}x',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":-}',
    '{"a":-NaN}',
    '{"a":nan}',
    '{"a":Infinit}',
    '{"a":nullx}',
    "{'a':1}",
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    '{"a":"\t"}',
    '{"a":"',
    '{"a":"\\',
    '\u{feff}{}',
    '\u00a0{}',
    '{"a":[}]',
    '{"a":[[1]',
  ])('%j is refused', (text) => {
    const error = wireErrorOf(text)
    expect(error.code).toBe('bad_json')
    expect(error.offset).toBeLessThanOrEqual(text.length)
  })

  test('the offset is that of the fault', () => {
    expect(wireErrorOf('{"data":{"bucket":"b","x":[1,2,,]}}').offset).toBe(31)
  })
})

/** What a random text is made of: all of JSON, and what is almost JSON. */
const tokens = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  ' ',
  '"a"',
  '"\\n"',
  '"data"',
  '1',
  '-2.5e3',
  '0',
  'true',
  'null',
  '"',
]

function randomText(seed: number): string {
  const chance = chanceOf(seed)
  const value = (depth: number): string => {
    const list = (item: () => string) => Array.from({ length: chance.below(4) }, item).join(',')
    switch (depth > 5 ? 2 + chance.below(3) : chance.below(5)) {
      case 0:
        return `{${list(() => `"k${chance.below(5)}": ${value(depth + 1)}`)}}`
      case 1:
        return `[${list(() => value(depth + 1))} ]`
      case 2:
        return String(chance.below(1000) - 500)
      case 3:
        return JSON.stringify(String.fromCharCode(chance.below(200)))
      default:
        return ['true', 'false', 'null', '1e2'][chance.below(4)]!
    }
  }
  const text = value(0)
  if (chance.below(3) === 0) return text
  const at = chance.below(text.length + 1)
  return text.slice(0, at) + tokens[chance.below(tokens.length)] + text.slice(at + chance.below(3))
}

test('takes and refuses the texts that JSON.parse does, and reads the same values', () => {
  let refused = 0
  for (let seed = 1; seed <= 20_000; seed++) {
    const text = randomText(seed)
    let expected: { value: unknown } | null = null
    try {
      expected = { value: JSON.parse(text) }
    } catch {
      refused++
    }
    let read: { value: unknown } | null = null
    try {
      read = { value: readJson(text) }
    } catch {
      // Refused too.
    }
    expect(read === null, `seed ${seed}: ${text}`).toBe(expected === null)
    if (expected !== null && read !== null) expect(read, `seed ${seed}: ${text}`).toEqual(expected)
  }
  expect(refused).toBeGreaterThan(2000)
})

test('locates a field, or the last thing on the way to it that exists', () => {
  const text = '{"a": {"b":[10, {"c":true}]}}'
  expect(text.slice(locateInJson(text, ['a', 'b', 1, 'c']))).toBe('true}]}}')
  expect(text.slice(locateInJson(text, ['a', 'b', 1, 'x']))).toBe('{"c":true}]}}')
  expect(text.slice(locateInJson(text, ['a', 'b', 5]))).toBe('[10, {"c":true}]}}')
  expect(text.slice(locateInJson(text, ['a', 'b', 0, 'c']))).toBe('10, {"c":true}]}}')
  expect(locateInJson(text, [])).toBe(0)
})

describe('work grows linearly with the text', () => {
  /** How many characters are looked at, one by one, while `text` is decoded. */
  function looksAt(text: string): number {
    const { charCodeAt } = String.prototype
    let looks = 0
    try {
      // oxlint-disable-next-line no-extend-native
      String.prototype.charCodeAt = function (index) {
        looks++
        return charCodeAt.call(this, index)
      }
      decodeLine(text)
    } finally {
      // oxlint-disable-next-line no-extend-native
      String.prototype.charCodeAt = charCodeAt
    }
    return looks
  }

  test.each<[string, (size: number) => string]>([
    ['one long string', (size) => `"${'x'.repeat(size)}"`],
    ['one long string of escapes', (size) => `"${'\\n'.repeat(size)}"`],
    ['many spaces', (size) => `[${' '.repeat(size)}]`],
    ['many values', (size) => `[${'1,'.repeat(size)}1]`],
    ['many fields', (size) => `{${'"a":[],'.repeat(size)}"a":1}`],
    ['a long number', (size) => `[${'9'.repeat(size)}]`],
  ])('%s', (_, row) => {
    const text = (size: number) => lineWith(opWith(`,"data":{"nan":NaN,"row":${row(size)}}`))
    const small = looksAt(text(1000))
    expect(looksAt(text(8000))).toBeLessThanOrEqual(8 * small)
    expect(small).toBeLessThan(5 * text(1000).length)
  })
})

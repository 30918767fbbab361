import { describe, expect, test } from 'vitest'
import { codec, CodecError, decode, encode } from '../../src/ipc/codec.ts'

const overJson = (value: unknown) => decode(JSON.parse(JSON.stringify(encode(value))))
const overClone = (value: unknown) => decode(structuredClone(encode(value)))

const values: [string, unknown][] = [
  ['null', null],
  ['text', 'naïve \u{1F600} \u0000'],
  ['booleans', [true, false]],
  ['numbers', [0, 1.5, -1e300, 2 ** 53]],
  ['integers beyond 2^53', [2n ** 63n - 1n, -(2n ** 63n), 0n]],
  ['infinities', [Infinity, -Infinity]],
  ['NaN and negative zero', [NaN, -0]],
  ['bytes', Uint8Array.from({ length: 20_000 }, (_, i) => i % 256)],
  ['no bytes', new Uint8Array()],
  ['nested', { rows: [{ id: 'a', n: 1n, deep: [[{ at: Infinity }]] }], tables: [] }],
  ['objects that look like ours', { $: 'bigint', v: '7', also: { $: { $: 1n } } }],
  ['dangerous keys', JSON.parse('{"__proto__":{"x":1},"constructor":2}')],
]

describe.each([
  ['JSON', overJson],
  ['structured clone', overClone],
])('values survive %s', (_name, carry) => {
  test.each(values)('%s', (_kind, value) => expect(carry(value)).toEqual(value))
})

test('dangerous keys stay data', () => {
  const carried = overJson({ a: 1n, ...JSON.parse('{"__proto__":{"polluted":true}}') })
  expect(Object.getPrototypeOf(carried)).toBe(Object.prototype)
  expect(JSON.stringify(encode(JSON.parse('{"__proto__":1}')))).toBe('{"__proto__":1}')
})

test('a value without specials is not copied', () => {
  const value = { rows: [{ id: 'a', n: 1 }], tables: ['a'] }
  expect(encode(value)).toBe(value)
  expect(decode(value)).toBe(value)
})

test.each([
  ['a function', () => 1],
  ['a date', new Date()],
  ['a map', new Map()],
  ['a symbol', Symbol('x')],
])('%s has no encoding', (_kind, value) => {
  expect(() => encode({ value })).toThrow(CodecError)
})

test.each([
  { $: 'bigint', v: '1e3' },
  { $: 'bigint', v: 1 },
  { $: 'bytes', v: '%' },
  { $: 'x', v: '' },
  { $: 1 },
])('what is not well formed is refused, and as an input becomes undefined: %j', (value) => {
  expect(() => decode(value)).toThrow(CodecError)
  expect(codec.input.deserialize(value)).toBeUndefined()
})

describe('an input costs what it may, however short its message is', () => {
  const accepted = (value: unknown) => codec.input.deserialize(structuredClone(value)) !== undefined

  test('one object in many places is read only so often', () => {
    let bomb: object = {}
    for (let level = 0; level < 60; level++) bomb = { left: bomb, right: bomb }
    expect(accepted(bomb)).toBe(false)
  })

  test('an empty array of great length is refused unread', () => {
    expect(accepted(Array.from({ length: 1 }))).toBe(true)
    const sparse: unknown[] = []
    sparse.length = 2 ** 32 - 1
    expect(accepted({ params: sparse })).toBe(false)
  })

  test('one long text in many places counts each time', () => {
    const text = { text: 'x'.repeat(1_000_000) }
    expect(accepted([text, text])).toBe(true)
    expect(accepted(Array.from({ length: 100 }, () => text))).toBe(false)
  })

  test('long names count', () => {
    const named = { ['x'.repeat(1_000_000)]: 1 }
    expect(accepted(Array.from({ length: 100 }, () => named))).toBe(false)
  })

  test.each([
    ['bytes', new Uint8Array(8)],
    ['a map', new Map([['a', 1]])],
    ['a text as an object', Object('text')],
  ])('%s that did not go through the codec are refused', (_kind, value) => {
    expect(accepted({ value })).toBe(false)
  })

  test('the largest batch that the procedures take passes', () => {
    const params = Array.from({ length: 200 }, (_, i) => i)
    expect(accepted({ statements: Array.from({ length: 1000 }, () => ['INSERT', params]) })).toBe(true)
  })
})

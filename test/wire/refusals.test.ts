import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson'
import { describe, expect, test } from 'vitest'
import { decodeLine } from '../../src/wire/decode.ts'
import { WireError } from '../../src/wire/error.ts'
import type { Payload } from '../../src/wire/line.ts'
import { fieldNames } from '../../src/wire/redact.ts'
import { chanceOf } from './random.ts'
import { payloadsOf, wireErrorOf } from './wire.ts'

/** Every value in it is made of capitals and digits, no field name is. */
const secretLine = {
  data: {
    bucket: '1#SECRET["KEY 42"]',
    after: '881',
    data: [
      {
        op_id: '882',
        op: 'PUT',
        object_type: 'TABLE',
        object_id: 'ROW, {ID}: [43]',
        checksum: 987654321,
        subkey: 'SUB "KEY"',
        data: '{"COLUMN":"SECRET \\"QUOTED\\" TEXT","NUMBER":4242,"LIST":[45,{"A":"B"}]}',
      },
      {
        op_id: '883',
        op: 'PUT',
        object_type: 'TABLE',
        object_id: 'R',
        checksum: 77,
        data: { COLUMN: 'NESTED', N: 4647 },
      },
    ],
  },
}
const secrets = /[A-Z1-9\\]/

function refusalOf(payload: Payload): WireError | null {
  try {
    decodeLine(payload)
    return null
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}

describe('excerpts', () => {
  test('show the structure and field names around the offset, and mask every value', () => {
    const text = '{"data":{"bucket":"SECRET","data":[{"op_id":"7","op":"PUT","checksum":oops}]}}'
    const error = wireErrorOf(text)
    expect(error.offset).toBe(text.indexOf('oops'))
    expect(error.excerpt).toBe('ata":[{"op_id":"…","op":"…","checksum":▸_}]}}')
  })

  test('of BSON show the names of the fields around the offset', () => {
    const error = wireErrorOf(serialize({ data: { bucket: 'SECRET', data: [{ op_id: 'x', checksum: 5 }] } }))
    expect(error.excerpt).toBe('…data:…bucket:…data:▸…op_id:…checksum:')
  })

  test('never show a value, wherever a line of JSON is cut, doubled or changed', () => {
    const text = JSON.stringify(secretLine)
    for (let at = 0; at < text.length; at++) {
      const broken = [
        text.slice(0, at),
        text.slice(at),
        `${text.slice(0, at)}"${text.slice(at)}`,
        `${text.slice(0, at)}\\${text.slice(at)}`,
        `${text.slice(0, at)}}${text.slice(at + 1)}`,
      ]
      for (const line of broken) {
        const error = refusalOf(line)
        expect(error?.excerpt ?? '').not.toMatch(secrets)
        expect(error?.excerpt.length ?? 0).toBeLessThanOrEqual(80)
        expect(error?.message ?? '').not.toMatch(/SECRET|TABLE|ROW|KEY|COLUMN/)
        expect(error?.cause).toBeUndefined()
      }
    }
  })

  test('never show a value, whichever bytes of a BSON line are changed', () => {
    const bytes = serialize(secretLine)
    for (let seed = 1; seed <= 5000; seed++) {
      const chance = chanceOf(seed)
      const broken = bytes.slice()
      broken[chance.below(bytes.length)] = chance.below(256)
      const error = refusalOf(broken)
      const shown = error?.excerpt ?? ''
      const names = shown.split(/[…:▸]/).filter((name) => name !== '')
      expect(shown.length, `seed ${seed}`).toBeLessThanOrEqual(80)
      const unknown = names.filter((shownName) => !fieldNames.some((name) => name.includes(shownName)))
      expect(unknown, `seed ${seed}`).toEqual([])
      expect(error?.message ?? '', `seed ${seed}`).not.toMatch(/SECRET|TABLE|ROW|KEY|COLUMN/)
      expect(error?.cause, `seed ${seed}`).toBeUndefined()
    }
  })
})

describe('offsets', () => {
  test('a bad field of JSON is at its value, a missing one at the object that lacks it', () => {
    const text = '{"data":{"bucket":"b","data":[ {"op_id":"1","op":"MOVE","checksum":"x"}]}}'
    expect(text.slice(wireErrorOf(text).offset)).toBe('"x"}]}}')
    const without = '{"data":{"bucket":"b","data":[ {"op_id":"1","op":"MOVE"}]}}'
    expect(without.slice(wireErrorOf(without).offset)).toBe('{"op_id":"1","op":"MOVE"}]}}')
  })

  test('a bad field of BSON is at its type byte, a missing one at the document that lacks it', () => {
    const nameAt = (bytes: Uint8Array) => {
      const { offset } = wireErrorOf(bytes)
      return new TextDecoder().decode(bytes.subarray(offset + 1, bytes.indexOf(0, offset + 1)))
    }
    const op = { op_id: '1', op: 'MOVE' }
    expect(nameAt(serialize({ data: { bucket: 'b', data: [{ ...op, checksum: 'x' }] } }))).toBe('checksum')
    expect(nameAt(serialize({ data: { bucket: 'b', data: [{ ...op, checksum: 1 }, op] } }))).toBe('1')
    expect(nameAt(serialize({ data: { data: [] } }))).toBe('data')
  })
})

describe('BSON that is not BSON', () => {
  const good = payloadsOf({
    data: { bucket: 'bücket', data: [{ op_id: '1', op: 'MOVE', checksum: 1 }] },
  }).bson

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['four bytes', new Uint8Array(4)],
    ['a length beyond the bytes', good.with(0, good[0]! + 1)],
    ['a length short of the bytes', good.with(0, good[0]! - 1)],
    ['a missing final zero', good.with(good.length - 1, 1)],
    ['an unknown type', good.with(4, 0x20)],
    ['a field name that does not end', Uint8Array.of(8, 0, 0, 0, 0x0a, 0x61, 0x61, 0)],
  ])('%s', (_, bytes) => {
    expect(wireErrorOf(bytes).code).toBe('bad_bson')
  })

  test.each([-1, 0, 2 ** 31 - 1])('a string that claims %i bytes', (length) => {
    expect(wireErrorOf(stringOfLength(length)).code).toBe('bad_bson')
  })

  test.each([-1, 2 ** 31 - 1])('a length of %i is refused at its byte', (length) => {
    expect(wireErrorOf(stringOfLength(length)).offset).toBe(stringAt)
  })

  test.each(['short', 'long enough for the decoder'])('a %s string that is not UTF-8', (text) => {
    const bytes = serialize({ data: { bucket: text, data: [] } })
    const at = 4 + 6 + 4 + 8 + 4
    bytes[at + 1] = 0xff
    expect(wireErrorOf(bytes)).toMatchObject({ code: 'bad_utf8', offset: at })
  })

  test('a string that is not UTF-8 in a document too large to search has the code, not the offset', () => {
    const bytes = serialize({ data: { bucket: 'x'.repeat(5_000_000), data: [] } })
    bytes[1000] = 0xff
    expect(wireErrorOf(bytes)).toMatchObject({ code: 'bad_utf8', offset: 0 })
  })

  test.each(['a\ufffd', `${'a'.repeat(100)}\ufffd`])('a real replacement character passes', (bucket) => {
    expect(decodeLine(serialize({ data: { bucket, data: [] } }))).toMatchObject({ bucket })
  })

  test('nesting without end costs no stack, well formed or not', () => {
    const bytes = nested(200_000)
    expect(wireErrorOf(bytes).code).toBe('bad_line')
    const innermost = bytes.lastIndexOf(5)
    expect(wireErrorOf(bytes.with(innermost, 0xff)).code).toBe('bad_bson')
  })
})

/** Where the length of the only string of `stringOfLength` stands. */
const stringAt = 4 + 1 + 20 + 4 + 1 + 11

function stringOfLength(length: number): Uint8Array {
  const bytes = serialize({ checkpoint_complete: { last_op_id: 'x' } })
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(stringAt, length, true)
  return bytes
}

/** `{data: {data: … {}}}`, this deep. */
function nested(depth: number): Uint8Array {
  const bytes = new Uint8Array(5 + 11 * depth)
  const view = new DataView(bytes.buffer)
  for (let level = 0; level < depth; level++) {
    view.setInt32(level * 10, 5 + 11 * (depth - level), true)
    bytes.set([0x03, 0x64, 0x61, 0x74, 0x61, 0], level * 10 + 4)
  }
  view.setInt32(depth * 10, 5, true)
  return bytes
}

describe('BSON types that no line uses', () => {
  const types: [string, unknown][] = [
    ['date', new Date(0)],
    ['binary', new Binary(new Uint8Array(3))],
    ['object id', new ObjectId()],
    ['regular expression', /a/i],
    ['code', new Code('a')],
    ['code with scope', new Code('a', { data: 1 })],
    ['symbol', new BSONSymbol('a')],
    ['timestamp', new Timestamp({ t: 1, i: 2 })],
    ['decimal128', Decimal128.fromString('1')],
    ['min key', new MinKey()],
    ['max key', new MaxKey()],
  ]

  test.each(types)('%s: ignored in an unknown field', (_, value) => {
    const op = { op_id: '1', op: 'MOVE', checksum: 1, newer: value }
    const line = serialize({ newer: [value], data: { newer: value, bucket: 'b', data: [op] } })
    expect(decodeLine(line)).toMatchObject({ ops: [{ op: 'MOVE', opId: 1n, checksum: 1 }] })
  })

  test.each(types)('%s: refused as an op id, a checksum, a list, a line', (_, value) => {
    const op = { op_id: '1', op: 'MOVE', checksum: 1 }
    for (const line of [
      { data: value },
      { data: { bucket: 'b', data: value } },
      { data: { bucket: 'b', data: [value] } },
      { data: { bucket: 'b', data: [{ ...op, op_id: value }] } },
      { data: { bucket: 'b', data: [{ ...op, checksum: value }] } },
    ]) {
      expect(wireErrorOf(serialize(line)).code).toBe('bad_line')
    }
  })

  test('a regular expression that JavaScript does not take is refused like anything malformed', () => {
    expect(wireErrorOf(serialize({ newer: new BSONRegExp('(') })).code).toBe('bad_bson')
  })
})

describe('names of the language are only data', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then']
  const polluted = { checkpoint_complete: { last_op_id: '1' }, op_id: '5', subkey: 'polluted', checksum: 1 }

  test.each(names)('%s as a field, anywhere', (name) => {
    const hostile = JSON.parse(`{"${name}":${JSON.stringify(polluted)}}`)
    const op = { ...hostile, op: 'PUT', object_type: 't', object_id: 'r', data: '{}' }
    for (const payload of Object.values(payloadsOf(hostile))) {
      expect(decodeLine(payload)).toEqual({ kind: 'unknown', name })
    }
    const text = JSON.stringify(op).replace('{', '{"op_id":"1","checksum":2,')
    const line = `{"data":{"bucket":"b","${name}":{"after":"7"},"data":[${text}]}}`
    const nested = line.replace('"data":"{}"', '"data":{"__proto__":NaN}')
    expect(decodeLine(line)).toMatchObject({ after: null, ops: [{ opId: 1n, checksum: 2, subkey: '' }] })
    expect(decodeLine(nested)).toMatchObject({ after: null, ops: [{ opId: 1n, checksum: 2, subkey: '' }] })
    expect(decodeLine(serialize(JSON.parse(line)))).toEqual(decodeLine(line))
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('op_id')
  })

  test.each(names)('%s as a bucket, a stream, a row type, a row id', (name) => {
    const checkpoint = {
      last_op_id: '1',
      buckets: [{ bucket: name, checksum: 1 }],
      streams: [{ name }],
    }
    const op = { op_id: '1', op: 'REMOVE', object_type: name, object_id: name, subkey: name, checksum: 1 }
    for (const payload of Object.values(payloadsOf({ checkpoint }))) {
      expect(decodeLine(payload)).toMatchObject({
        checkpoint: { buckets: [{ bucket: name }], streams: [{ name }] },
      })
    }
    for (const payload of Object.values(payloadsOf({ data: { bucket: name, data: [op] } }))) {
      expect(decodeLine(payload)).toMatchObject({
        bucket: name,
        ops: [{ rowType: name, rowId: name, subkey: name }],
      })
    }
  })
})

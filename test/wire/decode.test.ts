import { Decimal128, Double, Int32, Long, serialize } from 'bson'
import { describe, expect, test } from 'vitest'
import { decodeLine } from '../../src/wire/decode.ts'
import type { SyncLine } from '../../src/wire/line.ts'
import { payloadsOf, type RawLine, wireErrorOf } from './wire.ts'

const maxOpId = 2n ** 63n - 1n

/** Both formats, which must agree. */
function decodeBoth(line: RawLine): SyncLine {
  const { ndjson, bson } = payloadsOf(line)
  const decoded = decodeLine(ndjson)
  expect(decodeLine(bson)).toEqual(decoded)
  return decoded
}

function refuseBoth(line: RawLine): { message: string; offset: number } {
  const { ndjson, bson } = payloadsOf(line)
  const error = wireErrorOf(ndjson)
  expect(error.code).toBe('bad_line')
  expect(wireErrorOf(bson)).toMatchObject({ code: 'bad_line', message: error.message })
  return error
}

const put = { op_id: '7', op: 'PUT', object_type: 't', object_id: 'r', checksum: 1, subkey: 's', data: '{}' }
const dataLine = (...ops: unknown[]) => ({ data: { bucket: 'b', data: ops } })
const bucket = { bucket: 'b', checksum: 0 }
const checkpoint = (fields: object) => ({ checkpoint: { last_op_id: '1', buckets: [], ...fields } })

describe('each kind of line', () => {
  test('checkpoint, with everything', () => {
    const line = checkpoint({
      write_checkpoint: '9007199254740993',
      buckets: [
        { bucket: '1#a[]', checksum: -5, count: 3, priority: 1, subscriptions: [{ default: 0 }, { sub: 2 }] },
      ],
      streams: [
        { name: 'a', is_default: true, errors: [{ subscription: 'default', message: 'm' }] },
        { name: 'b', is_default: false, errors: [{ subscription: 4, message: 'n' }] },
      ],
    })
    expect(decodeBoth(line)).toEqual({
      kind: 'checkpoint',
      checkpoint: {
        lastOpId: 1n,
        writeCheckpoint: 9007199254740993n,
        buckets: [
          {
            bucket: '1#a[]',
            checksum: 2 ** 32 - 5,
            count: 3,
            priority: 1,
            reasons: [{ default: 0 }, { sub: 2 }],
          },
        ],
        streams: [
          { name: 'a', isDefault: true, errors: [{ subscription: 'default', message: 'm' }] },
          { name: 'b', isDefault: false, errors: [{ subscription: 4, message: 'n' }] },
        ],
      },
    })
  })

  test.each([null, undefined])('checkpoint: what is %s has its default', (absent) => {
    const line = checkpoint({
      write_checkpoint: absent,
      buckets: [{ ...bucket, count: absent, priority: absent, subscriptions: absent }],
      streams: absent,
    })
    expect(decodeBoth(line)).toEqual({
      kind: 'checkpoint',
      checkpoint: {
        lastOpId: 1n,
        writeCheckpoint: null,
        buckets: [{ bucket: 'b', checksum: 0, count: null, priority: 3, reasons: [] }],
        streams: [],
      },
    })
  })

  test('checkpoint: reasons of unknown shapes are ignored', () => {
    const subscriptions = [{ sub: 1 }, { newer: 1 }, 'text', null, 5, [], { sub: 'x' }, { sub: -1 }]
    const line = decodeBoth(checkpoint({ buckets: [{ ...bucket, subscriptions }] }))
    expect(line).toMatchObject({ checkpoint: { buckets: [{ reasons: [{ sub: 1 }] }] } })
  })

  test.each([2147483647, 2147483648, 4294967296])(
    'priority %i, which would mean everything, is refused',
    (priority) => {
      refuseBoth(checkpoint({ buckets: [{ ...bucket, priority }] }))
      refuseBoth({ partial_checkpoint_complete: { last_op_id: '4', priority } })
    },
  )

  test.each([-1, 0, 7, 2147483646])(
    'checkpoint: priority %i passes, as a subscription may ask for it',
    (priority) => {
      const line = decodeBoth(checkpoint({ buckets: [{ ...bucket, priority }] }))
      expect(line).toMatchObject({ checkpoint: { buckets: [{ priority }] } })
    },
  )

  test('checkpoint_diff', () => {
    const line = {
      checkpoint_diff: {
        last_op_id: '5',
        write_checkpoint: 6,
        removed_buckets: ['x', '__proto__'],
        updated_buckets: [{ ...bucket, checksum: 4294967295 }],
      },
    }
    expect(decodeBoth(line)).toEqual({
      kind: 'checkpoint_diff',
      diff: {
        lastOpId: 5n,
        writeCheckpoint: 6n,
        removedBuckets: ['x', '__proto__'],
        updatedBuckets: [{ bucket: 'b', checksum: 4294967295, count: null, priority: 3, reasons: [] }],
      },
    })
  })

  test('data, with each kind of op', () => {
    const line = {
      data: {
        bucket: 'b',
        after: '1',
        next_after: '9',
        has_more: true,
        data: [
          put,
          {
            op_id: '8',
            op: 'REMOVE',
            object_type: 't',
            object_id: 'r',
            checksum: 2,
            subkey: 's',
            data: null,
          },
          { op_id: '9', op: 'MOVE', checksum: 3 },
          { op_id: '9', op: 'CLEAR', checksum: -4 },
        ],
      },
    }
    const row = { rowType: 't', rowId: 'r', subkey: 's' }
    expect(decodeBoth(line)).toEqual({
      kind: 'data',
      bucket: 'b',
      hasMore: true,
      after: 1n,
      nextAfter: 9n,
      ops: [
        { op: 'PUT', opId: 7n, ...row, checksum: 1, data: '{}' },
        { op: 'REMOVE', opId: 8n, ...row, checksum: 2 },
        { op: 'MOVE', opId: 9n, checksum: 3 },
        { op: 'CLEAR', opId: 9n, checksum: 2 ** 32 - 4 },
      ],
    })
  })

  test.each([null, undefined])('data: what is %s has its default', (absent) => {
    const line = {
      data: {
        bucket: 'b',
        after: absent,
        next_after: absent,
        has_more: absent,
        data: [{ ...put, subkey: absent }],
      },
    }
    expect(decodeBoth(line)).toMatchObject({
      hasMore: false,
      after: null,
      nextAfter: null,
      ops: [{ subkey: '' }],
    })
  })

  test('data without ops', () => {
    expect(decodeBoth(dataLine())).toMatchObject({ kind: 'data', ops: [] })
  })

  test('partial_checkpoint_complete and checkpoint_complete', () => {
    expect(decodeBoth({ partial_checkpoint_complete: { last_op_id: '4', priority: 2 } })).toEqual({
      kind: 'partial_checkpoint_complete',
      lastOpId: 4n,
      priority: 2,
    })
    expect(decodeBoth({ checkpoint_complete: { last_op_id: String(maxOpId) } })).toEqual({
      kind: 'checkpoint_complete',
      lastOpId: maxOpId,
    })
  })

  test.each([3600, 0, -20])('token_expires_in %i', (seconds) => {
    expect(decodeBoth({ token_expires_in: seconds })).toEqual({ kind: 'token_expires_in', seconds })
  })

  test('an unknown line, with its name cut to 64 characters', () => {
    expect(decodeBoth({ newer: { last_op_id: [] } })).toEqual({ kind: 'unknown', name: 'newer' })
    expect(decodeBoth({ ['x'.repeat(100)]: 1 })).toEqual({ kind: 'unknown', name: 'x'.repeat(64) })
    expect(decodeBoth({ name: 1 })).toEqual({ kind: 'unknown', name: 'name' })
  })

  test('an empty object is an unknown line without a name', () => {
    expect(decodeBoth({})).toEqual({ kind: 'unknown', name: '' })
  })

  test('unknown fields are ignored everywhere', () => {
    const more = { newer: { last_op_id: ['deep', { data: 5 }] }, other: null }
    const line = {
      newer: more,
      checkpoint: {
        ...more,
        last_op_id: '1',
        buckets: [{ ...more, ...bucket }],
        streams: [{ ...more, name: 's', errors: [{ ...more, subscription: 0, message: 'm' }] }],
      },
    }
    expect(decodeBoth(line)).toEqual(
      decodeBoth(
        checkpoint({
          buckets: [bucket],
          streams: [{ name: 's', errors: [{ subscription: 0, message: 'm' }] }],
        }),
      ),
    )
    expect(decodeBoth(dataLine({ ...more, ...put }))).toEqual(decodeBoth(dataLine(put)))
  })
})

describe('op ids', () => {
  test.each(['0', '1', '007', '999999999999999', '9007199254740993', String(maxOpId)])(
    'decimal text %s is exact',
    (text) => {
      expect(decodeBoth({ checkpoint_complete: { last_op_id: text } })).toMatchObject({
        lastOpId: BigInt(text),
      })
    },
  )

  test.each(['0', '123', '9007199254740991', '9007199254740993', String(maxOpId)])(
    'JSON number %s is exact',
    (text) => {
      const line = `{"checkpoint_complete":{"last_op_id":${text}}}`
      expect(decodeLine(line)).toMatchObject({ lastOpId: BigInt(text) })
      const ops = `{"data":{"bucket":"b","data":[{"op_id":${text},"op":"MOVE","checksum":1}]}}`
      expect(decodeLine(ops)).toMatchObject({ ops: [{ opId: BigInt(text) }] })
    },
  )

  test.each([
    ['int32', new Int32(123), 123n],
    ['int64', Long.fromBigInt(maxOpId), maxOpId],
    ['double', new Double(123), 123n],
    ['double beyond 2^53', new Double(2 ** 60), 2n ** 60n],
  ])('BSON %s is exact', (_, value, opId) => {
    const line = serialize({ checkpoint_complete: { last_op_id: value } })
    expect(decodeLine(line)).toMatchObject({ lastOpId: opId })
  })

  test.each(['', '-1', '+1', '1.0', '1e3', ' 1', '0x1', '٣', String(maxOpId + 1n), '1'.repeat(40)])(
    'text "%s" is refused',
    (text) => {
      refuseBoth({ checkpoint_complete: { last_op_id: text } })
    },
  )

  test.each(['-1', '1.5', '9223372036854775808', '1e19', '1e400', `1${'0'.repeat(400)}`, 'true', '[]', '{}'])(
    'JSON %s is refused',
    (text) => {
      expect(wireErrorOf(`{"checkpoint_complete":{"last_op_id":${text}}}`).code).toBe('bad_line')
    },
  )

  test.each([-1, 1.5, 2 ** 63, Number.NaN, Number.POSITIVE_INFINITY])(
    'BSON double %d is refused',
    (value) => {
      const line = serialize({ checkpoint_complete: { last_op_id: new Double(value) } })
      expect(wireErrorOf(line).code).toBe('bad_line')
    },
  )

  test('BSON int64 below zero and decimal128 are refused', () => {
    for (const value of [Long.fromInt(-1), Decimal128.fromString('1')]) {
      expect(wireErrorOf(serialize({ checkpoint_complete: { last_op_id: value } })).code).toBe('bad_line')
      const optional = checkpoint({ write_checkpoint: value })
      expect(wireErrorOf(serialize(optional)).code).toBe('bad_line')
    }
  })
})

describe('checksums are taken modulo 2^32, unsigned', () => {
  test.each([
    ['-1', 4294967295],
    ['-2147483648', 2147483648],
    ['4294967295', 4294967295],
    ['4294967296', 0],
    ['-0', 0],
    ['3.0', 3],
    ['-9007199254740993', 4294967295],
    ['18446744073709551615', 4294967295],
  ])('JSON %s', (text, checksum) => {
    const line = decodeLine(`{"data":{"bucket":"b","data":[{"op_id":"1","op":"CLEAR","checksum":${text}}]}}`)
    expect(line).toMatchObject({ ops: [{ checksum }] })
  })

  test.each([
    ['int32', new Int32(-1), 4294967295],
    ['double', new Double(3342723849), 3342723849],
    ['negative double', new Double(-2), 4294967294],
    ['int64', Long.fromBigInt(-(2n ** 62n) - 1n), 4294967295],
  ])('BSON %s', (_, value, checksum) => {
    const line = decodeLine(serialize(checkpoint({ buckets: [{ ...bucket, checksum: value }] })))
    expect(line).toMatchObject({ checkpoint: { buckets: [{ checksum }] } })
  })

  test.each([null, undefined, '5', 1.5, true])('%s is refused, for a bucket and for an op', (checksum) => {
    refuseBoth(checkpoint({ buckets: [{ ...bucket, checksum }] }))
    expect(refuseBoth(dataLine({ ...put, checksum })).message).toContain('op 7')
  })
})

describe('rows', () => {
  test.each(['{"a":1}', '', 'not JSON at all', '{"n":12345678901234567890,"x":NaN}', '"é😀\u2028\\ud83d"'])(
    'data that is text is kept as it is: %s',
    (data) => {
      expect(decodeBoth(dataLine({ ...put, data }))).toMatchObject({ ops: [{ data }] })
    },
  )

  test.each([
    ['PUT', 'data', null],
    ['PUT', 'data', undefined],
    ['PUT', 'data', 5],
    ['PUT', 'data', true],
    ['PUT', 'object_type', null],
    ['PUT', 'object_type', 5],
    ['PUT', 'object_id', undefined],
    ['PUT', 'subkey', 5],
    ['REMOVE', 'object_type', undefined],
    ['REMOVE', 'object_id', null],
  ])('a %s whose %s is %s is refused by its op id', (op, field, value) => {
    const error = refuseBoth(dataLine(put, { ...put, op, op_id: '12', [field]: value }))
    expect(error.message).toContain('op 12 ')
    expect(error.message).toContain(`data.data.1.${field}`)
  })

  test('an op of an unknown kind is refused: its row would be missing without a trace', () => {
    expect(refuseBoth(dataLine({ ...put, op: 'MERGE' })).message).toContain('op 7')
    refuseBoth(dataLine({ ...put, op: undefined }))
  })

  test('MOVE and CLEAR need no row', () => {
    for (const op of ['MOVE', 'CLEAR']) decodeBoth(dataLine({ op_id: '1', op, checksum: 0 }))
  })

  test('a BSON row that is a document is refused: it has no source text', () => {
    expect(wireErrorOf(serialize(dataLine({ ...put, data: { a: 1 } }))).message).toContain('op 7')
  })
})

describe('known fields of the wrong type are refused', () => {
  test.each<[string, RawLine]>([
    ['checkpoint null', { checkpoint: null }],
    ['checkpoint list', { checkpoint: [] }],
    ['checkpoint without buckets', { checkpoint: { last_op_id: '1' } }],
    ['checkpoint without last_op_id', { checkpoint: { buckets: [] } }],
    ['buckets object', checkpoint({ buckets: {} })],
    ['bucket null', checkpoint({ buckets: [null] })],
    ['bucket without name', checkpoint({ buckets: [{ checksum: 0 }] })],
    ['count fraction', checkpoint({ buckets: [{ ...bucket, count: 1.5 }] })],
    ['count text', checkpoint({ buckets: [{ ...bucket, count: '1' }] })],
    ['priority text', checkpoint({ buckets: [{ ...bucket, priority: '1' }] })],
    ['reasons object', checkpoint({ buckets: [{ ...bucket, subscriptions: {} }] })],
    ['streams object', checkpoint({ streams: {} })],
    ['stream without name', checkpoint({ streams: [{ is_default: true }] })],
    ['is_default number', checkpoint({ streams: [{ name: 's', is_default: 1 }] })],
    ['error without subscription', checkpoint({ streams: [{ name: 's', errors: [{ message: 'm' }] }] })],
    ['error without message', checkpoint({ streams: [{ name: 's', errors: [{ subscription: 1 }] }] })],
    ['write_checkpoint fraction', checkpoint({ write_checkpoint: 1.5 })],
    ['write_checkpoint object', checkpoint({ write_checkpoint: {} })],
    ['diff without removed_buckets', { checkpoint_diff: { last_op_id: '1', updated_buckets: [] } }],
    [
      'removed bucket number',
      { checkpoint_diff: { last_op_id: '1', updated_buckets: [], removed_buckets: [1] } },
    ],
    ['data text', { data: 'x' }],
    ['data without bucket', { data: { data: [] } }],
    ['data without ops', { data: { bucket: 'b' } }],
    ['op null', dataLine(null)],
    ['op list', dataLine([])],
    ['op without op id', dataLine({ ...put, op_id: undefined })],
    ['has_more number', { data: { bucket: 'b', data: [], has_more: 1 } }],
    ['partial without priority', { partial_checkpoint_complete: { last_op_id: '1' } }],
    ['complete text', { checkpoint_complete: '1' }],
    ['token_expires_in text', { token_expires_in: '5' }],
    ['token_expires_in fraction', { token_expires_in: 1.5 }],
    ['token_expires_in beyond 2^53', { token_expires_in: 2 ** 53 }],
    ['token_expires_in null', { token_expires_in: null }],
  ])('%s', (_, line) => {
    refuseBoth(line)
  })

  test.each(['[]', '[{"checkpoint":1}]', '"text"', '5', 'null', 'true', 'NaN'])(
    'a line that is %s and not an object',
    (text) => {
      expect(wireErrorOf(text)).toMatchObject({ code: 'bad_line', offset: 0 })
    },
  )
})

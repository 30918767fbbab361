import { serialize } from 'bson'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WireError } from '../../src/wire/error.ts'
import { createFramer, defaultMaxLineBytes, type FramerOptions } from '../../src/wire/framing.ts'
import type { StreamFormat } from '../../src/wire/framing.ts'
import type { Payload } from '../../src/wire/line.ts'
import { chanceOf, cutAtRandom } from './random.ts'

const utf8 = new TextEncoder()

function frame(format: StreamFormat, chunks: readonly Uint8Array[], options?: FramerOptions): Payload[] {
  const framer = createFramer(format, options)
  return [...chunks.flatMap((chunk) => framer.push(chunk)), ...framer.end()]
}

function wireErrorOf(act: () => unknown): WireError {
  try {
    act()
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const lines = ['{"a":"é€😀"}', '\u{feff}{"bom":1}', 'a\rb', '{"separator":"\u2028"}', ' ', '{"last":"ß"}']
const text = `\n${lines[0]}\r\n\r\n\n${lines.slice(1).join('\n')}`

const documents = [{}, { a: 'é€😀' }, { zeros: new Uint8Array(9) }, { n: 1.5, deep: { list: [1, 'x'] } }].map(
  (document) => new Uint8Array(serialize(document)),
)

const streams = [
  { format: 'ndjson', bytes: utf8.encode(text), payloads: lines },
  { format: 'bson', bytes: Uint8Array.from(documents.flatMap((bytes) => [...bytes])), payloads: documents },
] as const

describe.each(streams)('a $format stream', ({ format, bytes, payloads }) => {
  test('gives the same payloads cut in two at any byte', () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(frame(format, [bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).toEqual(payloads)
    }
  })

  test('gives the same payloads cut in three at any two bytes', () => {
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
        expect(frame(format, chunks), `cut at ${first} and ${second}`).toEqual(payloads)
      }
    }
  })

  test('gives the same payloads byte by byte and cut at random', () => {
    expect(
      frame(
        format,
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(payloads)
    for (let seed = 1; seed <= 50; seed++) {
      expect(frame(format, cutAtRandom(bytes, chanceOf(seed), 4)), `seed ${seed}`).toEqual(payloads)
    }
  })

  test('gives each payload as soon as its last byte is here', () => {
    const framer = createFramer(format)
    const early = Array.from(bytes, (byte) => framer.push(Uint8Array.of(byte))).flat()
    expect(early).toHaveLength(format === 'ndjson' ? payloads.length - 1 : payloads.length)
  })

  test('gives payloads that do not change when the chunk is written over', () => {
    const framer = createFramer(format)
    const chunk = bytes.slice()
    const early = framer.push(chunk)
    chunk.fill(0)
    expect([...early, ...framer.end()]).toEqual(payloads)
  })

  test('is empty when nothing came', () => {
    expect(frame(format, [])).toEqual([])
    expect(frame(format, [new Uint8Array(0)])).toEqual([])
  })
})

describe('limits', () => {
  test('the default is 32 MiB', () => {
    expect(defaultMaxLineBytes).toBe(32 * 1024 * 1024)
  })

  test.each([1, 3, 1000])(
    'a text line may have exactly as many bytes as the limit, in chunks of %i',
    (size) => {
      const pieces = (bytes: Uint8Array) =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, i * size + size),
        )
      const options = { maxLineBytes: 10 }
      expect(frame('ndjson', pieces(utf8.encode('0123456789\n0123456789')), options)).toHaveLength(2)
      const error = wireErrorOf(() => frame('ndjson', pieces(utf8.encode('ab\n0123456789A\n')), options))
      expect(error).toMatchObject({ code: 'line_too_long', offset: 13 })
    },
  )

  test('a document may have exactly as many bytes as the limit', () => {
    const bytes = new Uint8Array(serialize({ a: 'x'.repeat(20) }))
    expect(frame('bson', [bytes], { maxLineBytes: bytes.length })).toEqual([bytes])
    const error = wireErrorOf(() => frame('bson', [bytes], { maxLineBytes: bytes.length - 1 }))
    expect(error).toMatchObject({ code: 'line_too_long', offset: 0 })
  })

  test.each([
    ['negative', -1, 'bad_length'],
    ['the smallest int32', -(2 ** 31), 'bad_length'],
    ['zero', 0, 'bad_length'],
    ['4, less than any document', 4, 'bad_length'],
    ['one over the limit', defaultMaxLineBytes + 1, 'line_too_long'],
    ['the largest int32', 2 ** 31 - 1, 'line_too_long'],
  ])('a BSON length that is %s is refused, at its offset', (_, length, code) => {
    const header = new Uint8Array(4)
    new DataView(header.buffer).setInt32(0, length, true)
    const framer = createFramer('bson')
    expect(framer.push(documents[0]!)).toHaveLength(1)
    framer.push(header.subarray(0, 3))
    expect(wireErrorOf(() => framer.push(header.subarray(3)))).toMatchObject({ code, offset: 5 })
  })
})

describe('work', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  /** Counts the bytes that go through copying and searching while `act` runs. */
  function workOf(act: () => void): { copied: number; searched: number; allocated: number } {
    const work = { copied: 0, searched: 0, allocated: 0 }
    const prototype: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype)
    const { set, indexOf, slice } = prototype
    vi.stubGlobal(
      'Uint8Array',
      new Proxy(Uint8Array, {
        construct(target, [size]) {
          if (typeof size === 'number') work.allocated += size
          return new target(size)
        },
      }),
    )
    try {
      prototype.set = function (this: Uint8Array, source: Uint8Array, at) {
        work.copied += source.length
        set.call(this, source, at)
      }
      prototype.slice = function (this: Uint8Array, from, to) {
        const copy = slice.call(this, from, to)
        work.copied += copy.length
        return copy as never
      }
      prototype.indexOf = function (this: Uint8Array, wanted, from = 0) {
        const found = indexOf.call(this, wanted, from)
        work.searched += (found < 0 ? this.length : found + 1) - from
        return found
      }
      act()
    } finally {
      Object.assign(prototype, { set, slice, indexOf })
      vi.unstubAllGlobals()
    }
    return work
  }

  const length = 100_000
  const longLine = utf8.encode(`"${'x'.repeat(length - 3)}"\n`)
  const longDocument = new Uint8Array(serialize({ a: 'x'.repeat(length - 13) }))

  test.each([
    ['ndjson', longLine],
    ['bson', longDocument],
  ] as const)('each byte of a %s line is copied at most three times, byte by byte', (format, bytes) => {
    expect(bytes).toHaveLength(length)
    let payloads = 0
    const work = workOf(() => {
      const framer = createFramer(format)
      for (let at = 0; at < length; at++) payloads += framer.push(bytes.subarray(at, at + 1)).length
    })
    expect(payloads).toBe(1)
    expect(work.copied).toBeLessThanOrEqual(3 * length)
    expect(work.searched).toBeLessThanOrEqual(length)
  })

  test('lines that stand in one chunk are searched once and not copied', () => {
    const chunk = utf8.encode('{"a":1}\n'.repeat(1000))
    const work = workOf(() => createFramer('ndjson').push(chunk))
    expect(work).toEqual({ copied: 0, searched: chunk.length, allocated: 0 })
  })

  test('an over-long line is refused before room is made for it', () => {
    const chunk = new Uint8Array(10_000_000).fill(0x61)
    const work = workOf(() => {
      const framer = createFramer('ndjson', { maxLineBytes: 1000 })
      framer.push(chunk.subarray(0, 10))
      expect(() => framer.push(chunk)).toThrow(WireError)
    })
    expect(work.copied).toBe(10)
    expect(work.allocated).toBeLessThan(10_000)
  })

  test('a document over the limit is refused before room is made for it', () => {
    const work = workOf(() => {
      const framer = createFramer('bson')
      expect(() => framer.push(Uint8Array.of(0xff, 0xff, 0xff, 0x7f, 1, 2, 3))).toThrow(WireError)
    })
    expect(work.allocated).toBeLessThan(100)
  })
})

describe('faults', () => {
  test.each([
    ['a byte that UTF-8 never has', [0x7b, 0xff, 0x7d, 0x0a], 1],
    ['a continuation byte without its beginning', [0x61, 0x62, 0x80, 0x0a], 2],
    ['a character cut off by the newline', [0x61, 0xe2, 0x82, 0x0a], 3],
    ['an encoded surrogate', [0xed, 0xa0, 0x80, 0x0a], 1],
    ['an overlong zero', [0xc0, 0x80, 0x0a], 0],
  ])('%s is refused at its byte', (_, bytes, at) => {
    for (const chunks of [[Uint8Array.from(bytes)], bytes.map((byte) => Uint8Array.of(byte))]) {
      const error = wireErrorOf(() => frame('ndjson', [utf8.encode('{"é":1}\n'), ...chunks]))
      expect(error).toMatchObject({ code: 'bad_utf8', offset: 9 + at })
    }
  })

  test('a character cut off by the end of the stream is refused at the end', () => {
    const framer = createFramer('ndjson')
    framer.push(Uint8Array.of(0x61, 0xf0, 0x9f))
    expect(wireErrorOf(() => framer.end())).toMatchObject({ code: 'bad_utf8', offset: 3 })
  })

  test('a document that the stream ends in is truncated, wherever it ends', () => {
    const bytes = documents[1]!
    for (let length = 1; length < bytes.length; length++) {
      const error = wireErrorOf(() => frame('bson', [documents[0]!, bytes.subarray(0, length)]))
      expect(error).toMatchObject({ code: 'truncated', offset: 5 + length })
    }
  })

  test.each([
    ['ndjson', Uint8Array.of(0xff, 0x0a), utf8.encode('{}\n')],
    ['bson', new Uint8Array(4), documents[0]!],
  ] as const)('a %s framer that failed throws the same error again', (format, bad, good) => {
    const framer = createFramer(format)
    const error = wireErrorOf(() => framer.push(bad))
    expect(wireErrorOf(() => framer.push(good))).toBe(error)
    expect(wireErrorOf(() => framer.end())).toBe(error)
  })

  test('excerpts of framing faults show no content', () => {
    const row = utf8.encode('{"data":{"bucket":"SECRET","data":[{"op_id":"777","data":"{SECRET:[777]}')
    const invalid = wireErrorOf(() => frame('ndjson', [row, Uint8Array.of(0xff)]))
    expect(invalid.excerpt).toBe('ucket":"…","data":[{"op_id":"…","data":▸"…"')
    const long = wireErrorOf(() => frame('ndjson', [row], { maxLineBytes: 30 }))
    expect(long.excerpt).toMatch(/^▸\{"data":\{"bucket":"…"/)
    const document = serialize({ data: { bucket: 'SECRET', data: [{ op_id: '777', data: 'SECRET' }] } })
    const cut = wireErrorOf(() => frame('bson', [document.subarray(0, -20)]))
    expect(cut.excerpt).toBe('…data:…bucket:…data:…op_id:▸')
  })
})

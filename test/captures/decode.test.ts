/**
 * Every recording of a real service decodes, and nothing of it is lost: each line, written down again from
 * what was decoded, equals what a general parser reads.
 */

import { deserialize, serialize } from 'bson'
import { describe, expect, test } from 'vitest'
import { decodeLine } from '../../src/wire/decode.ts'
import { createFramer, type StreamFormat } from '../../src/wire/framing.ts'
import type { Op, Payload, SyncLine } from '../../src/wire/line.ts'
import { chanceOf, cutAtRandom } from '../wire/random.ts'
import { type RawLine, rawLineOf } from '../wire/wire.ts'
import { type Capture, loadCaptures } from './load.ts'

const captures = loadCaptures()
const streams = captures.filter((capture) => capture.format !== null)

/** The response was reset in the middle of a line. */
const cutOff = new Set(['91-buckets-32767.ed3.ndjson'])
/** Without `raw_data: true` in the request, rows are nested in the line, and some hold bare NaN. */
const nestedRows = new Set([
  '18-values-legacy-nested-json.ed3.ndjson',
  '86-http-empty-object.ed3',
  '86-http-wrong-content-type.ed3',
])
/** Recorded at different moments or with other subscriptions, so the lines of the two formats differ. */
const apart = new Set([
  '21-priorities-partial-complete.ed3',
  '51-write-checkpoint2-arrival.ed3',
  '52-write-checkpoint-on-reconnect.ed3',
  '62-checkpoint-request-arrival.ed3',
  '70-compression.gzip.ed3',
  '80-keepalive-75s.ed3',
  '82-token-30s.ed3',
  '90-buckets-1k.ed3',
])

function payloadsOf({ name, format, stream }: Capture): Payload[] {
  const framer = createFramer(format as StreamFormat)
  const payloads = framer.push(stream())
  return cutOff.has(name) ? payloads : [...payloads, ...framer.end()]
}

/** What a parser that knows nothing of lines reads, checksums unsigned. */
function parseGenerally(payload: Payload): RawLine {
  const line = typeof payload === 'string' ? JSON.parse(payload) : deserialize(payload, { useBigInt64: true })
  for (const list of [line.checkpoint?.buckets, line.checkpoint_diff?.updated_buckets, line.data?.data]) {
    for (const entry of list ?? []) entry.checksum >>>= 0
  }
  return line
}

test('the recordings are there', () => {
  expect(streams.length).toBeGreaterThanOrEqual(80)
  expect(streams.some(({ format }) => format === 'bson')).toBe(true)
})

describe.each(streams.map((capture) => [capture.name, capture] as const))('%s', (name, capture) => {
  const payloads = payloadsOf(capture)
  const lines = payloads.map(decodeLine)

  test('holds lines of known kinds, the first of them a checkpoint', () => {
    expect(lines.filter(({ kind }) => kind === 'unknown')).toEqual([])
    if (!cutOff.has(name) && !name.startsWith('83-')) expect(lines[0]?.kind).toBe('checkpoint')
  })

  test.skipIf(nestedRows.has(name))('loses nothing', () => {
    for (const [index, line] of lines.entries()) {
      expect(rawLineOf(line), `line ${index}`).toEqual(parseGenerally(payloads[index]!))
    }
  })

  test('gives the same payloads cut at random bytes', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const framer = createFramer(capture.format as StreamFormat)
      const pieces = cutAtRandom(capture.stream(), chanceOf(seed), [7, 100, 20_000][seed - 1]!)
      const again = pieces.flatMap((piece) => framer.push(piece))
      if (!cutOff.has(name)) again.push(...framer.end())
      expect(again.length, `seed ${seed}`).toBe(payloads.length)
      again.forEach((payload, index) => {
        const same =
          typeof payload === 'string'
            ? payload === payloads[index]
            : Buffer.compare(payload, payloads[index] as Uint8Array) === 0
        if (!same) expect.fail(`seed ${seed}: payload ${index} differs`)
      })
    }
  })

  test.skipIf(nestedRows.has(name))('decodes to the same lines when written in the other format', () => {
    for (const [index, payload] of payloads.entries()) {
      const other =
        typeof payload === 'string'
          ? serialize(JSON.parse(payload), { checkKeys: false })
          : JSON.stringify(deserialize(payload))
      expect(decodeLine(other), `line ${index}`).toEqual(lines[index])
    }
  })
})

test('a stream that was reset keeps its beginning, and the cut line never comes out as a line', () => {
  const capture = streams.find(({ name }) => cutOff.has(name))!
  const framer = createFramer('ndjson')
  expect(framer.push(capture.stream())).toEqual([])
  expect(() => framer.end().map(decodeLine)).toThrow(expect.objectContaining({ code: 'bad_json' }))
})

describe.each([...nestedRows])('the nested rows of %s', (name) => {
  const payloads = payloadsOf(streams.find((capture) => capture.name === name)!) as string[]

  test('are exact: the line can be put together again from its parts', () => {
    let rows = 0
    for (const text of payloads) {
      const line = decodeLine(text)
      if (line.kind !== 'data') continue
      rows += line.ops.length
      const raw = JSON.stringify(rawLineOf(line))
      const nested = line.ops.map((op) => (op.op === 'PUT' ? op.data : 'null'))
      const again = raw.replace(/"data":("(?:[^"\\]|\\.)*"|null)(?=\})/g, () => `"data":${nested.shift()}`)
      expect(again).toBe(text)
    }
    expect(rows).toBeGreaterThan(0)
  })
})

test('18-values-legacy has rows that JSON.parse refuses', () => {
  const capture = streams.find(({ name }) => name.startsWith('18-'))!
  const text = new TextDecoder().decode(capture.stream())
  for (const word of ['NaN', 'Infinity', '-Infinity']) expect(text).toMatch(new RegExp(`:${word}[,}]`))
  expect(() => text.split('\n').map((line) => line && JSON.parse(line))).toThrow(SyntaxError)
})

describe('recordings of the same request in both formats', () => {
  const byName = new Map(streams.map((capture) => [capture.name, capture]))
  const pairs = streams.flatMap((bson) => {
    const text = byName.get(bson.name.replace(/\.bson$/, '.ndjson'))
    return bson.name.endsWith('.bson') && text !== undefined
      ? [
          [
            bson.name.slice(0, -5),
            payloadsOf(bson).map(decodeLine),
            payloadsOf(text).map(decodeLine),
          ] as const,
        ]
      : []
  })

  test('there are pairs of both sorts', () => {
    expect(pairs.filter(([name]) => apart.has(name)).length).toBeGreaterThanOrEqual(5)
    expect(pairs.filter(([name]) => !apart.has(name)).length).toBeGreaterThanOrEqual(20)
  })

  test.each(pairs)('%s: equal lines, or at least equal ops where recorded apart', (name, bson, ndjson) => {
    if (!apart.has(name)) return expect(bson).toEqual(ndjson)
    const inText = opsByPosition(ndjson)
    const shared = [...opsByPosition(bson)].filter(([position]) => inText.has(position))
    expect(shared.length).toBeGreaterThan(0)
    for (const [position, op] of shared) expect(op, position).toEqual(inText.get(position))
  })
})

function opsByPosition(lines: readonly SyncLine[]): Map<string, Op> {
  return new Map(
    lines.flatMap((line) =>
      line.kind === 'data' ? line.ops.map((op) => [`${line.bucket} ${op.opId}`, op] as const) : [],
    ),
  )
}

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync, constants } from 'node:zlib'
import { expect, test } from 'vitest'
import { copyFolder, loadCaptures } from './load.ts'

const captures = loadCaptures()
const copied = loadCaptures(copyFolder)

function sizeOf(path: string): number {
  return statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : statSync(path).size
}

test('the copy in this repository is at most 5 MB', () => {
  expect(sizeOf(copyFolder)).toBeLessThanOrEqual(5_000_000)
})

test('the copy has each sort of recording that tests rely on', () => {
  const names = copied.map(({ name }) => name)
  const prefixes =
    '01 08 11 17 18 21 30 31 32 35 40 41 42 43 44 51 58 70 72 80 81 85 86 87 88 90 91 94 95 96 97'
  for (const prefix of prefixes.split(' ')) {
    expect(names.filter((name) => name.startsWith(prefix)).length, prefix).toBeGreaterThan(0)
  }
  expect(names).toContain('90-buckets-10k-resume.ed3.ndjson')
  expect(names).toContain('90-buckets-1k.ed3.ndjson')
})

test('every recording of the copy is what the larger set has', () => {
  const byName = new Map(captures.map((capture) => [capture.name, capture]))
  for (const copy of copied) {
    const { stream, compressed, ...data } = copy
    const original = byName.get(copy.name)!
    expect(original).toMatchObject(data)
    expect(Buffer.compare(original.stream(), stream()), copy.name).toBe(0)
    expect(original.compressed(), copy.name).toEqual(compressed())
  }
})

test('a stream answers with 200 and bytes, anything else with its body', () => {
  for (const { name, format, status, responseBody, stream } of copied) {
    if (format !== null)
      expect([name, status, stream().length > 0, responseBody]).toEqual([name, 200, true, ''])
    else expect([name, stream().length]).toEqual([name, 0])
  }
  const missing = copied.find(({ name }) => name === '85-token-missing.ed3')!
  expect(missing.status).toBe(401)
  expect(JSON.parse(missing.responseBody)).toMatchObject({ error: { code: 'PSYNC_S2106' } })
  const packed = copied.find(({ name }) => name === '87-limit-too-many-parameter-results-gzip.tmp')!
  expect(JSON.parse(packed.responseBody)).toMatchObject({ error: { code: 'PSYNC_S2305' } })
})

test('compressed bytes unpack to the stream, also without a proper end', () => {
  const packed = copied.filter(({ format, compressed }) => format !== null && compressed() !== null)
  expect(new Set(packed.map(({ compressed }) => compressed()?.encoding))).toEqual(new Set(['gzip', 'zstd']))
  for (const { name, compressed, stream } of packed) {
    const { encoding, bytes } = compressed()!
    const whole =
      encoding === 'gzip'
        ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
        : zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush })
    expect(Buffer.compare(whole, stream()), name).toBe(0)
  }
})

test('events and the end of each response are known', () => {
  for (const { name, events, ended } of copied) {
    expect(events.length, name).toBeGreaterThan(0)
    expect(ended, name).not.toBe('')
  }
})

/**
 * Lines of real captures, damaged at random: whatever arrives, the decoder answers with a line or a WireError,
 * and a framer and decoder together never lose their footing. A failure names its seed.
 */

import { expect, test } from 'vitest'
import { decodeLine } from '../../src/wire/decode.ts'
import { WireError } from '../../src/wire/error.ts'
import { createFramer } from '../../src/wire/framing.ts'
import type { StreamFormat } from '../../src/wire/framing.ts'
import type { Payload } from '../../src/wire/line.ts'
import { loadCaptures } from '../captures/load.ts'
import { type Chance, chanceOf, cutAtRandom } from './random.ts'

const streams = loadCaptures()
  .filter(({ format }) => format !== null)
  .map((capture) => ({ format: capture.format as StreamFormat, bytes: capture.stream() }))
  .filter(({ bytes }) => bytes.length < 40_000)

const payloads: Payload[] = streams.flatMap(({ format, bytes }) => createFramer(format).push(bytes))

/** Decodes or refuses; anything else is a failure. */
function decodeOrRefuse(payload: Payload, seed: number): void {
  try {
    decodeLine(payload)
  } catch (error) {
    if (!(error instanceof WireError)) throw new Error(`seed ${seed}`, { cause: error })
    const length = typeof payload === 'string' ? payload.length : payload.byteLength
    expect(error.offset, `seed ${seed}`).toBeGreaterThanOrEqual(0)
    expect(error.offset, `seed ${seed}`).toBeLessThanOrEqual(length)
    expect(error.excerpt.length, `seed ${seed}`).toBeLessThanOrEqual(80)
  }
}

function damageText(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1)
  const other = chance.below(text.length + 1)
  switch (chance.below(5)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + chance.below(20))
    case 2:
      return text.slice(0, at) + text.slice(other, other + 30) + text.slice(at)
    case 3:
      return text.slice(0, at) + String.fromCharCode(chance.below(0x3000)) + text.slice(at + 1)
    default:
      return text.slice(0, at) + '{}[]:,"\\-0eN'.charAt(chance.below(12)) + text.slice(at + chance.below(2))
  }
}

function damageBytes(bytes: Uint8Array, chance: Chance): Uint8Array {
  const damaged = bytes.slice()
  const at = chance.below(bytes.length)
  switch (chance.below(4)) {
    case 0:
      return damaged.subarray(0, at)
    case 1:
      damaged.copyWithin(at, chance.below(bytes.length), chance.below(bytes.length))
      return damaged
    default:
      for (let i = 0; i <= chance.below(3); i++) damaged[chance.below(bytes.length)] = chance.below(256)
      return damaged
  }
}

test('a damaged line is decoded or refused, never anything else', () => {
  expect(payloads.length).toBeGreaterThan(500)
  for (let seed = 1; seed <= 20_000; seed++) {
    const chance = chanceOf(seed)
    const payload = payloads[chance.below(payloads.length)]!
    decodeOrRefuse(
      typeof payload === 'string' ? damageText(payload, chance) : damageBytes(payload, chance),
      seed,
    )
  }
})

test('a damaged stream is framed and decoded or refused, in any chunks', () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const chance = chanceOf(seed)
    const { format, bytes } = streams[chance.below(streams.length)]!
    const framer = createFramer(format, { maxLineBytes: 30_000 })
    try {
      for (const chunk of cutAtRandom(damageBytes(bytes, chance), chance, 2000)) {
        for (const payload of framer.push(chunk)) decodeOrRefuse(payload, seed)
      }
      for (const payload of framer.end()) decodeOrRefuse(payload, seed)
    } catch (error) {
      if (!(error instanceof WireError)) throw new Error(`seed ${seed}`, { cause: error })
    }
  }
})

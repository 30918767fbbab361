/** Chance that a seed repeats: print the seed of a failure and it fails again. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  return {
    below(limit) {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
      const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39)
      return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * limit)
    },
  }
}

/** The bytes in pieces of random lengths, some of them empty, mostly of at most `mostly` bytes. */
export function cutAtRandom(bytes: Uint8Array, chance: Chance, mostly: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const length = chance.below(8) === 0 ? chance.below(mostly * 20) : chance.below(mostly)
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return pieces
}

/** Chance from a seed: the same seed gives the same sequence on every machine. */
export interface Random {
  /** A fraction from 0 up to, not including, 1. */
  readonly next: () => number
  /** A whole number from 0 up to, not including, `below`. */
  readonly below: (below: number) => number
  readonly pick: <T>(from: readonly T[]) => T
  readonly chance: (probability: number) => boolean
  /** A whole number below `below`, the small ones likelier: with a skew of 2, half fall into the first quarter. */
  readonly skewed: (below: number, skew?: number) => number
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    // Weyl sequence, then two rounds of mixing: quick, and good enough for stories.
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    pick: (from) => from[below(from.length)]!,
    chance: (probability) => next() < probability,
    skewed: (limit, skew = 2) => Math.floor(next() ** skew * limit),
  }
}

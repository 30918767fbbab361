/** The large database that several suites start from: made once, copied for each run. */
import type { Base, Fixtures } from '../fixtures.ts'
import { MadeUpService, rowsSchema } from '../service.ts'
import type { Size } from '../suite.ts'

export function rowsOfLarge(size: Size): number {
  return size === 'full' ? 1_000_000 : 30_000
}

/** Every bucket holds rows, up to 10,000 of them; of more, the first thousand (else the native core takes an hour). */
export function largeDatabase(fixtures: Fixtures, size: Size, buckets: number): Base {
  const rows = rowsOfLarge(size)
  const filled = Math.min(buckets > 10_000 ? 1000 : buckets, rows / 100)
  const opsPerLine = Math.min(1000, rows / filled)
  return fixtures.base(`${buckets} buckets`, rows, rowsSchema, () => {
    return new MadeUpService({ buckets, filled, opsPerLine })
  })
}

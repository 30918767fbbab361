/**
 * How long to wait before the next attempt: full jitter under a ceiling that doubles from 1 s to 60 s, so that
 * many clients of a service that fell over do not come back at the same moment.
 */

const FIRST_MS = 1000
const LONGEST_MS = 60_000

/**
 * Milliseconds to wait. `failures` counts the attempts since the last applied checkpoint, from 0; `random` is in
 * [0, 1); `retryAfter` is what the service asked for, a floor.
 */
export function retryDelay(failures: number, random: number, retryAfter: number | null): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures)
  return Math.max(Math.floor(random * ceiling), retryAfter ?? 0)
}

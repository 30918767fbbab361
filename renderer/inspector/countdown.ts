/** A time that runs out, in words, pure. */

const SECOND = 1000

/**
 * The two largest units: `23 h 59 min`, `4 min 12 s`, `42 s`, `over`. Seconds are rounded up, so that it never says
 * 0 before it is over.
 *
 * @param left milliseconds.
 */
export function timeLeft(left: number): string {
  if (left <= 0) return 'over'
  const seconds = Math.ceil(left / SECOND)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return two(seconds, 60, 'min', 1, 's')
  if (seconds < 86_400) return two(seconds, 3600, 'h', 60, 'min')
  return two(seconds, 86_400, 'd', 3600, 'h')
}

function two(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small)
  const whole = `${Math.floor(seconds / large)} ${largeName}`
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`
}

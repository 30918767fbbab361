/**
 * A time that runs out, pure: in words, and as the hand of a clock. The hand goes round once in a minute, an hour,
 * a day or more: the shortest of them that is still to come. So a bar ticks at every length.
 */

export interface Remaining {
  /** `23 h 59 min`, `4 min 12 s`, `42 s`, `over`. */
  readonly words: string
  /** What is left of the current round, from 0 to 1. */
  readonly fraction: number
  /** What a whole round is: `minute`, `hour`. */
  readonly round: string
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const rounds: readonly { readonly length: number; readonly name: string }[] = [
  { length: MINUTE, name: 'minute' },
  { length: HOUR, name: 'hour' },
  { length: DAY, name: 'day' },
  { length: 7 * DAY, name: 'week' },
  { length: 30 * DAY, name: 'month' },
  { length: 365 * DAY, name: 'year' },
]

/** The page's clock is up to a second behind: a TTL of a day that begins now is a day, not the first of a week. */
const SLACK = 2 * SECOND

/** @param left milliseconds. */
export function remaining(left: number): Remaining {
  const round = rounds.find(({ length }) => left <= length + SLACK) ?? rounds.at(-1)!
  return {
    words: left <= 0 ? 'over' : inWords(left),
    fraction: Math.max(0, Math.min(1, left / round.length)),
    round: round.name,
  }
}

/** The two largest units. Seconds are rounded up, so that it never says 0 before it is over. */
function inWords(left: number): string {
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

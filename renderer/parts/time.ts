/** Times in words, pure: the time now is passed in. All times are milliseconds since 1970. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago, roughly and short: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`, `12 Nov 2025`. */
export function ago(time: number, now: number): string {
  const passed = now - time
  if (passed < 5 * SECOND) return 'just now'
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s ago`
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`
  if (passed < 7 * DAY) return `${Math.floor(passed / DAY)} d ago`
  return day(time, now)
}

/** The same for a sentence, and coarser: `less than a minute ago`, `5 minutes ago`, `on 12 Nov`. */
export function agoInWords(time: number, now: number): string {
  const passed = now - time
  if (passed < MINUTE) return 'less than a minute ago'
  if (passed < HOUR) return `${count(passed / MINUTE, 'minute')} ago`
  if (passed < DAY) return `${count(passed / HOUR, 'hour')} ago`
  if (passed < 7 * DAY) return `${count(passed / DAY, 'day')} ago`
  return `on ${day(time, now)}`
}

/** A day; the year only where it is another one. */
export function day(time: number, now: number): string {
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear()
  return (sameYear ? dayAndMonth : dayMonthYear).format(time)
}

/** Day and time in full, for tooltips. */
export function exactly(time: number): string {
  return inFull.format(time)
}

/** The time of day to the millisecond, for logs: `14:03:22.123`. */
export function clockTime(time: number): string {
  return ofDay.format(time)
}

/** Seconds until a time; 0 when it has passed. */
export function secondsUntil(time: number, now: number): number {
  return Math.max(0, Math.ceil((time - now) / SECOND))
}

function count(amount: number, unit: string): string {
  const whole = Math.floor(amount)
  return whole === 1 ? `1 ${unit}` : `${whole} ${unit}s`
}

const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const inFull = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' })
const ofDay = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

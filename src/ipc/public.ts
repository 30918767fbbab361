/**
 * What windows may read of texts that somebody else wrote: no token, no header, no path of this computer. The
 * rooms below write none; this is the door, which does not rely on it.
 */
import type { LogLine } from '../daemon/daemon.ts'
import { redactDelta, withoutTokens } from '../status/redact.ts'
import type { Status, StatusDelta } from '../status/status.ts'

/**
 * Takes as long as the text is: no pattern can begin inside of what it matches.
 *
 * @example
 * publicText('cannot open /home/ada/app.db') // 'cannot open (path)'
 */
export function publicText(text: string): string {
  return withoutTokens(text)
    .replaceAll(/\b(Authorization|Cookie|Set-Cookie|Proxy-Authorization)\s*[:=].*/gi, '$1: (hidden)')
    .replaceAll(/file:\/\/[^\s"'<>]+/gi, '(path)')
    .replaceAll(/(?<![\w:/.\\])(?:[a-z]:|~)?(?:[\\/]+[^\s\\/:"'<>|(),;]+){2,}[\\/]?/gi, '(path)')
}

export function publicLine(line: LogLine): LogLine {
  return { ...line, text: publicText(line.text) }
}

/** What is public already keeps its identity. */
export function publicStatus(status: Status): Status {
  return { ...status, ...(publicDelta(status) as Partial<Status>) }
}

export function publicDelta(delta: StatusDelta): StatusDelta {
  return redactDelta(delta, publicText)
}

/**
 * What windows may read of texts that somebody else wrote: no token, no header, no path of this computer. The
 * rooms below write none; this is the door, which does not rely on it.
 */
import type { LogLine } from '../daemon/daemon.ts'
import { redactDelta, withoutTokens } from '../status/redact.ts'
import type { Status, StatusDelta } from '../status/status.ts'

/** Of a header, all of the line. */
const HEADER = /\b((?:Proxy-)?Authorization|(?:Set-)?Cookie)["']?\s?[:=].*/gi

/** A word of a name in a path. */
const WORD = String.raw`[^\s\\/:"'<>|(),;]+`
/** A name may hold spaces where a separator follows, or where only then a file's ending comes. */
const NAME = String.raw`${WORD}(?:(?: ${WORD})+(?=[\\/]))?`
const FILE = String.raw`(?:(?<!\.\w{1,8})(?: [^\s\\/:"'<>|(),;.]+){0,3}? [^\s\\/:"'<>|(),;.]+\.\w{1,8}(?![\w.]))?`

const paths: readonly RegExp[] = [
  /file:\/\/[^\s"'<>]+/gi,
  // In quotes, to their end.
  /(?<=(["'`]))(?:(?:[a-z]:|~)[\\/]|\\\\|\/[^\s\\/"'`]+[\\/])(?:(?!\1).)*(?=\1)/gi,
  new RegExp(
    String.raw`(?<![\w:/.\\])(?:(?:[a-z]:|~)[\\/]+${NAME}|[\\/]+${NAME}[\\/]+${NAME})(?:[\\/]+${NAME})*${FILE}[\\/]?`,
    'gi',
  ),
]

/**
 * The beginning of the text without secrets, headers and paths. It takes as long as the text is: no pattern can
 * begin inside of what it has looked at.
 *
 * @example
 * publicText('cannot open /home/ada/app.db') // 'cannot open (path)'
 */
export function publicText(text: string): string {
  const open = paths.reduce(
    (rest, path) => rest.replaceAll(path, '(path)'),
    text.replaceAll(HEADER, '$1: (hidden)'),
  )
  return withoutTokens(open)
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

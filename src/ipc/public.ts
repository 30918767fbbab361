/**
 * What windows may read of texts that somebody else wrote: no token, no header, no path of this computer. The
 * rooms below write none; this is the door, which does not rely on it.
 */
import type { LogLine } from '../daemon/daemon.ts'
import type { ConnectionStatus, ErrorInfo, Status, StatusDelta, StreamStatus } from '../status/status.ts'

/**
 * Takes as long as the text is: no pattern can begin inside of what it matches.
 *
 * @example
 * publicText('cannot open /home/ada/app.db') // 'cannot open (path)'
 */
export function publicText(text: string): string {
  return text
    .replaceAll(/(?<![\w-])[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, '(token)')
    .replaceAll(/\b(Token|Bearer|Basic)\s+[^\s"',;]+/gi, '$1 (token)')
    .replaceAll(/\b(Authorization|Cookie|Set-Cookie|Proxy-Authorization)\s*[:=].*/gi, '$1: (hidden)')
    .replaceAll(/file:\/\/[^\s"'<>]+/gi, '(path)')
    .replaceAll(/(?<![\w:/.\\])(?:[a-z]:|~)?(?:[\\/]+[^\s\\/:"'<>|(),;]+){2,}[\\/]?/gi, '(path)')
}

export function publicError<E extends ErrorInfo | null>(error: E): E {
  if (error === null) return error
  const message = publicText(error.message)
  return message === error.message ? error : { ...error, message }
}

export function publicLine(line: LogLine): LogLine {
  return { ...line, text: publicText(line.text) }
}

/** What is public already keeps its identity. */
export function publicStatus(status: Status): Status {
  return { ...status, ...(publicDelta(status) as Partial<Status>) }
}

export function publicDelta(delta: StatusDelta): StatusDelta {
  const { connection, downloadError, uploadError, streams } = delta
  return {
    ...delta,
    ...(connection !== undefined && { connection: publicConnection(connection) }),
    ...(downloadError !== undefined && { downloadError: publicError(downloadError) }),
    ...(uploadError !== undefined && { uploadError: publicError(uploadError) }),
    ...(streams !== undefined && { streams: new Map(Array.from(streams, publicChange)) }),
  }
}

function publicConnection(connection: ConnectionStatus): ConnectionStatus {
  return connection.state === 'waiting'
    ? { ...connection, reason: publicError(connection.reason) }
    : connection
}

function publicChange<C extends Partial<StreamStatus> | null>([id, change]: readonly [number, C]): [
  number,
  C,
] {
  return change?.error == null ? [id, change] : [id, { ...change, error: publicError(change.error) }]
}

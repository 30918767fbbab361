/**
 * Texts that the app or a server wrote may quote a token. Here is what looks like one; who holds tokens hides
 * those exactly. No pattern can begin inside of what it matches, so a text takes as long as it is.
 */
import type { ConnectionStatus, ErrorInfo, StatusDelta, StreamStatus } from './status.ts'

/** Nobody reads more of a message than this, in characters. */
const LONGEST = 2000

/**
 * The beginning of the text, without JWTs and without what follows an authorization scheme.
 *
 * @example
 * withoutTokens('Refused: Bearer abc-123') // 'Refused: Bearer (token)'
 */
export function withoutTokens(text: string): string {
  const start = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return start
    .replaceAll(/(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*)*/g, '(token)')
    .replaceAll(/\b(Token|Bearer|Basic)\s+[^\s"',;]+/gi, '$1 (token)')
}

/** The delta with all that others wrote redacted. What has nothing to hide keeps its identity. */
export function redactDelta(delta: StatusDelta, redact: (text: string) => string): StatusDelta {
  const { connection, downloadError, uploadError, streams } = delta
  return {
    ...delta,
    ...(connection !== undefined && { connection: redactConnection(connection, redact) }),
    ...(downloadError !== undefined && { downloadError: redactError(downloadError, redact) }),
    ...(uploadError !== undefined && { uploadError: redactError(uploadError, redact) }),
    ...(streams !== undefined && {
      streams: new Map(Array.from(streams, ([id, change]) => [id, redactStream(change, redact)])),
    }),
  }
}

export function redactError<E extends ErrorInfo | null>(error: E, redact: (text: string) => string): E {
  if (error === null) return error
  const message = redact(error.message)
  return message === error.message ? error : { ...error, message }
}

function redactConnection(connection: ConnectionStatus, redact: (text: string) => string): ConnectionStatus {
  return connection.state === 'waiting'
    ? { ...connection, reason: redactError(connection.reason, redact) }
    : connection
}

function redactStream<C extends Partial<StreamStatus> | null>(
  change: C,
  redact: (text: string) => string,
): C {
  return change?.error == null ? change : { ...change, error: redactError(change.error, redact) }
}

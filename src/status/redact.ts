/**
 * Texts that the app or a server wrote may quote a secret. Here is what looks like one; who holds tokens hides
 * those exactly. It is better to hide a word too many than one too few.
 *
 * Invariant: no pattern can begin inside of what it has looked at, so a text takes as long as it is.
 */
import type { ConnectionStatus, ErrorInfo, StatusDelta, StreamStatus } from './status.ts'

/** Nobody reads more of a message than this, in characters. */
const LONGEST = 2000

/** A name that has one of these in it is a secret's: `access_token=`, `"clientSecret": "`. */
const NAMES = 'token|secret|passw(?:or)?d|pwd|passphrase|api[-_]?key|access[-_]?key|signature'
/** After a colon words can follow, as in `near "token": syntax error`: a value is in quotes there, or not so short. */
const SIGN = String.raw`["']?\s?=\s?|["']\s?:\s?(?=["'])|\s?:\s?(?=["']?[^\s"']{4})`
const VALUE = String.raw`"[^"]*"?|'[^']*'?|[^\s"'&,;)}\]]+`

/** In this order: what a later pattern sees, earlier ones have left. */
const secrets: readonly (readonly [pattern: RegExp, shown: string])[] = [
  // JWTs.
  [/(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*)*/g, '(token)'],
  // What follows an authorization scheme.
  [/\b(Token|Bearer|Basic)\s+[^\s"',;]+/gi, '$1 (token)'],
  // User and password before a host.
  [/(?<=:\/\/)[^\s/@"'<>]+@/g, '(hidden)@'],
  // In URLs, forms, JSON and settings.
  [
    new RegExp(String.raw`(?<![\w-])(?=[\w-]*?(?:${NAMES}))([\w-]+(?:${SIGN}))(?:${VALUE})`, 'gi'),
    '$1(hidden)',
  ],
  // Nothing but chance writes these: 32 hex digits, or 20 characters with small and capital letters and digits.
  [/(?<![\w-])[\da-f]{32,}(?![\w-])/gi, '(token)'],
  [/(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{20,}/g, '(token)'],
]

/**
 * The beginning of the text, without what looks like a token, a password or a key.
 *
 * @example
 * withoutTokens('Refused: Bearer abc-123, retry at /?token=7') // 'Refused: Bearer (token), retry at /?token=(hidden)'
 */
export function withoutTokens(text: string): string {
  const clean = secrets.reduce((rest, [pattern, shown]) => rest.replaceAll(pattern, shown), text)
  // Only now: half a secret looks like none.
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean
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

/** Errors of this room as data: whatever a call threw becomes one `ErrorInfo` with a code to decide by. */
import type { ErrorInfo } from '../../status/status.ts'

/**
 * The reason behind a failed call, in this order: our own error that travelled along (`data.error`), tRPC's
 * code, and for a failure on the way (no answer at all) the code `link_lost`.
 */
export function failureOf(error: unknown): ErrorInfo {
  const message = error instanceof Error ? error.message : String(error)
  const data = field(error, 'data')
  const info = field(data, 'error')
  const code = field(info, 'code')
  if (typeof code === 'string') {
    const sentence = field(info, 'message')
    return { code, message: typeof sentence === 'string' ? sentence : message }
  }
  const trpcCode = field(data, 'code')
  return { code: typeof trpcCode === 'string' ? trpcCode : 'link_lost', message }
}

/**
 * Asking again cannot help: the request itself was refused. Decided by tRPC's code. (A document with too many
 * subscriptions may have fewer soon.)
 */
export function isRefusal(error: unknown): boolean {
  const code = field(field(error, 'data'), 'code')
  return typeof code === 'string' && refusals.has(code)
}

const refusals: ReadonlySet<string> = new Set([
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_SUPPORTED',
  'PAYLOAD_TOO_LARGE',
])

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/**
 * Whether an answer is what was asked for. Refuses what is not from a sync service (a proxy, a login page) and
 * says in words why the service refused.
 */
import type { OpId } from '../wire/line.ts'
import { TransportError } from './connector.ts'
import type { ByteStream } from './connector.ts'

const MAX_ERROR_BODY_BYTES = 64 * 1024

/** The stream's format, or the reason why this is no sync stream. Reads (a little of) an error's body. */
export async function checkStream(response: Response): Promise<ByteStream['format']> {
  await refuseUnlessOk(response)
  const contentType = contentTypeOf(response)
  if (contentType.startsWith('application/vnd.powersync.bson-stream')) return 'bson'
  if (contentType.startsWith('application/x-ndjson')) return 'ndjson'
  await response.body?.cancel()
  throw notAService(response, 'that is not a sync stream')
}

/** The id in `{"data":{[field]:"…"}}`. */
export async function readCheckpointId(response: Response, field: string): Promise<OpId> {
  await refuseUnlessOk(response)
  if (contentTypeOf(response).startsWith('application/json')) {
    const id = readField(await readStart(response), field)
    if (id !== null) return id
  } else {
    await response.body?.cancel()
  }
  throw notAService(response, 'that names no checkpoint')
}

function contentTypeOf(response: Response): string {
  return (response.headers.get('content-type') ?? '').toLowerCase()
}

async function refuseUnlessOk(response: Response): Promise<void> {
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel()
    throw new TransportError(
      'not_a_sync_service',
      'The endpoint answered with a redirect. A proxy or a login page may be in the way, or the URL is wrong.',
      { status: response.status },
    )
  }
  if (response.status !== 200) throw await rejection(response)
}

function notAService(response: Response, something: string): TransportError {
  return new TransportError(
    'not_a_sync_service',
    contentTypeOf(response).startsWith('text/html')
      ? 'The endpoint answered with a web page. A proxy or a login page may be in the way, or the URL is wrong.'
      : `The endpoint answered with something ${something}.`,
    { status: response.status },
  )
}

function readField(text: string, field: string): OpId | null {
  try {
    const { data } = JSON.parse(text) as { data?: { [field: string]: unknown } }
    const id = data?.[field]
    return typeof id === 'string' && /^\d{1,19}$/.test(id) ? BigInt(id) : null
  } catch {
    return null
  }
}

async function rejection(response: Response): Promise<TransportError> {
  const { code, description } = readErrorBody(await readStart(response))
  const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'))
  const unauthorized = response.status === 401 || response.status === 403
  const details = {
    status: response.status,
    ...(code !== null && { serviceCode: code }),
    ...(retryAfterSeconds !== null && { retryAfterSeconds }),
  }
  const said = description === null ? '' : `: ${description}`
  return unauthorized
    ? new TransportError(
        'unauthorized',
        `The service refused the credentials (${code ?? response.status})${said}`,
        details,
      )
    : new TransportError(
        'rejected',
        `The service answered ${response.status}${code === null ? '' : ` (${code})`}${said}`,
        details,
      )
}

/** The first bytes of an error's body: enough for its code, never all of what a proxy may send. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  if (response.body === null) return text
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length >= MAX_ERROR_BODY_BYTES) break
  }
  return text
}

/** `{"error":{"code","description"}}`, or nulls where the body is something else. */
function readErrorBody(text: string): { readonly code: string | null; readonly description: string | null } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; description?: unknown } }
    return {
      code: typeof error?.code === 'string' ? error.code : null,
      description: typeof error?.description === 'string' ? error.description.slice(0, 300) : null,
    }
  } catch {
    return { code: null, description: null }
  }
}

/** Seconds of a `Retry-After` header, a number or a date. */
function readRetryAfter(value: string | null): number | null {
  if (value === null) return null
  if (/^\d{1,9}$/.test(value)) return Number(value)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000))
}

/**
 * The answers that are not 200, worded and coded as a real service was recorded to send them. A handler throws
 * a `Refusal`; the server turns it into the response.
 */
type RefusalBody = { readonly error: { readonly code: string; readonly [field: string]: unknown } }

export class Refusal extends Error {
  readonly status: number
  /** The JSON body; null for an empty one. */
  readonly body: RefusalBody | null

  constructor(status: number, body: RefusalBody | null) {
    super(body === null ? `HTTP ${status}` : body.error.code)
    this.status = status
    this.body = body
  }
}

export function unauthorized(code: string, description: string): Refusal {
  return new Refusal(401, { error: { code, status: 401, description, name: 'AuthorizationError' } })
}

/** `problems` are one sentence each, starting with the JSON pointer of what is wrong. */
export function invalid(problems: readonly string[]): Refusal {
  const details = JSON.stringify(problems)
  const description = 'Validation failed'
  return new Refusal(400, {
    error: { code: 'PSYNC_S2001', status: 400, description, details, name: 'ValidationError' },
  })
}

/**
 * A change that the company's rules do not allow: sending it again cannot help. `description` is for people;
 * `transaction` names the one that was refused, those before it in the request are done.
 */
export function ruledOut(code: string, description: string, transaction: string): Refusal {
  return new Refusal(422, { error: { code, status: 422, description, transaction, name: 'ChangeRefused' } })
}

export function unknownPath(method: string, path: string): Refusal {
  return new Refusal(404, {
    error: {
      code: 'PSYNC_S2002',
      status: 404,
      description: 'The path does not exist on this server',
      details: `The path ${method} ${JSON.stringify(path)} does not exist on this server`,
      severity: 'info',
      name: 'RouteNotFound',
    },
  })
}

export function tooManyBuckets(count: number, limit: number): Refusal {
  const description = `Too many buckets: ${count} (limit of ${limit})`
  return new Refusal(500, { error: { code: 'PSYNC_S2305', description, name: 'ServiceError' } })
}

export function tooManyStreams(): Refusal {
  return new Refusal(429, null)
}

/** What the real service's web framework refuses before the service itself sees the request. */
export const badBody = {
  tooLarge: () => framework(413, 'FST_ERR_CTP_BODY_TOO_LARGE', 'Request body is too large'),
  noContentType: () => framework(415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE', 'Unsupported Media Type'),
  empty: () =>
    framework(
      400,
      'FST_ERR_CTP_EMPTY_JSON_BODY',
      "Body cannot be empty when content-type is set to 'application/json'",
    ),
  notJson: () =>
    framework(
      400,
      'FST_ERR_CTP_INVALID_JSON_BODY',
      "Body is not valid JSON but content-type is set to 'application/json'",
    ),
}

function framework(status: number, code: string, description: string): Refusal {
  return new Refusal(status, { error: { name: 'FastifyError', code, status, description } })
}

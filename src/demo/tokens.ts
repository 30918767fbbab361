/**
 * Tokens: JWTs signed with HS256 and one secret. Verification refuses what a real service refuses, with its
 * codes, in constant time where a secret is compared.
 *
 * Invariant: an identity exists only for a token whose signature was checked. A token that expired less than a
 * minute ago still gives one (`expiresAt` in the past): the stream tells such a client to renew and ends.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

import type { JsonObject } from '../wire/request.ts'
import { unauthorized } from './refusal.ts'

export interface Identity {
  /** The claim `sub`, as text. */
  readonly userId: string
  readonly claims: JsonObject
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface TokenOptions {
  /** Default: the person the demo's app is signed in as. */
  readonly userId?: string
  /** More claims; they win over the standard ones, so a test can make a bad token. */
  readonly claims?: Record<string, unknown>
  /** Default 3,600. Negative makes a token that has expired. */
  readonly expiresInSeconds?: number
}

export const defaultUserId = 'person-01'

const audience = 'headwater-demo'
const keyId = 'headwater-demo-1'
const longestLifetimeSeconds = 86_400
const graceSeconds = 60

export function signToken(secret: Uint8Array, options: TokenOptions = {}): string {
  const { userId = defaultUserId, claims = {}, expiresInSeconds = 3600 } = options
  const now = Math.floor(Date.now() / 1000)
  const exp = now + expiresInSeconds
  const payload = { sub: userId, aud: audience, iat: Math.min(now, exp), exp, ...claims }
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', kid: keyId })}.${encode(payload)}`
  return `${signed}.${signature(secret, signed).toString('base64url')}`
}

/** Verifies the header `Authorization: Token <jwt>` (or `Bearer`, as written here); throws a `Refusal`. */
export function verifyToken(secret: Uint8Array, authorization: string | undefined): Identity {
  const token = /^(?:Token|Bearer) (.+)$/.exec(authorization ?? '')?.[1]
  if (token === undefined) throw unauthorized('PSYNC_S2106', 'Authentication required')

  const [header, payload, sent, ...more] = token.split('.')
  const head = decode(header)
  const claims = decode(payload)
  if (head === null || claims === null || sent === undefined || more.length > 0) {
    throw unauthorized('PSYNC_S2101', 'Token is not a well-formed JWT. Check the token format.')
  }
  if (head['kid'] !== keyId || head['alg'] !== 'HS256') {
    const why = 'The key is missing or no key matched the token KID'
    throw unauthorized('PSYNC_S2101', `Could not find an appropriate key in the keystore. ${why}`)
  }
  const expected = signature(secret, `${header}.${payload}`)
  const given = Buffer.from(sent, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw unauthorized('PSYNC_S2101', 'signature verification failed')
  }
  return identityOf(claims)
}

function identityOf(claims: JsonObject): Identity {
  const { sub, aud, iat, exp } = claims
  if (aud === undefined) throw missing('PSYNC_S2105', 'aud')
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience)) {
    throw unauthorized('PSYNC_S2105', `Unexpected "aud" claim value: ${JSON.stringify(aud)}`)
  }
  if (typeof sub !== 'string' && typeof sub !== 'number') throw missing('PSYNC_S2101', 'sub')
  if (typeof exp !== 'number') throw missing('PSYNC_S2101', 'exp')
  const now = Date.now() / 1000
  if (exp < now - graceSeconds) throw unauthorized('PSYNC_S2103', 'JWT has expired')
  const lifetime = exp - (typeof iat === 'number' ? iat : now)
  if (lifetime > longestLifetimeSeconds) {
    const most = `Token must expire in a maximum of ${longestLifetimeSeconds} seconds`
    throw unauthorized('PSYNC_S2104', `${most}, got ${Math.round(lifetime)}s`)
  }
  return { userId: String(sub), claims, expiresAt: exp * 1000 }
}

function missing(code: string, claim: string) {
  return unauthorized(code, `JWT payload is missing a required claim "${claim}"`)
}

function signature(secret: Uint8Array, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function decode(part: string | undefined): JsonObject | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}

/** What apps hand in, checked at the door: further in, every option is whole and valid. */
import type { ConnectCall } from '../engine/face.ts'
import { canonicalParameters, parseParameters } from '../status/parameters.ts'
import type { StreamParameters } from '../status/parameters.ts'
import { DaemonError } from './daemon.ts'
import type { ConnectOptions, SubscribeOptions } from './daemon.ts'

/** Throws a `DaemonError`: `invalid_params`, `invalid_metadata`. */
export function checkConnect(options: ConnectOptions): ConnectCall {
  const appMetadata = options.appMetadata ?? {}
  for (const [key, value] of Object.entries<unknown>(appMetadata)) {
    if (typeof value !== 'string') {
      throw new DaemonError(
        'invalid_metadata',
        `App metadata holds strings only; ${JSON.stringify(key)} is a ${typeof value}.`,
      )
    }
  }
  return {
    parameters: parseParameters(checkParameters(options.params)) ?? {},
    appMetadata: { ...appMetadata },
    includeDefaults: options.includeDefaultStreams ?? true,
    checkpointMode: options.checkpointMode ?? 'legacy',
    uploadThrottleMs: options.uploadThrottleMs ?? 1000,
  }
}

/** The canonical text of the parameters. Throws a `DaemonError`: `invalid_params`. */
export function checkParameters(params: StreamParameters): string | null {
  try {
    return canonicalParameters(params)
  } catch (error) {
    throw new DaemonError('invalid_params', error instanceof Error ? error.message : String(error), error)
  }
}

/** A longer TTL is for ever: dates and integers end somewhere. */
const LONGEST_TTL_MS = 1000 * 365.25 * 86_400_000

/** TTL in milliseconds and priority. Throws a `DaemonError`: `invalid_ttl`, `invalid_priority`. */
export function checkSubscribe(options: SubscribeOptions): {
  readonly ttl: number | null
  readonly priority: number | null
} {
  const { ttl, priority } = options
  if (ttl !== undefined && !(typeof ttl === 'number' && ttl >= 0)) {
    throw new DaemonError(
      'invalid_ttl',
      `A TTL is a number of seconds from 0 up, or Infinity; got ${String(ttl)}.`,
    )
  }
  if (priority !== undefined && ![0, 1, 2, 3].includes(priority)) {
    throw new DaemonError('invalid_priority', `A priority is 0, 1, 2 or 3; got ${priority}.`)
  }
  return { ttl: ttl === undefined ? null : toMilliseconds(ttl), priority: priority ?? null }
}

function toMilliseconds(ttl: number): number {
  const ms = Math.round(ttl * 1000)
  return ms > LONGEST_TTL_MS ? Infinity : ms
}

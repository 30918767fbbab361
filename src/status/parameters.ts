/**
 * A subscription is a name and canonical parameters: two spellings of the same wish are one subscription.
 * The canonical text has its keys sorted at every depth; no parameters is null.
 */
import type { Json, JsonObject } from '../wire/request.ts'

/** Parameters as an app writes them: keys may hold undefined, which counts as left out. */
export type StreamParameters = { readonly [key: string]: Json | undefined } | null | undefined

/**
 * Canonical text of a stream's parameters; null when there are none (`null`, `undefined`, `{}`).
 * Throws a `TypeError` for what JSON cannot carry.
 *
 * @example
 * canonicalParameters({ b: 1, a: [{ d: 1, c: 2 }], gone: undefined }) // '{"a":[{"c":2,"d":1}],"b":1}'
 */
export function canonicalParameters(parameters: StreamParameters): string | null {
  if (parameters === null || parameters === undefined) return null
  const text = canonical(parameters)
  return text === '{}' ? null : text
}

/** The parameters that a canonical text stands for. */
export function parseParameters(text: string | null): JsonObject | null {
  return text === null ? null : (JSON.parse(text) as JsonObject)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value !== null && typeof value === 'object') {
    if (!isPlain(value)) throw new TypeError('Stream parameters must be JSON: an object is not a plain one.')
    const entries = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`)
    return `{${entries.join(',')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError('Stream parameters must be JSON: a number is not finite.')
  }
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError(`Stream parameters must be JSON: found a ${typeof value}.`)
  return text
}

/** Not a Date, a Map or the like. By its shape, since a plain object of another realm has another prototype. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

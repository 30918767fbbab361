/**
 * The one codec for values that cross to a window: SQL values that JSON cannot hold survive, and the result
 * is plain JSON, so Electron's structured clone and the WebSocket carry the same messages.
 *
 * A value that JSON cannot hold becomes `{ $: kind, v: text }`. An object that already has a key `$` is
 * wrapped as `{ $: 'object', v: object }`. Everything else passes as it is: a value without specials is
 * returned itself, not copied.
 */
import type { CombinedDataTransformer } from '@trpc/server'

/** Deeper inputs are refused: nothing that a window may say nests so far. */
const MAX_INPUT_DEPTH = 64

/**
 * More than this in one input is refused: each value counts one, and one for every `TEXT_UNIT` characters of a text.
 * It is counted as often as it is met: structured clone keeps one object in many places, so a short message can be
 * read for ever.
 */
const MAX_INPUT_UNITS = 250_000
const TEXT_UNIT = 256

/** Deeper values are refused: what is stored may nest far, but recursion must not overflow the stack. */
const MAX_DEPTH = 1024

/** What `encode` throws for a value that has no encoding, and `decode` for one that is not well formed. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
  readonly code = 'bad_value'
}

/**
 * @example
 * decode(JSON.parse(JSON.stringify(encode({ id: 2n ** 60n, at: Infinity })))) // { id: 2n ** 60n, at: Infinity }
 */
export function encode(value: unknown): unknown {
  return encodeAt(value, MAX_DEPTH)
}

export function decode(value: unknown): unknown {
  return decodeAt(value, MAX_DEPTH, { left: Infinity })
}

/**
 * The codec as tRPC's `transformer`, for both ends of both hosts. An input that is not well formed decodes
 * to undefined, which no procedure accepts: electron-trpc cannot report an error that is thrown here.
 */
export const codec: CombinedDataTransformer = {
  input: { serialize: encode, deserialize: decodeInput },
  output: { serialize: encode, deserialize: decode },
}

function decodeInput(value: unknown): unknown {
  try {
    return decodeAt(value, MAX_INPUT_DEPTH, { left: MAX_INPUT_UNITS })
  } catch {
    return undefined
  }
}

/** `room`: how many levels it may still nest. */
function encodeAt(value: unknown, room: number): unknown {
  if (room < 0) throw new CodecError('The value is nested too deeply.')
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : special('number', numberText(value))
    case 'bigint':
      return special('bigint', value.toString())
    case 'object':
      return value === null ? null : encodeObject(value, room)
    default:
      throw new CodecError(`A ${typeof value} cannot cross to a window.`)
  }
}

function encodeObject(value: object, room: number): unknown {
  if (value instanceof Uint8Array) return special('bytes', toBase64(value))
  if (Array.isArray(value)) return mapArray(value, (item) => encodeAt(item, room - 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw new CodecError('Only plain objects can cross.')
  const encoded = mapObject(value, (field) => encodeAt(field, room - 1))
  return Object.hasOwn(encoded, '$') ? special('object', encoded) : encoded
}

/** What may still be read. */
interface Budget {
  left: number
}

function decodeAt(value: unknown, room: number, budget: Budget): unknown {
  if (room < 0) throw new CodecError('The value is nested too deeply.')
  spend(budget, typeof value === 'string' ? 1 + value.length / TEXT_UNIT : 1)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    // An array can be long and hold nothing.
    if (value.length > budget.left) throw tooMuch()
    return mapArray(value, (item) => decodeAt(item, room - 1, budget))
  }
  // Structured clone also carries bytes, whose every byte would be a field.
  if (Object.prototype.toString.call(value) !== '[object Object]') {
    throw new CodecError('Only plain objects can cross.')
  }
  if (!Object.hasOwn(value, '$')) return decodeFields(value, room, budget)
  const { $: kind, v } = value as { $: unknown; v: unknown }
  if (kind === 'object' && typeof v === 'object' && v !== null) return decodeFields(v, room, budget)
  if (typeof v !== 'string') throw new CodecError('A special value has no text.')
  spend(budget, v.length / TEXT_UNIT)
  switch (kind) {
    case 'number':
      return Number(v)
    case 'bigint':
      return toBigInt(v)
    case 'bytes':
      return fromBase64(v)
    default:
      throw new CodecError('A special value has an unknown kind.')
  }
}

function decodeFields(value: object, room: number, budget: Budget): unknown {
  for (const key of Object.keys(value)) spend(budget, key.length / TEXT_UNIT)
  return mapObject(value, (field) => decodeAt(field, room - 1, budget))
}

function spend(budget: Budget, units: number): void {
  budget.left -= units
  if (budget.left < 0) throw tooMuch()
}

function tooMuch(): CodecError {
  return new CodecError('The value is too large.')
}

function special(kind: string, v: unknown): object {
  return { $: kind, v }
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function toBigInt(text: string): bigint {
  if (!/^-?\d{1,40}$/.test(text)) throw new CodecError('A bigint is not a whole number.')
  return BigInt(text)
}

/** The same array when no item changes. */
function mapArray(values: readonly unknown[], map: (value: unknown) => unknown): readonly unknown[] {
  let changed: unknown[] | null = null
  for (let i = 0; i < values.length; i++) {
    const mapped = map(values[i])
    if (changed === null && mapped !== values[i]) changed = values.slice(0, i)
    changed?.push(mapped)
  }
  return changed ?? values
}

/** The same object when no field changes. */
function mapObject(value: object, map: (field: unknown) => unknown): object {
  const entries = Object.entries(value)
  let changed = false
  for (const entry of entries) {
    const mapped = map(entry[1])
    if (mapped !== entry[1]) changed = true
    entry[1] = mapped
  }
  // `fromEntries` defines the keys, so `__proto__` stays data.
  return changed ? Object.fromEntries(entries) : value
}

/** btoa takes one character a byte; in pieces, since a call takes only so many arguments. */
function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(text)
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw new CodecError('Bytes are not in base64.', { cause })
  }
}

/**
 * Reads one BSON document into plain values, as far as a sync line needs it.
 *
 * Made for the hot path: field names the protocol does not know are skipped unread (so `__proto__` and its
 * like never become properties), and text is decoded once, strictly. Invariant: every read stays inside the
 * document, whatever its lengths claim, and time grows linearly with its size.
 */

import { WireError, type WireErrorCode } from './error.ts'
import { fieldNames, opaque, type FieldPath } from './fields.ts'
import { redactBson } from './redact.ts'

/**
 * The document's known fields: strings, numbers, bigints (int64), booleans, null, arrays and objects;
 * `opaque` for any other type. Unknown fields are left out, but at the root they are there, as `opaque`.
 * Throws `WireError` (`bad_bson`, `bad_utf8`).
 */
export function readBson(bytes: Uint8Array): Record<string, unknown> {
  return new BsonReader(bytes).root()
}

/** The byte at which the field at `path` begins, or the last thing on the way to it that exists. */
export function locateInBson(bytes: Uint8Array, path: FieldPath): number {
  return new BsonReader(bytes).locate(path)
}

/** Lines are at most this deep; what is deeper is skipped. */
const maxDepth = 8

const bsonType = {
  double: 0x01,
  string: 0x02,
  document: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  pointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  scopedCode: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal: 0x13,
  minKey: 0xff,
  maxKey: 0x7f,
} as const

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

interface KnownName {
  readonly text: string
  readonly bytes: Uint8Array
}

/** Known names by length, so that finding one compares few bytes. */
const namesByLength: KnownName[][] = []
for (const text of fieldNames) {
  const list = (namesByLength[text.length] ??= [])
  list.push({ text, bytes: new TextEncoder().encode(text) })
}

class BsonReader {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  root(): Record<string, unknown> {
    if (this.bytes.length < 5) this.fail(0, 'A BSON document has at least 5 bytes')
    const end = this.enter(this.bytes.length)
    if (end !== this.bytes.length - 1) {
      this.fail(0, 'The length of the BSON document is not the length received')
    }
    return this.fields(end, 0)
  }

  /** Where the element at the end of `path` begins, or the last one on the way that there is. */
  locate(path: FieldPath): number {
    let end = this.enter(this.bytes.length)
    let found = 0
    for (const step of path) {
      const element = this.seek(step, end)
      if (element === undefined) return found
      found = element.start
      if (element.kind !== bsonType.document && element.kind !== bsonType.array) return found
      end = this.enter(end)
    }
    return found
  }

  /** Over the type and name of an element; undefined where there is none. */
  private seek(step: string | number, end: number): { kind: number; start: number } | undefined {
    for (let index = 0; this.at < end; index++) {
      const start = this.at
      const kind = this.bytes[start]!
      const stop = this.endOfName(end)
      if (index === step || lenient.decode(this.bytes.subarray(start + 1, stop)) === step) {
        return { kind, start }
      }
      this.skip(kind, end)
    }
    return undefined
  }

  /** Steps into a document; returns the position of its final zero byte. */
  private enter(limit: number): number {
    const start = this.at
    if (limit - start < 5) this.fail(start, 'A document does not fit')
    const length = this.view.getInt32(start, true)
    if (length < 5 || length > limit - start) {
      this.fail(start, 'The length of a document does not fit')
    }
    const end = start + length - 1
    if (this.bytes[end] !== 0) this.fail(end, 'A document does not end with a zero')
    this.at = start + 4
    return end
  }

  private fields(end: number, depth: number): Record<string, unknown> {
    const fields: Record<string, unknown> = depth === 0 ? Object.create(null) : {}
    const bytes = this.bytes
    while (this.at < end) {
      const kind = bytes[this.at]!
      const start = this.at + 1
      const stop = this.endOfName(end)
      const name = knownName(bytes, start, stop)
      if (name !== undefined) fields[name] = this.value(kind, end, depth + 1)
      else {
        if (depth === 0) fields[lenient.decode(bytes.subarray(start, stop))] = opaque
        this.skip(kind, end)
      }
    }
    this.at = end + 1
    return fields
  }

  private elements(end: number, depth: number): unknown[] {
    const elements: unknown[] = []
    while (this.at < end) {
      const kind = this.bytes[this.at]!
      this.endOfName(end)
      elements.push(this.value(kind, end, depth + 1))
    }
    this.at = end + 1
    return elements
  }

  /** From a type byte, over the name and its zero; returns the position of that zero. */
  private endOfName(end: number): number {
    const bytes = this.bytes
    let at = this.at + 1
    while (at < end && bytes[at] !== 0) at++
    if (at >= end) this.fail(this.at, 'A field name does not end')
    this.at = at + 1
    return at
  }

  private value(kind: number, end: number, depth: number): unknown {
    const start = this.at
    switch (kind) {
      case bsonType.string:
        return this.string(end)
      case bsonType.int32:
        this.advance(4, end)
        return this.view.getInt32(start, true)
      case bsonType.double:
        this.advance(8, end)
        return this.view.getFloat64(start, true)
      case bsonType.int64:
        this.advance(8, end)
        return this.view.getBigInt64(start, true)
      case bsonType.boolean:
        this.advance(1, end)
        return this.bytes[start] === 1
      case bsonType.null:
      case bsonType.undefined:
        return null
      case bsonType.document:
      case bsonType.array:
        if (depth > maxDepth) break
        return kind === bsonType.array
          ? this.elements(this.enter(end), depth)
          : this.fields(this.enter(end), depth)
    }
    this.skip(kind, end)
    return opaque
  }

  private string(end: number): string {
    const length = this.lengthBefore(end)
    const start = this.at
    this.advance(length, end)
    const stop = start + length - 1
    if (length < 1 || this.bytes[stop] !== 0) {
      this.fail(start - 4, 'A string does not end with a zero')
    }
    return length <= 13 ? this.short(start, stop) : this.long(start, stop)
  }

  /** Op ids, op kinds and type names: entering the decoder would cost more than reading them here. */
  private short(start: number, stop: number): string {
    let text = ''
    for (let i = start; i < stop; i++) {
      const byte = this.bytes[i]!
      if (byte > 0x7f) return this.long(start, stop)
      text += String.fromCharCode(byte)
    }
    return text
  }

  private long(start: number, stop: number): string {
    try {
      return strict.decode(this.bytes.subarray(start, stop))
    } catch {
      return this.fail(start, 'A string is not UTF-8', 'bad_utf8')
    }
  }

  /** Over a value that nobody reads. Its inside is not looked at. */
  private skip(kind: number, end: number): void {
    switch (kind) {
      case bsonType.undefined:
      case bsonType.null:
      case bsonType.minKey:
      case bsonType.maxKey:
        return
      case bsonType.boolean:
        return this.advance(1, end)
      case bsonType.int32:
        return this.advance(4, end)
      case bsonType.double:
      case bsonType.date:
      case bsonType.timestamp:
      case bsonType.int64:
        return this.advance(8, end)
      case bsonType.objectId:
        return this.advance(12, end)
      case bsonType.decimal:
        return this.advance(16, end)
      case bsonType.string:
      case bsonType.code:
      case bsonType.symbol:
        return this.advance(this.lengthBefore(end), end)
      case bsonType.pointer:
        return this.advance(this.lengthBefore(end) + 12, end)
      case bsonType.binary:
        return this.advance(this.lengthBefore(end) + 1, end)
      case bsonType.document:
      case bsonType.array:
        this.at = this.enter(end) + 1
        return
      case bsonType.scopedCode:
        return this.advance(this.lengthBefore(end) - 4, end)
      case bsonType.regex:
        this.at--
        this.endOfName(end)
        this.at--
        this.endOfName(end)
        return
      default:
        this.fail(this.at, 'A field has a type that BSON does not have')
    }
  }

  private lengthBefore(end: number): number {
    const start = this.at
    this.advance(4, end)
    const length = this.view.getInt32(start, true)
    if (length < 0) this.fail(start, 'A length is negative')
    return length
  }

  private advance(count: number, end: number): void {
    if (count < 0 || count > end - this.at) this.fail(this.at, 'A value does not fit')
    this.at += count
  }

  private fail(offset: number, sentence: string, code: WireErrorCode = 'bad_bson'): never {
    const message = `${sentence}, at byte ${offset} of a BSON line.`
    throw new WireError(code, message, { offset, excerpt: redactBson(this.bytes, offset) })
  }
}

function knownName(bytes: Uint8Array, start: number, stop: number): string | undefined {
  const candidates = namesByLength[stop - start]
  if (candidates === undefined) return undefined
  next: for (const { text, bytes: name } of candidates) {
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) continue next
    return text
  }
  return undefined
}

/**
 * Cuts a stream of bytes into lines: text up to a newline, or BSON documents by their own length.
 *
 * Invariants: chunks may be cut at any byte and the payloads are the same; every byte is copied a bounded
 * number of times, however small the chunks; a line over the limit is refused before room is made for it.
 * A framer that has failed stays failed. Payloads never share memory with a chunk.
 */

import { WireError } from './error.ts'
import type { Payload } from './line.ts'
import { redactBson, redactText } from './redact.ts'
import { firstBadByte, lenient, strict } from './utf8.ts'

export type StreamFormat = 'ndjson' | 'bson'

/** 32 MiB: the service sends rows up to 15 MB. */
export const defaultMaxLineBytes = 32 * 1024 * 1024

export interface FramerOptions {
  /** Longest line (without its newline) or document, in bytes. Default: `defaultMaxLineBytes`. */
  readonly maxLineBytes?: number
}

export interface Framer {
  /**
   * The payloads that this chunk completes: strings for NDJSON, byte arrays for BSON. Throws `WireError`
   * (`line_too_long`, `bad_length`, `bad_utf8`), then the same one again at every call; lines that the same
   * chunk completed before the fault are lost with it, and the service sends them again.
   */
  push(chunk: Uint8Array): Payload[]
  /**
   * The stream has ended: a last line without a newline is a line. Throws `WireError` (`truncated` in the
   * middle of a BSON document, `bad_utf8`).
   */
  end(): Payload[]
}

/**
 * A framer for one stream. Empty NDJSON lines are skipped, a carriage return before the newline is dropped.
 *
 * @example
 * const framer = createFramer('ndjson')
 * framer.push(bytes('{"a":1}\n{"b"')) // ['{"a":1}']
 * framer.push(bytes(':2}')) // []
 * framer.end() // ['{"b":2}']
 */
export function createFramer(format: StreamFormat, options: FramerOptions = {}): Framer {
  const limit = options.maxLineBytes ?? defaultMaxLineBytes
  const framer: Framer = format === 'ndjson' ? new TextFramer(limit) : new BsonFramer(limit)
  let failure: WireError | null = null
  const unlessFailed = (act: () => Payload[]): Payload[] => {
    if (failure !== null) throw failure
    try {
      return act()
    } catch (error) {
      if (error instanceof WireError) failure = error
      throw error
    }
  }
  return {
    push: (chunk) => unlessFailed(() => framer.push(chunk)),
    end: () => unlessFailed(() => framer.end()),
  }
}

const newline = 0x0a
const carriageReturn = 0x0d

class TextFramer implements Framer {
  private readonly limit: number
  private readonly held = new Held()
  /** Where the current line begins in the stream. */
  private lineStart = 0

  constructor(limit: number) {
    this.limit = limit
  }

  push(chunk: Uint8Array): string[] {
    const lines: string[] = []
    let from = 0
    for (;;) {
      const found = chunk.indexOf(newline, from)
      const piece = chunk.subarray(from, found < 0 ? chunk.length : found)
      if (this.held.length + piece.length > this.limit) throw this.tooLong(piece)
      if (found < 0) {
        this.held.append(piece)
        return lines
      }
      this.line(piece, lines)
      from = found + 1
    }
  }

  end(): string[] {
    const lines: string[] = []
    this.line(new Uint8Array(0), lines)
    return lines
  }

  /** A line ends with this piece. */
  private line(piece: Uint8Array, lines: string[]): void {
    let bytes = piece
    if (this.held.length > 0) {
      this.held.append(piece)
      bytes = this.held.bytes()
    }
    const stop = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length
    if (stop > 0) lines.push(this.text(bytes.subarray(0, stop)))
    this.lineStart += bytes.length + 1
    this.held.clear()
  }

  private text(bytes: Uint8Array): string {
    try {
      return strict.decode(bytes)
    } catch (cause) {
      const bad = firstBadByte(bytes)
      const excerpt = redactText(lenient.decode(bytes), lenient.decode(bytes.subarray(0, bad)).length)
      throw new WireError('bad_utf8', 'A line is not UTF-8.', {
        offset: this.lineStart + bad,
        excerpt,
        cause,
      })
    }
  }

  private tooLong(piece: Uint8Array): WireError {
    const beginning = (this.held.length > 0 ? this.held.bytes() : piece).subarray(0, excerptBytes)
    return new WireError('line_too_long', `A line is longer than ${this.limit} bytes.`, {
      offset: this.lineStart + this.limit,
      excerpt: redactText(lenient.decode(beginning), 0),
    })
  }
}

class BsonFramer implements Framer {
  private readonly limit: number
  /** The four bytes of the length, then, once it is known and allowed, the whole document. */
  private document = new Uint8Array(lengthBytes)
  private received = 0
  /** Where the current document begins in the stream. */
  private documentStart = 0

  constructor(limit: number) {
    this.limit = limit
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const documents: Uint8Array[] = []
    let from = 0
    while (from < chunk.length) {
      const piece = chunk.subarray(from, from + this.document.length - this.received)
      this.document.set(piece, this.received)
      this.received += piece.length
      from += piece.length
      if (this.received < this.document.length) break
      if (this.received === lengthBytes) this.makeRoom()
      else documents.push(this.finish())
    }
    return documents
  }

  end(): Uint8Array[] {
    if (this.received === 0) return []
    throw new WireError('truncated', 'The stream ended in the middle of a BSON document.', {
      offset: this.documentStart + this.received,
      excerpt: redactBson(this.document.subarray(0, this.received), this.received),
    })
  }

  /** All of the length is here: refuses it or makes room for exactly that much. */
  private makeRoom(): void {
    const length = new DataView(this.document.buffer).getInt32(0, true)
    const detail = { offset: this.documentStart, excerpt: '' }
    if (length < 5) throw new WireError('bad_length', `A BSON document claims ${length} bytes.`, detail)
    if (length > this.limit) {
      const message = `A BSON document claims ${length} bytes, the limit is ${this.limit}.`
      throw new WireError('line_too_long', message, detail)
    }
    const document = new Uint8Array(length)
    document.set(this.document)
    this.document = document
  }

  private finish(): Uint8Array {
    const document = this.document
    this.documentStart += document.length
    this.document = new Uint8Array(lengthBytes)
    this.received = 0
    return document
  }
}

const lengthBytes = 4

/** Room kept between lines; more than this is given back. */
const keptBytes = 1024 * 1024
const smallestRoom = 4096

/** The bytes of an unfinished line. Its room doubles, so appending stays linear. */
class Held {
  length = 0
  private room = new Uint8Array(0)

  append(piece: Uint8Array): void {
    const length = this.length + piece.length
    if (length > this.room.length) {
      const larger = new Uint8Array(Math.max(length, this.room.length * 2, smallestRoom))
      larger.set(this.bytes())
      this.room = larger
    }
    this.room.set(piece, this.length)
    this.length = length
  }

  /** A view, valid until the next call of `append` or `clear`. */
  bytes(): Uint8Array {
    return this.room.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
    if (this.room.length > keptBytes) this.room = new Uint8Array(0)
  }
}

const excerptBytes = 1024

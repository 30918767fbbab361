/**
 * Reads a line of JSON where `JSON.parse` refuses it or would lose something.
 *
 * Three things differ: the bare words NaN, Infinity and -Infinity are values, whole numbers beyond 2^53 become
 * bigints, and the nested row of an op (a service that was asked for `raw_data: false` sends one) is not
 * built but kept as its exact source text. In all else it takes and refuses the texts that `JSON.parse` does.
 * Invariant: depth of nesting costs no stack, and time grows linearly with the text.
 */

import { WireError } from './error.ts'
import type { FieldPath } from './fields.ts'
import { redactText } from './redact.ts'

/**
 * The line as plain values: strings, numbers, bigints, booleans, null, arrays and objects without prototype; a
 * symbol for what is nested deeper than any field of a line. Throws `WireError` (`bad_json`).
 */
export function readJson(text: string): unknown {
  const cursor = new Cursor(text)
  const line = build(cursor, 'line', 0)
  cursor.end()
  return line
}

/** The code unit at which the value at `path` begins, or the last thing on the way to it that exists. */
export function locateInJson(text: string, path: FieldPath): number {
  const cursor = new Cursor(text)
  let found = cursor.start()
  for (const step of path) {
    if (!cursor.seek(step)) return found
    found = cursor.start()
  }
  return found
}

/** Lines are at most this deep; what is deeper is checked, not built, and `opaque` stands for it. */
const maxDepth = 8
const opaque = Symbol('opaque')
/** As deep as SQLite reads JSON. */
const maxNesting = 1000

/** The way to an op's row: `{data: {data: [{data: …}]}}`; `else` is everywhere beside it. */
type Place = 'line' | 'batch' | 'ops' | 'op' | 'row' | 'else'

const dataOf: Record<Place, Place> = {
  line: 'batch',
  batch: 'ops',
  ops: 'else',
  op: 'row',
  row: 'else',
  else: 'else',
}

const code = {
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

function build(cursor: Cursor, place: Place, depth: number): unknown {
  const start = cursor.start()
  const isObject = cursor.isAt(code.openBrace)
  if (!isObject && !cursor.isAt(code.openBracket)) return cursor.scalar()
  if (place === 'row' || depth >= maxDepth) {
    cursor.skip()
    return place === 'row' ? cursor.text.slice(start, cursor.at) : opaque
  }
  return isObject ? buildObject(cursor, place, depth) : buildArray(cursor, place, depth)
}

function buildObject(cursor: Cursor, place: Place, depth: number): unknown {
  const object: Record<string, unknown> = Object.create(null)
  cursor.expect(code.openBrace)
  if (cursor.take(code.closeBrace)) return object
  do {
    const key = cursor.key()
    object[key] = build(cursor, key === 'data' ? dataOf[place] : 'else', depth + 1)
  } while (cursor.take(code.comma))
  cursor.expect(code.closeBrace)
  return object
}

function buildArray(cursor: Cursor, place: Place, depth: number): unknown {
  const array: unknown[] = []
  cursor.expect(code.openBracket)
  if (cursor.take(code.closeBracket)) return array
  do array.push(build(cursor, place === 'ops' ? 'op' : 'else', depth + 1))
  while (cursor.take(code.comma))
  cursor.expect(code.closeBracket)
  return array
}

const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const wordPattern = /(?:true|false|null|NaN|-?Infinity)/y
const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

/** A place in a JSON text, and the tokens that can follow it. */
class Cursor {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  /** Where the next token starts. */
  start(): number {
    for (;;) {
      const next = this.text.charCodeAt(this.at)
      if (
        next !== code.space &&
        next !== code.lineFeed &&
        next !== code.tab &&
        next !== code.carriageReturn
      ) {
        return this.at
      }
      this.at++
    }
  }

  isAt(wanted: number): boolean {
    return this.text.charCodeAt(this.start()) === wanted
  }

  take(wanted: number): boolean {
    if (!this.isAt(wanted)) return false
    this.at++
    return true
  }

  expect(wanted: number): void {
    if (!this.take(wanted)) this.fail(`Expected ${String.fromCharCode(wanted)}`)
  }

  end(): void {
    if (this.start() < this.text.length) this.fail('Something follows the line')
  }

  key(): string {
    if (!this.isAt(code.quote)) this.fail('Expected a field name')
    const key = this.string()
    this.expect(code.colon)
    return key
  }

  /** A string, a number or a word. */
  scalar(): unknown {
    const start = this.start()
    if (this.text.charCodeAt(start) === code.quote) return this.string()
    wordPattern.lastIndex = start
    const word = wordPattern.exec(this.text)
    if (word !== null) {
      this.at = wordPattern.lastIndex
      return words.get(word[0])
    }
    numberPattern.lastIndex = start
    const number = numberPattern.exec(this.text)
    if (number === null) return this.fail('Expected a value')
    this.at = numberPattern.lastIndex
    return exactNumber(number[0], number[1] === undefined && number[2] === undefined)
  }

  /** Over one value, checked but not built. */
  skip(): void {
    const closers: number[] = []
    for (;;) {
      // A value is due.
      if (this.take(code.openBrace)) {
        this.nest(closers, code.closeBrace)
        if (!this.isAt(code.closeBrace)) {
          this.key()
          continue
        }
      } else if (this.take(code.openBracket)) {
        this.nest(closers, code.closeBracket)
        if (!this.isAt(code.closeBracket)) continue
      } else this.scalar()
      // A value has ended, or an empty one is about to, and with it perhaps those around it.
      for (;;) {
        const closer = closers.at(-1)
        if (closer === undefined) return
        if (this.take(code.comma)) {
          if (closer === code.closeBrace) this.key()
          break
        }
        this.expect(closer)
        closers.pop()
      }
    }
  }

  /** From the start of an object or array to that of one of its values; false where there is none. */
  seek(step: string | number): boolean {
    if (!this.take(typeof step === 'string' ? code.openBrace : code.openBracket)) return false
    const closer = typeof step === 'string' ? code.closeBrace : code.closeBracket
    if (this.isAt(closer)) return false
    for (let index = 0; ; index++) {
      if (typeof step === 'string' ? this.key() === step : index === step) return true
      this.skip()
      if (!this.take(code.comma)) return false
    }
  }

  private nest(closers: number[], closer: number): void {
    if (closers.length === maxNesting) this.fail('Nested too deep')
    closers.push(closer)
  }

  private string(): string {
    const { text } = this
    const start = this.at
    let escaped = false
    for (let at = start + 1; at < text.length; at++) {
      const next = text.charCodeAt(at)
      if (next === code.quote) {
        this.at = at + 1
        return escaped ? this.unescape(start) : text.slice(start + 1, at)
      }
      if (next === code.backslash) {
        escaped = true
        at++
      } else if (next < code.space) {
        this.at = at
        this.fail('A control character in a string')
      }
    }
    this.at = text.length
    return this.fail('A string does not end')
  }

  private unescape(start: number): string {
    try {
      return JSON.parse(this.text.slice(start, this.at))
    } catch {
      this.at = start
      return this.fail('A string holds a wrong escape')
    }
  }

  private fail(sentence: string): never {
    const detail = { offset: this.at, excerpt: redactText(this.text, this.at) }
    throw new WireError('bad_json', `${sentence} at position ${this.at} of a line of JSON.`, detail)
  }
}

/** Whole numbers that a double would round become bigints; 20 digits are more than any field can hold. */
function exactNumber(text: string, isWhole: boolean): number | bigint {
  const number = Number(text)
  return isWhole && text.length <= 20 && !Number.isSafeInteger(number) ? BigInt(text) : number
}

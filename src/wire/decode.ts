/**
 * One payload of a framer to one `SyncLine`.
 *
 * NDJSON takes the fast way, `JSON.parse`, and is read again exactly only where that fails (bare NaN and
 * Infinity in a nested row) or lost something (a nested row, whole numbers beyond 2^53). Row data comes out as
 * the very text that was sent. Invariant: whatever the payload, the only thing thrown is a `WireError`.
 *
 * What is ignored and what is not: unknown kinds of line are `unknown`, unknown fields and reasons are left
 * out, so that a newer service works. An op of an unknown kind is refused (`bad_line`): passing over it would
 * leave a bucket whose checksum is right and whose rows are not. Every op and bucket needs a checksum; the
 * service sends them also with `include_checksum: false`.
 */

import { locateInBson, readBson } from './bson.ts'
import { WireError } from './error.ts'
import { BadField } from './fields.ts'
import { locateInJson, readJson } from './json.ts'
import type { Payload, SyncLine } from './line.ts'
import { inexact, readLine } from './read.ts'
import { redactBson, redactText } from './redact.ts'

/**
 * Decodes a line: a string is JSON, bytes are BSON. Both give equal values for the same line.
 * Throws `WireError`: `bad_json`, `bad_bson`, `bad_utf8` or `bad_line`.
 *
 * @example
 * decodeLine('{"checkpoint_complete":{"last_op_id":"9223372036854775807"}}')
 * // { kind: 'checkpoint_complete', lastOpId: 9223372036854775807n }
 */
export function decodeLine(payload: Payload): SyncLine {
  return typeof payload === 'string' ? decodeText(payload) : decodeBson(payload)
}

function decodeText(text: string): SyncLine {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return decodeTextExactly(text)
  }
  try {
    return readLine(line, true)
  } catch (fault) {
    return fault === inexact ? decodeTextExactly(text) : refuseText(text, fault)
  }
}

function decodeTextExactly(text: string): SyncLine {
  const line = readJson(text)
  try {
    return readLine(line, false)
  } catch (fault) {
    return refuseText(text, fault)
  }
}

function refuseText(text: string, fault: unknown): never {
  if (!(fault instanceof BadField)) throw fault
  const offset = locateInJson(text, fault.path)
  throw badLine(fault, offset, redactText(text, offset))
}

function decodeBson(bytes: Uint8Array): SyncLine {
  const line = readBson(bytes)
  try {
    return readLine(line, false)
  } catch (fault) {
    if (!(fault instanceof BadField)) throw fault
    const offset = locateInBson(bytes, fault.path)
    throw badLine(fault, offset, redactBson(bytes, offset))
  }
}

function badLine({ path, sentence }: BadField, offset: number, excerpt: string): WireError {
  const message = path.length === 0 ? `The line ${sentence}.` : `At ${path.join('.')}: ${sentence}.`
  return new WireError('bad_line', message, { offset, excerpt })
}

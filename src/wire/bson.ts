/**
 * One BSON document to plain values. The `bson` package reads it; here its faults become `WireError`s.
 *
 * Invariant: nothing that the package says about a fault is passed on, because its messages can repeat what a
 * row holds. Where a fault is, its walk over the elements of a document tells; that part of it is
 * experimental, so only the offset of an error depends on it.
 */

import { BSONError, BSONOffsetError, deserialize, onDemand, type OnDemand } from 'bson'
import { WireError } from './error.ts'
import type { FieldPath } from './fields.ts'
import { redactBson } from './redact.ts'
import { isUtf8, lenient } from './utf8.ts'

/**
 * The document's fields: int64 as bigint, int32 and double as number; types that no line uses are objects of
 * the package. Throws `WireError`: `bad_bson`, or `bad_utf8` for a string anywhere in it. Its offset is 0
 * where the place of the fault is not known.
 */
export function readBson(bytes: Uint8Array): unknown {
  try {
    return deserialize(bytes, { useBigInt64: true, validation: { utf8: true } })
  } catch (fault) {
    // Of the package's faults only one has a cause: text that does not decode.
    const badText = fault instanceof BSONError && fault.cause !== undefined
    const offset = locateFault(bytes, badText)
    const detail = { offset, excerpt: redactBson(bytes, offset) }
    throw badText
      ? new WireError('bad_utf8', 'A string of a BSON line is not UTF-8.', detail)
      : new WireError('bad_bson', 'A line is not well-formed BSON.', detail)
  }
}

/** The byte at which the field at `path` begins, or the last thing on the way to it that exists. */
export function locateInBson(bytes: Uint8Array, path: FieldPath): number {
  let found = 0
  let document = 0
  for (const step of path) {
    // Of fields with the same name the last counts.
    const elements = elementsOf(bytes, document)
    const element =
      typeof step === 'number'
        ? elements[step]
        : elements.findLast(([, at, length]) => lenient.decode(bytes.subarray(at, at + length)) === step)
    if (element === undefined) return found
    const [type, nameAt, , valueAt] = element
    found = nameAt - 1
    if (!isNested(type)) return found
    document = valueAt
  }
  return found
}

/** A string that is not UTF-8, or a length that does not fit; level by level, so depth costs no stack. */
function locateFault(bytes: Uint8Array, badText: boolean): number {
  const documents = [0]
  try {
    for (const document of documents) {
      for (const [type, , , at, length] of elementsOf(bytes, document)) {
        if (isNested(type)) documents.push(at)
        else if (badText && type === stringType && !isUtf8(bytes.subarray(at + 4, at + length - 1))) {
          return at + 4
        }
      }
    }
  } catch (fault) {
    if (!badText && fault instanceof BSONOffsetError) return fault.offset
  }
  return 0
}

const stringType = 0x02
const isNested = (type: number): boolean => type === 0x03 || type === 0x04

/** A walk takes up to fifty times the size of the document in memory: larger ones are not walked. */
const walkableBytes = 4 * 1024 * 1024

function elementsOf(bytes: Uint8Array, document: number): OnDemand['BSONElement'][] {
  return bytes.length > walkableBytes ? [] : [...onDemand.parseToElements(bytes, document)]
}

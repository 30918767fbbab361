/**
 * The one error of this room: the service sent bytes or a line that cannot be understood.
 *
 * Invariant: nothing in it repeats what a row holds. The message names fields and op ids, and the excerpt
 * keeps structure and the protocol's own field names only.
 */

/**
 * Stable codes; decide by these, never by the message.
 * - `line_too_long`: an NDJSON line, or the length of a BSON document, is over the limit
 * - `bad_length`: a BSON document claims a length that no document can have
 * - `bad_utf8`: bytes that are not UTF-8 where text is due
 * - `bad_json`, `bad_bson`: not a well-formed JSON text or BSON document
 * - `bad_line`: well formed, but a field that a line cannot do without is missing or of the wrong type
 * - `truncated`: the stream ended inside a BSON document
 */
export type WireErrorCode =
  | 'line_too_long'
  | 'bad_length'
  | 'bad_utf8'
  | 'bad_json'
  | 'bad_bson'
  | 'bad_line'
  | 'truncated'

export interface WireErrorDetail {
  readonly offset: number
  readonly excerpt: string
  readonly cause?: unknown
}

/**
 * Thrown by a framer and by `decodeLine`; nothing else is.
 *
 * @example
 * try { decodeLine('{"checkpoint":1}') } catch (error) {
 *   if (error instanceof WireError) report(error.code, error.offset) // 'bad_line', 14
 * }
 */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: WireErrorCode
  /**
   * Where it went wrong, counted from 0. From a framer: the byte of the (decompressed) stream. From
   * `decodeLine`: the UTF-16 code unit of the JSON text, or the byte of the BSON document (0 where BSON is so
   * broken that the byte is not known).
   */
  readonly offset: number
  /** At most 80 characters around the offset, marked `▸`, with every value masked; may be empty. */
  readonly excerpt: string

  constructor(code: WireErrorCode, message: string, detail: WireErrorDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.offset = detail.offset
    this.excerpt = detail.excerpt
  }
}

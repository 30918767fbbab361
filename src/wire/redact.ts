/**
 * Excerpts for errors: the structure around an offset and the protocol's own field names, nothing else.
 *
 * Invariant: no character of a value gets through, also when the text is so broken that strings begin and end
 * in the wrong places. Only brackets, colons, commas and names out of `fieldNames` are copied; a string
 * becomes `"…"`, a number `0`, anything else `_`.
 */

/** The names that the protocol gives to fields of a line: all that an excerpt may show. */
export const fieldNames = [
  'after',
  'bucket',
  'buckets',
  'checkpoint',
  'checkpoint_complete',
  'checkpoint_diff',
  'checksum',
  'count',
  'data',
  'default',
  'errors',
  'has_more',
  'is_default',
  'last_op_id',
  'message',
  'name',
  'next_after',
  'object_id',
  'object_type',
  'op',
  'op_id',
  'partial_checkpoint_complete',
  'priority',
  'removed_buckets',
  'streams',
  'sub',
  'subkey',
  'subscription',
  'subscriptions',
  'token_expires_in',
  'updated_buckets',
  'write_checkpoint',
]

/** The excerpt of a JSON text around a code unit. */
export function redactText(text: string, offset: number): string {
  const window = new Window()
  let at = 0
  while (at < text.length && !window.full) {
    const stop = endOfToken(text, at)
    window.add(maskToken(text, at, stop), stop > offset)
    at = stop
  }
  return window.text()
}

/** The excerpt of a BSON document around a byte: the names of the fields nearby. */
export function redactBson(bytes: Uint8Array, offset: number): string {
  const window = new Window()
  const from = Math.max(0, offset - bsonReach)
  let gap = from > 0
  for (let at = from; at < Math.min(bytes.length, offset + bsonReach) && !window.full; at++) {
    const name = at === 0 ? undefined : nameAt(bytes, at)
    if (name === undefined) {
      gap = true
      continue
    }
    window.add(gap ? `…${name}:` : `${name}:`, at + name.length >= offset)
    gap = false
    at += name.length
  }
  return window.text()
}

const reach = 39
const bsonReach = 1024
const known: ReadonlySet<string> = new Set(fieldNames)

/** Keeps what stands just before the offset and just after it, and marks the place between. */
class Window {
  private before = ''
  private after = ''
  private reached = false

  get full(): boolean {
    return this.after.length >= reach
  }

  add(masked: string, reachesOffset: boolean): void {
    this.reached ||= reachesOffset
    if (this.reached) this.after += masked
    else this.before = (this.before + masked).slice(-reach)
  }

  text(): string {
    return `${this.before}▸${this.after.slice(0, reach)}`
  }
}

const structure = '{}[]:,'
const quote = 0x22
const backslash = 0x5c

/** A token is a string, a bracket, colon or comma, or a run of anything else. */
function endOfToken(text: string, start: number): number {
  if (structure.includes(text.charAt(start))) return start + 1
  let at = start + 1
  if (text.charCodeAt(start) === quote) {
    while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1
    return Math.min(at + 1, text.length)
  }
  while (at < text.length && text.charCodeAt(at) !== quote && !structure.includes(text.charAt(at))) at++
  return at
}

function maskToken(text: string, start: number, stop: number): string {
  const first = text.charAt(start)
  if (structure.includes(first)) return first
  if (first === '"') {
    const isKey = text.charAt(stop) === ':'
    const name = stop - start > 40 ? '' : text.slice(start + 1, stop - 1)
    return isKey && known.has(name) ? `"${name}"` : '"…"'
  }
  return first === '-' || (first >= '0' && first <= '9') ? '0' : '_'
}

/** The known field name that begins at `at`, between a type byte and a zero. */
function nameAt(bytes: Uint8Array, at: number): string | undefined {
  const kind = bytes[at - 1]!
  if (kind === 0 || kind > 0x13) return undefined
  return fieldNames.find((name) => {
    if (bytes[at + name.length] !== 0) return false
    for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name.charCodeAt(i)) return false
    return true
  })
}

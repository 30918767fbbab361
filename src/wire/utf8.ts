/** Bytes that should be UTF-8, and where they are not. A byte order mark is text like any other. */

/** Throws where the bytes are not UTF-8. */
export const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Puts U+FFFD where the bytes are not UTF-8. */
export const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

export function isUtf8(bytes: Uint8Array): boolean {
  return accepts(bytes, false)
}

/** The byte that makes these bytes invalid; their length if the last character is cut off. */
export function firstBadByte(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length + 1
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (middle <= bytes.length && accepts(bytes.subarray(0, middle), true)) good = middle
    else bad = middle
  }
  return good
}

/** Whether the bytes are UTF-8; with `cut`, also where they end within a character. */
function accepts(bytes: Uint8Array, cut: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut })
    return true
  } catch {
    return false
  }
}

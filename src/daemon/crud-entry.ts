/** An entry of the upload queue as the app gets it: its JSON parsed, and the text kept. */
import type { CrudEntry, CrudValue } from '../connector/upload.ts'
import type { CrudEntry as StoredEntry } from '../engine/face.ts'

export function toCrudEntry({ data, previousValues, ...entry }: StoredEntry): CrudEntry {
  return {
    ...entry,
    // Dead letters of older versions have none.
    queuedAt: entry.queuedAt ?? null,
    opData: parseRow(data),
    previousValues: parseRow(previousValues),
    json: { opData: data, previousValues },
  }
}

/** Integers that a JavaScript number would round are bigints. */
function parseRow(text: string | null): { readonly [column: string]: CrudValue } | null {
  return text === null ? null : (JSON.parse(text, exact as (key: string, value: unknown) => unknown) as never)
}

/** A reviver's third argument is newer than its type. */
function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isInteger = typeof value === 'number' && !Number.isSafeInteger(value)
  return isInteger && context?.source !== undefined && /^-?\d+$/.test(context.source)
    ? BigInt(context.source)
    : value
}

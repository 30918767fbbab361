/**
 * Compares what two replays of one trace printed, step by step. Numbers are compared by their source text, so
 * nothing is lost in a JavaScript number. What carries no meaning is left out: the order of object keys and of
 * the buckets in a request, the random client id, the words of error messages (nobody decides by them).
 */

/** One place where the two disagree. `undefined`: not printed. */
export interface Difference {
  readonly step: number
  /** Index of the line among those of its step, then the keys down to the value. */
  readonly path: string
  readonly ours: unknown
  readonly native: unknown
}

export function differences(ours: readonly string[], native: readonly string[]): readonly Difference[] {
  const left = byStep(ours)
  const right = byStep(native)
  const steps = [...new Set([...left.keys(), ...right.keys()])].sort((a, b) => a - b)
  return steps.flatMap((step) =>
    diff(left.get(step) ?? [], right.get(step) ?? [], '').map((found) => ({ step, ...found })),
  )
}

function byStep(lines: readonly string[]): ReadonlyMap<number, readonly unknown[]> {
  const steps = new Map<number, unknown[]>()
  for (const line of lines) {
    const { step, ...printed } = parseExact(line) as { step: string; [key: string]: unknown }
    const number = Number(step.slice(1))
    steps.set(number, [...(steps.get(number) ?? []), meaning(printed)])
  }
  return steps
}

/** Numbers become `#` and their source text, which no string in a trace is taken for. */
function parseExact(line: string): unknown {
  // The reviver's third argument is newer than its type.
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? `#${context?.source}` : value
  return JSON.parse(line, revive as (key: string, value: unknown) => unknown)
}

function meaning(printed: { readonly [key: string]: unknown }): object {
  if ('error' in printed) return { error: { code: (printed['error'] as { code: unknown }).code } }
  if (!('request' in printed)) return printed
  const { buckets, client_id, ...request } = printed['request'] as {
    readonly buckets: readonly { readonly name: string }[]
    readonly client_id: string
  }
  const sorted = buckets.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { request: { ...request, buckets: sorted, client_id: /^[0-9a-f-]{36}$/.test(client_id) } }
}

type Found = Omit<Difference, 'step'>

function diff(ours: unknown, native: unknown, path: string): readonly Found[] {
  if (Object.is(ours, native)) return []
  if (Array.isArray(ours) !== Array.isArray(native) || !isObject(ours) || !isObject(native)) {
    return [{ path, ours, native }]
  }
  return [...new Set([...Object.keys(ours), ...Object.keys(native)])].flatMap((key) =>
    diff(ours[key], native[key], path === '' ? key : `${path}.${key}`),
  )
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return value !== null && typeof value === 'object'
}

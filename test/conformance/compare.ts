/**
 * Compares what two replays of one trace printed, step by step. Numbers are compared by their source text, so
 * nothing is lost in a JavaScript number. What carries no meaning is left out: the order of object keys and of
 * the buckets in a request, its empty parameters, the random client id, the words of error messages (nobody
 * decides by them).
 */

/**
 * Where the two disagree, one line each: the step, the way down to the value (streams, rows and the like by
 * their names), our value and the native core's; `+` and `-`: only one side has it.
 *
 * @example
 * differences(ours, native) // ['4 streams.x.priority: 1 | null']
 */
export function differences(ours: readonly string[], native: readonly string[]): readonly string[] {
  return findDifferences(ours, native).map(
    (found) => `${found.step} ${found.path.join('.')}: ${found.ours} | ${found.native}`,
  )
}

/** One place where the two disagree. Values are JSON text; `-`: not there, `+`: there. */
export interface Difference {
  readonly step: number
  readonly path: readonly string[]
  readonly ours: string
  readonly native: string
}

/** The same as `differences`, for those who look into them. */
export function findDifferences(ours: readonly string[], native: readonly string[]): readonly Difference[] {
  const left = byStep(ours)
  const right = byStep(native)
  const steps = [...new Set([...left.keys(), ...right.keys()])].sort((a, b) => a - b)
  return steps.flatMap((step) =>
    diffMembers(left.get(step) ?? [], right.get(step) ?? [], true, []).map(({ path, values }) => ({
      step,
      path,
      ours: show(values[0]),
      native: show(values[1]),
    })),
  )
}

/** JSON with the source text of numbers: newer than its types. */
const exact = JSON as unknown as {
  readonly parse: (
    text: string,
    revive: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ) => unknown
  readonly rawJSON: (text: string) => unknown
}

/** A number as its source text. */
class Numeral {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }

  toJSON(): unknown {
    return exact.rawJSON(this.source)
  }
}

/** A value and what it goes by among its siblings. */
type Member = readonly [name: string, value: unknown]

/** What a step printed: one member for each line, and for each part of a dump. */
function byStep(lines: readonly string[]): ReadonlyMap<number, readonly Member[]> {
  const steps = new Map<number, Member[]>()
  for (const line of lines) {
    const { step, ...printed } = parseExact(line) as {
      readonly step: Numeral
      readonly [kind: string]: unknown
    }
    const number = Number(step.source)
    const earlier = steps.get(number) ?? []
    const members = Object.entries(printed).map(([kind, value]): Member => {
      const same = earlier.filter(([name]) => name.split(' ')[0] === kind).length
      return [same === 0 ? kind : `${kind} ${same + 1}`, meaning(kind, value)]
    })
    steps.set(number, [...earlier, ...members])
  }
  return steps
}

function parseExact(line: string): unknown {
  return exact.parse(line, (_key, value, { source }) =>
    typeof value === 'number' ? new Numeral(source) : value,
  )
}

function meaning(kind: string, value: unknown): unknown {
  if (kind === 'error') return { code: (value as { readonly code: string }).code }
  if (kind === 'checkpointRequest') return { ...(value as object), client_id: null }
  if (kind !== 'request') return value
  const { buckets, client_id, parameters, ...request } = value as {
    readonly buckets: readonly { readonly name: string }[]
    readonly client_id: string
    readonly parameters?: object | null
  }
  return {
    ...request,
    buckets: buckets.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    client_id: /^[0-9a-f-]{36}$/.test(client_id),
    ...(Object.keys(parameters ?? {}).length > 0 && { parameters }),
  }
}

interface Found {
  readonly path: readonly string[]
  readonly values: readonly [ours: unknown, native: unknown]
}

function diff(ours: unknown, native: unknown, path: readonly string[]): readonly Found[] {
  if (!isContainer(ours) || !isContainer(native) || Array.isArray(ours) !== Array.isArray(native)) {
    return show(ours) === show(native) ? [] : [{ path, values: [brief(ours, native), brief(native, ours)] }]
  }
  return diffMembers(members(ours), members(native), Array.isArray(ours), path)
}

function diffMembers(
  ours: readonly Member[],
  native: readonly Member[],
  ordered: boolean,
  path: readonly string[],
): readonly Found[] {
  const left = new Map(ours)
  const right = new Map(native)
  const both = [ours, native].map((side) =>
    side.map(([name]) => name).filter((name) => left.has(name) && right.has(name)),
  )
  const moved = ordered && show(both[0]) !== show(both[1])
  return [
    ...(moved ? [{ path: [...path, 'order'], values: [both[0], both[1]] as const }] : []),
    ...[...new Set([...left.keys(), ...right.keys()])].flatMap((name) =>
      diff(left.get(name), right.get(name), [...path, name]),
    ),
  ]
}

function isContainer(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !(value instanceof Numeral)
}

/** Elements go by their names where all have one and no two the same, else by index. */
function members(container: object): readonly Member[] {
  if (!Array.isArray(container)) return Object.entries(container)
  const names = container.map(nameOf)
  const usable = names.every((name) => name !== null) && new Set(names).size === names.length
  return container.map((element, index) => [usable ? String(names[index]) : String(index), element])
}

function nameOf(element: unknown): string | null {
  if (!isContainer(element)) return null
  const { id, name, stream, params, parameters, priority } = element as { readonly [key: string]: unknown }
  const own = id ?? name ?? stream ?? (priority && `priority ${show(priority)}`)
  const asked = params ?? parameters
  return own === undefined ? null : `${String(own)}${isContainer(asked) ? show(asked) : ''}`
}

/** Of a thing that only one side has, it is enough to say so. */
function brief(value: unknown, other: unknown): unknown {
  return other === undefined && isContainer(value) && nameOf(value) !== null ? THERE : value
}

const THERE = Symbol('there')

function show(value: unknown): string {
  return value === undefined ? '-' : value === THERE ? '+' : JSON.stringify(value)
}

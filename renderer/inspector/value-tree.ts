/**
 * A value as the nodes of a tree, pure. Only open nodes are walked, so a status of thousands of streams costs no
 * more than what is shown of it.
 */

export interface ValueNode {
  /** The way to it from the root, as JSON. */
  readonly id: string
  readonly name: string
  /** The value, or a summary of what is in it. */
  readonly text: string
  readonly kind: 'text' | 'number' | 'word' | 'group'
  /** It is another value than before. */
  readonly isChanged: boolean
  /** What a changed value was; null where a part is new, or its own parts tell. */
  readonly was: string | null
  readonly hasChildren: boolean
  /** Empty while the node is closed. */
  readonly children: readonly ValueNode[]
}

/**
 * The parts of `value`, with those marked that differ from the part of the same name in `before`.
 *
 * @param open ids of the nodes that are open.
 */
export function valueNodes(
  value: unknown,
  before: unknown,
  open: ReadonlySet<unknown>,
  path: readonly string[] = [],
): readonly ValueNode[] {
  const earlier = new Map(partsOf(before).map(({ key, part }) => [key, part]))
  return partsOf(value).map(({ key, name, part }) => {
    const way = [...path, key]
    const id = JSON.stringify(way)
    const parts = partsOf(part)
    const was = earlier.get(key)
    return {
      id,
      name,
      text: summary(part, parts.length),
      kind: kindOf(part),
      isChanged: !isSame(part, was),
      was: isSame(part, was) || was === undefined || kindOf(was) === 'group' ? null : summary(was, 0),
      hasChildren: parts.length > 0,
      children: open.has(id) ? valueNodes(part, was, open, way) : [],
    }
  })
}

/** Of more changed parts than this in one place none opens: nobody reads them all. */
const MANY = 10

/** Ids of the nodes that lead to a change, so that a tree can show what changed; what is new opens one level. */
export function changedNodes(
  value: unknown,
  before: unknown,
  path: readonly string[] = [],
): readonly string[] {
  const earlier = new Map(partsOf(before).map(({ key, part }) => [key, part]))
  const changed = partsOf(value).filter(
    ({ key, part }) => !isSame(part, earlier.get(key)) && partsOf(part).length > 0,
  )
  if (changed.length > MANY) return []
  return changed.flatMap(({ key, part }) => {
    const was = earlier.get(key)
    const way = [...path, key]
    const isNew = typeof was !== 'object' || was === null
    return [JSON.stringify(way), ...(isNew ? [] : changedNodes(part, was, way))]
  })
}

/** The line of the first changed value among the open nodes, from 0; null when none is in sight. */
export function firstChange(nodes: readonly ValueNode[]): number | null {
  const lines = flat(nodes)
  const line = lines.findIndex(({ isChanged, children }) => isChanged && children.length === 0)
  return line === -1 ? null : line
}

function flat(nodes: readonly ValueNode[]): readonly ValueNode[] {
  return nodes.flatMap((node) => [node, ...flat(node.children)])
}

/** How large a value is as JSON, in bytes of UTF-8. */
export function jsonBytes(value: unknown): number {
  const text = JSON.stringify(value, (_key, part: unknown) => (part instanceof Map ? [...part] : part))
  return new TextEncoder().encode(text).byteLength
}

/** Identical parts, as most are, cost nothing; a delta replaces some parts whole that changed only in a part. */
function isSame(value: unknown, before: unknown): boolean {
  if (Object.is(value, before)) return true
  const [parts, earlier] = [partsOf(value), partsOf(before)]
  if (kindOf(value) !== 'group' || kindOf(before) !== 'group' || parts.length !== earlier.length) return false
  return parts.every(({ key, part }, index) => {
    const was = earlier[index]!
    return was.key === key && isSame(part, was.part)
  })
}

interface Part {
  readonly key: string
  readonly name: string
  readonly part: unknown
}

function partsOf(value: unknown): readonly Part[] {
  if (value instanceof Map) {
    return [...(value as ReadonlyMap<unknown, unknown>)].map(([key, part]) => ({
      key: String(key),
      name: [String(key), nameOf(part)].filter(Boolean).join(' '),
      part,
    }))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([key, part]) => ({ key, name: key, part }))
}

/** What people call it: entries of a map are objects with names. */
function nameOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('name' in value)) return null
  return typeof value.name === 'string' ? value.name : null
}

function kindOf(value: unknown): ValueNode['kind'] {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number' || typeof value === 'bigint') return 'number'
  return typeof value === 'object' && value !== null ? 'group' : 'word'
}

function summary(value: unknown, parts: number): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value) || value instanceof Map) return parts === 0 ? 'none' : String(parts)
  return parts === 0 ? '{}' : ''
}

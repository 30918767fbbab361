/**
 * An immutable map from whole numbers to values, in ascending order of the numbers. A change copies one short
 * path and shares the rest, so a step that is thrown away costs nothing, and one that touches one stream of
 * many does not pay for the others. An id must be a safe integer from 0.
 */

const WIDTH = 32

type Node<Value> = readonly (Node<Value> | Value | undefined)[]

export class IdMap<Value extends object> {
  readonly size: number
  readonly #root: Node<Value>
  /** How many ids the root spans. */
  readonly #span: number

  private constructor(root: Node<Value>, span: number, size: number) {
    this.#root = root
    this.#span = span
    this.size = size
  }

  static empty<Value extends object>(): IdMap<Value> {
    return new IdMap<Value>([], WIDTH, 0)
  }

  get(id: number): Value | undefined {
    if (id >= this.#span) return undefined
    let node = this.#root
    for (let span = this.#span / WIDTH; span > 1; span /= WIDTH) {
      const child = node[slot(id, span)] as Node<Value> | undefined
      if (child === undefined) return undefined
      node = child
    }
    return node[slot(id, 1)] as Value | undefined
  }

  set(id: number, value: Value): IdMap<Value> {
    let root = this.#root
    let span = this.#span
    for (; id >= span; span *= WIDTH) root = this.size === 0 ? [] : [root]
    const size = this.get(id) === undefined ? this.size + 1 : this.size
    return new IdMap(replaced(root, span / WIDTH, id, value) ?? [], span, size)
  }

  delete(id: number): IdMap<Value> {
    if (this.get(id) === undefined) return this
    const root = replaced(this.#root, this.#span / WIDTH, id, undefined)
    return root === undefined ? IdMap.empty() : new IdMap(root, this.#span, this.size - 1)
  }

  /** The same ids with what `change` makes of their values, in one walk; what it leaves stays shared. */
  map(change: (value: Value) => Value): IdMap<Value> {
    const root = changed(this.#root, this.#span / WIDTH, change)
    return root === this.#root ? this : new IdMap(root, this.#span, this.size)
  }

  /** Ascending by id. */
  [Symbol.iterator](): IterableIterator<readonly [number, Value]> {
    const entries: (readonly [number, Value])[] = []
    collect(this.#root, this.#span / WIDTH, 0, entries)
    return entries.values()
  }
}

/** Where `id` stands in a node whose children span `span` ids each. */
function slot(id: number, span: number): number {
  return Math.floor(id / span) % WIDTH
}

/** The node with `id` replaced; undefined when nothing is left in it. */
function replaced<Value>(
  node: Node<Value>,
  span: number,
  id: number,
  value: Value | undefined,
): Node<Value> | undefined {
  const at = slot(id, span)
  const child = span === 1 ? value : replaced((node[at] ?? []) as Node<Value>, span / WIDTH, id, value)
  const copy = node.slice()
  copy[at] = child
  return child !== undefined || copy.some((other) => other !== undefined) ? copy : undefined
}

function changed<Value extends object>(
  node: Node<Value>,
  span: number,
  change: (value: Value) => Value,
): Node<Value> {
  let copy: (Node<Value> | Value | undefined)[] | null = null
  for (let at = 0; at < node.length; at++) {
    const child = node[at]
    if (child === undefined) continue
    const next = span === 1 ? change(child as Value) : changed(child as Node<Value>, span / WIDTH, change)
    if (next === child) continue
    copy ??= node.slice()
    copy[at] = next
  }
  return copy ?? node
}

function collect<Value extends object>(
  node: Node<Value>,
  span: number,
  first: number,
  entries: (readonly [number, Value])[],
): void {
  for (let at = 0; at < node.length; at++) {
    const child = node[at]
    if (child === undefined) continue
    const id = first + at * span
    if (span === 1) entries.push([id, child as Value])
    else collect(child as Node<Value>, span / WIDTH, id, entries)
  }
}

/**
 * A sync service in miniature, with random contents: streams, buckets, ops. It answers a client's request as the
 * real one does, line by line, and knows nothing of what the client makes of it.
 */
import type { Random } from '../sync/random.ts'

/** As posted, as far as a service looks at it. */
export interface Request {
  readonly buckets: readonly { readonly name: string; readonly after: string }[]
  readonly streams: {
    readonly include_defaults: boolean
    readonly subscriptions: readonly {
      readonly stream: string
      readonly parameters: { readonly [name: string]: unknown } | null
      readonly override_priority: number | null
    }[]
  }
}

/** How a history differs from a plain one. */
export interface ServiceTaste {
  /** Some subscriptions have errors. */
  readonly errors: boolean
  /** Rows are in one bucket each. */
  readonly rowsApart: boolean
}

interface Op {
  readonly id: number
  readonly op: 'PUT' | 'REMOVE' | 'MOVE' | 'CLEAR'
  readonly type?: string
  readonly row?: string
  readonly subkey?: string
  readonly data?: string | null
  readonly sum: number
}

interface Bucket {
  readonly name: string
  priority: number
  /** Streams and subscriptions that it belongs to, as `keyOf` writes them. */
  owners: readonly string[]
  ops: readonly Op[]
}

/** A bucket as one checkpoint describes it to one client. */
interface Listed {
  readonly ops: readonly Op[]
  readonly description: {
    readonly bucket: string
    readonly checksum: number
    readonly count: number
    readonly priority: number
    readonly subscriptions: readonly object[]
  }
}

/** The streams of the service: the first two are default ones. */
export const defaultStreams = ['d', 'e'] as const
const streams = [...defaultStreams, 's', 't'] as const

const bucketNames = ['d|1', 'd|2', 'e|1', 's|1', 's|2', 's|3', 't|1', 'mixed|1', 'mixed|2']
const owners = ['d', 'e', 's{"k":1}', 's{"k":2}', 's{"k":3}', 't']

export function keyOf(stream: string, parameters: object | null): string {
  return `${stream}${parameters === null ? '' : JSON.stringify(parameters)}`
}

export class RandomService {
  readonly #random: Random
  readonly #taste: ServiceTaste
  readonly #buckets = new Map<string, Bucket>()
  /** Default streams that the service has no more. */
  readonly #withdrawn = new Set<string>()
  readonly #failing = new Set<string>()
  lastOpId = 0
  /** What the client's uploads have reached; told with every checkpoint. */
  writeCheckpoint: number | null = null

  constructor(random: Random, taste: ServiceTaste) {
    this.#random = random
    this.#taste = taste
    for (const name of bucketNames) if (random.chance(0.6)) this.#create(name)
  }

  /** Something changes: rows, a bucket, what it belongs to, the streams there are. */
  change(): void {
    const random = this.#random
    const name = random.pick(bucketNames)
    const bucket = this.#buckets.get(name)
    if (!bucket) return this.#create(name)
    if (random.chance(0.12)) return void this.#buckets.delete(name)
    if (random.chance(0.12)) bucket.priority = random.below(4)
    if (random.chance(0.08)) bucket.owners = this.#ownersOf(name)
    if (random.chance(0.05)) toggle(this.#withdrawn, random.pick(defaultStreams))
    if (this.#taste.errors && random.chance(0.3)) toggle(this.#failing, random.pick(owners))
    this.#write(bucket)
    if (random.chance(0.4)) bucket.ops = compacted(bucket.ops)
  }

  /** What a client with this request may see, as of now. */
  view(request: Request): {
    readonly listed: ReadonlyMap<string, Listed>
    readonly streams: readonly { readonly name: string }[]
  } {
    const { include_defaults: withDefaults, subscriptions } = request.streams
    const known = streams.filter(
      (name) =>
        !this.#withdrawn.has(name) &&
        ((withDefaults && isDefault(name)) || subscriptions.some(({ stream }) => stream === name)),
    )
    const asked = subscriptions.map(({ stream, parameters }) => keyOf(stream, parameters))
    const listed = new Map<string, Listed>()
    for (const bucket of this.#buckets.values()) {
      const wanted = bucket.owners.filter((owner) => !this.#failing.has(owner))
      const reasons = wanted.flatMap((owner) => [
        ...asked.flatMap((key, sub) =>
          key === owner && known.some((name) => name === subscriptions[sub]!.stream) ? [{ sub }] : [],
        ),
        ...known.flatMap((name, index) =>
          name === owner && isDefault(name) && withDefaults ? [{ default: index }] : [],
        ),
      ])
      if (reasons.length === 0) continue
      const overrides = reasons.flatMap((reason) =>
        'sub' in reason ? [subscriptions[reason.sub]!.override_priority ?? bucket.priority] : [],
      )
      const description = {
        bucket: bucket.name,
        checksum: checksumOf(bucket.ops) | 0,
        count: bucket.ops.length,
        priority: overrides.length > 0 ? Math.min(...overrides) : bucket.priority,
        subscriptions: reasons,
      }
      listed.set(bucket.name, { ops: bucket.ops, description })
    }
    const described = known.map((name) => ({
      name,
      is_default: isDefault(name),
      errors: [
        ...asked.flatMap((key, subscription) =>
          subscriptions[subscription]!.stream === name && this.#failing.has(key)
            ? [{ subscription, message: `${key} failed` }]
            : [],
        ),
        ...(isDefault(name) && withDefaults && this.#failing.has(name) && !asked.includes(name)
          ? [{ subscription: 'default', message: `${name} failed` }]
          : []),
      ],
    }))
    return { listed, streams: described }
  }

  #create(name: string): void {
    const bucket: Bucket = { name, priority: this.#random.below(4), owners: this.#ownersOf(name), ops: [] }
    this.#buckets.set(name, bucket)
    this.#write(bucket)
  }

  #ownersOf(name: string): readonly string[] {
    const [stream, number] = name.split('|') as [string, string]
    if (stream === 'mixed') return [...new Set([this.#random.pick(owners), this.#random.pick(owners)])]
    return [stream === 's' ? `s{"k":${number}}` : stream]
  }

  #write(bucket: Bucket): void {
    const random = this.#random
    const ops = Array.from({ length: 1 + random.below(6) }, (): Op => {
      const isRemoved = random.chance(0.25)
      return {
        id: ++this.lastOpId,
        op: isRemoved ? 'REMOVE' : 'PUT',
        type: random.pick(['t', 't', 't', 't', 't', 'u', 'v', 'w']),
        row: `${this.#taste.rowsApart ? bucket.name : ''}${random.pick(['r1', 'r1', 'r1', 'r2', 'R1'])}`,
        subkey: random.chance(0.85) ? '' : 'k2',
        data: isRemoved ? null : this.#rowData(),
        sum: random.below(2 ** 32),
      }
    })
    bucket.ops = [...bucket.ops, ...ops]
  }

  #rowData(): string {
    const members = ['a', 'b', 'c', 'x', 'extra'].filter(() => this.#random.chance(0.6))
    return `{${members.map((name) => `"${name}":${this.#random.pick(values)}`).join(',')}}`
  }
}

/** One open stream of the service: what it has told and sent, and the lines that may come next. */
export class ServiceStream {
  readonly #service: RandomService
  readonly #request: Request
  readonly #sent: Map<string, number>
  /** Names of the streams of the last checkpoint. */
  #told = ''
  #target: { readonly lastOpId: number; readonly listed: ReadonlyMap<string, Listed> } | null = null

  constructor(service: RandomService, request: Request) {
    this.#service = service
    this.#request = request
    this.#sent = new Map(request.buckets.map(({ name, after }) => [name, Number(after)]))
  }

  get hasCheckpoint(): boolean {
    return this.#target !== null
  }

  /** Whether the last checkpoint was told to be complete. */
  isComplete = false

  /** Names of the buckets of the checkpoint whose ops were not all sent, up to a priority. */
  unsent(priority: number): readonly string[] {
    return [...(this.#target?.listed ?? [])]
      .filter(([name, { ops, description }]) => {
        return description.priority <= priority && this.#after(name) < (ops.at(-1)?.id ?? 0)
      })
      .map(([name]) => name)
  }

  checkpoint(): object {
    const { listed, streams: described } = this.#look()
    this.#told = namesOf(described)
    const buckets = [...listed.values()].map(({ description }) => description)
    return { checkpoint: { ...this.#head(), buckets, streams: described } }
  }

  /** A diff cannot tell of other streams: then it is a checkpoint after all. */
  diff(): object {
    const before = this.#target?.listed ?? new Map<string, Listed>()
    if (namesOf(this.#service.view(this.#request).streams) !== this.#told) return this.checkpoint()
    const { listed } = this.#look()
    const updated = [...listed].filter(
      ([name, { description }]) =>
        JSON.stringify(description) !== JSON.stringify(before.get(name)?.description),
    )
    const removed = [...before.keys()].filter((name) => !listed.has(name))
    const buckets = updated.map(([, { description }]) => description)
    return { checkpoint_diff: { ...this.#head(), updated_buckets: buckets, removed_buckets: removed } }
  }

  data(name: string, limit: number): object {
    const after = this.#after(name)
    const { ops } = this.#target!.listed.get(name)!
    const rest = ops.filter(({ id }) => id > after)
    const batch = rest.slice(0, limit)
    const next = batch.at(-1)?.id ?? after
    this.#sent.set(name, next)
    const hasMore = rest.length > batch.length
    const data = batch.map(({ id, op, type, row, subkey, data: text, sum }) => ({
      op_id: String(id),
      op,
      ...(type !== undefined && { object_type: type, object_id: row, subkey, data: text }),
      checksum: sum,
    }))
    return { data: { bucket: name, after: String(after), has_more: hasMore, next_after: String(next), data } }
  }

  complete(priority: number | null): object {
    this.isComplete ||= priority === null
    const last_op_id = String(this.#target!.lastOpId)
    return priority === null
      ? { checkpoint_complete: { last_op_id } }
      : { partial_checkpoint_complete: { last_op_id, priority } }
  }

  #look() {
    const view = this.#service.view(this.#request)
    this.isComplete = false
    this.#target = { lastOpId: this.#service.lastOpId, listed: view.listed }
    for (const name of this.#sent.keys()) if (!view.listed.has(name)) this.#sent.delete(name)
    return view
  }

  #head(): object {
    const { lastOpId, writeCheckpoint } = this.#service
    return { last_op_id: String(lastOpId), write_checkpoint: writeCheckpoint && String(writeCheckpoint) }
  }

  #after(name: string): number {
    return this.#sent.get(name) ?? 0
  }
}

const values = [
  '1',
  '1.0',
  '2.5',
  '0.1',
  '1e400',
  '9007199254740993',
  '-9223372036854775808',
  '18446744073709551616',
  'NaN',
  '-Infinity',
  'null',
  'true',
  'false',
  '""',
  '"x"',
  '"12abc"',
  '"é\\u0000z"',
  '"\\ud83d\\ude00"',
  '"\\"q\\\\"',
  '[1,{"q":2}]',
  '{"k":"v"}',
]

export function isDefault(stream: string): boolean {
  return defaultStreams.some((name) => name === stream)
}

function namesOf(described: readonly { readonly name: string }[]): string {
  return described.map(({ name }) => name).join()
}

function toggle(set: Set<string>, name: string): void {
  if (!set.delete(name)) set.add(name)
}

/** Superseded ops become MOVE, what comes before the first op that still counts becomes one CLEAR. */
function compacted(ops: readonly Op[]): readonly Op[] {
  const seen = new Set<string>()
  const moved = ops
    .toReversed()
    .map((op): Op => {
      if (op.op !== 'PUT' && op.op !== 'REMOVE') return op
      const key = JSON.stringify([op.type, op.row, op.subkey])
      if (seen.has(key)) return { id: op.id, op: 'MOVE', sum: op.sum }
      seen.add(key)
      return op
    })
    .reverse()
  const first = moved.findIndex(({ op }) => op === 'PUT')
  const dead = first === -1 ? moved.length : first
  if (dead < 2) return moved
  const sum = checksumOf(moved.slice(0, dead))
  return [{ id: moved[dead - 1]!.id, op: 'CLEAR', sum }, ...moved.slice(dead)]
}

function checksumOf(ops: readonly Op[]): number {
  return ops.reduce((sum, op) => (op.op === 'CLEAR' ? op.sum : (sum + op.sum) % 2 ** 32), 0)
}

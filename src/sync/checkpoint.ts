/**
 * What a checkpoint says of streams: which subscriptions are active, which default streams there are, which
 * failed, and to whom each bucket belongs.
 */
import type { ErrorInfo } from '../status/status.ts'
import type { BucketChecksum, BucketReason, CheckpointStream } from '../wire/line.ts'
import type { Draft } from './draft.ts'
import type { TrackedBucket } from './event.ts'
import type { Requested, Streaming, Subscription } from './state.ts'
import { newRow, unheld } from './subscriptions.ts'

/**
 * Bring the subscriptions in line with the streams that the service resolved. Gives for each of these the id
 * of the subscription that stands for its default one, null where there is none.
 */
export function resolveStreams(
  draft: Draft,
  streams: readonly CheckpointStream[],
  { options: { includeDefaults }, requested }: Streaming,
): readonly (number | null)[] {
  const listed = byName(streams)
  const places = new Map(requested.map(({ id }, index) => [id, index]))
  const defaults = new Map<string, number>()

  for (const [id, subscription] of draft.known.subscriptions) {
    const { row } = subscription
    const stream = listed.get(row.name)
    const place = places.get(id)
    const byDefault = row.params === null && (includeDefaults || place !== undefined)
    const isDefault = byDefault && stream?.isDefault === true
    if (row.ttl === null && !isDefault) {
      draft.remove(id)
      continue
    }
    if (isDefault) defaults.set(row.name, id)
    const active = isDefault || (stream !== undefined && place !== undefined)
    const error = errorOf(row.name, stream, isDefault, place)
    draft.put({ ...subscription, row: { ...row, active, isDefault }, error })
  }
  for (const stream of listed.values()) {
    if (!stream.isDefault || !includeDefaults || defaults.has(stream.name)) continue
    const id = draft.known.nextId
    draft.learn({ nextId: id + 1 })
    const row = { ...newRow(id, stream.name, null), active: true, isDefault: true }
    draft.put({ ...unheld(row), error: errorOf(stream.name, stream, true, undefined) })
    defaults.set(stream.name, id)
  }
  logErrors(draft, streams, requested)
  return streams.map((stream) => defaults.get(stream.name) ?? null)
}

/** Streams of one name count as one. */
function byName(streams: readonly CheckpointStream[]): ReadonlyMap<string, CheckpointStream> {
  const listed = new Map<string, CheckpointStream>()
  for (const { name, isDefault, errors } of streams) {
    const same = listed.get(name) ?? { isDefault: false, errors: [] }
    listed.set(name, { name, isDefault: same.isDefault || isDefault, errors: [...same.errors, ...errors] })
  }
  return listed
}

/** Buckets with their reasons as subscription ids: what storage keeps. */
export function trackedBuckets(
  buckets: readonly BucketChecksum[],
  defaults: readonly (number | null)[],
  requested: readonly Requested[],
): TrackedBucket[] {
  const toId = (reason: BucketReason): number | null =>
    ('sub' in reason ? requested[reason.sub]?.id : defaults[reason.default]) ?? null
  return buckets.map(({ reasons, ...bucket }) => ({ ...bucket, subscriptions: ascending(reasons.map(toId)) }))
}

function ascending(ids: readonly (number | null)[]): readonly number[] {
  const known = ids.filter((id) => id !== null)
  return known.length > 1 ? [...new Set(known)].sort((a, b) => a - b) : known
}

/** `place`: the subscription's place in the request. */
function errorOf(
  name: string,
  stream: CheckpointStream | undefined,
  isDefault: boolean,
  place: number | undefined,
): ErrorInfo | null {
  if (stream === undefined) {
    if (place === undefined) return null
    return { code: 'stream_unknown', message: `The service does not know the stream ${name}.` }
  }
  const error =
    stream.errors.find(({ subscription }) => subscription === place) ??
    stream.errors.find(({ subscription }) => subscription === 'default' && isDefault)
  return error === undefined ? null : { code: 'stream_failed', message: error.message }
}

function logErrors(
  draft: Draft,
  streams: readonly CheckpointStream[],
  requested: readonly Requested[],
): void {
  for (const { name, errors } of streams) {
    for (const { subscription: place, message } of errors) {
      if (place === 'default') {
        draft.log('warning', `Default subscription ${name} has errors: ${message}`)
        continue
      }
      const subscription = draft.known.subscriptions.get(requested[place]?.id ?? -1)
      if (subscription === undefined) continue
      draft.log(
        'warning',
        `Subscription to stream ${describe(subscription)} could not be resolved: ${message}`,
      )
    }
  }
}

function describe({ row: { name, params } }: Subscription): string {
  return `${name} ${params === null ? '(without parameters)' : `(with parameters ${params})`}`
}

/**
 * What a checkpoint says of streams: which subscriptions are active, which default streams there are, which
 * failed, and to whom each bucket belongs.
 */
import type { ErrorInfo } from '../status/status.ts'
import type { BucketChecksum, BucketReason, CheckpointStream } from '../wire/line.ts'
import type { Draft } from './draft.ts'
import type { TrackedBucket } from './event.ts'
import type { Requested, Subscription } from './state.ts'
import { newRow, unheld } from './subscriptions.ts'

/**
 * Bring the subscriptions in line with the streams that the service resolved. Gives for each of these the id
 * of the subscription that stands for its default one, null where there is none.
 */
export function resolveStreams(
  draft: Draft,
  streams: readonly CheckpointStream[],
  requested: readonly Requested[],
): readonly (number | null)[] {
  const listed = new Map(streams.map((stream) => [stream.name, stream]))
  const errors = requestErrors(streams)
  const places = new Map(requested.map(({ id }, index) => [id, index]))
  const defaults = new Map<string, number>()

  for (const [id, subscription] of draft.known.subscriptions) {
    const { row } = subscription
    const stream = listed.get(row.name)
    const place = places.get(id)
    const isDefault = stream?.isDefault === true && row.params === null
    if (row.ttl === null && !isDefault) {
      draft.remove(id)
      continue
    }
    if (isDefault) defaults.set(row.name, id)
    const active = isDefault || (stream !== undefined && place !== undefined)
    const error =
      place !== undefined && stream === undefined
        ? unknownStream(row.name)
        : ((place === undefined ? undefined : errors.get(place)) ?? (isDefault ? defaultError(stream) : null))
    draft.put({ ...subscription, row: { ...row, active, isDefault }, error })
  }
  for (const stream of listed.values()) {
    if (!stream.isDefault || defaults.has(stream.name)) continue
    const id = draft.known.nextId
    draft.learn({ nextId: id + 1 })
    const row = { ...newRow(id, stream.name, null), active: true, isDefault: true }
    draft.put({ ...unheld(row), error: defaultError(stream) })
    defaults.set(stream.name, id)
  }
  logErrors(draft, streams, requested)
  return streams.map((stream) => defaults.get(stream.name) ?? null)
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

/** Errors of explicit subscriptions by their place in the request. */
function requestErrors(streams: readonly CheckpointStream[]): ReadonlyMap<number, ErrorInfo> {
  const errors = new Map<number, ErrorInfo>()
  for (const stream of streams) {
    for (const { subscription, message } of stream.errors) {
      if (subscription !== 'default') errors.set(subscription, { code: 'stream_failed', message })
    }
  }
  return errors
}

function defaultError(stream: CheckpointStream | undefined): ErrorInfo | null {
  const error = stream?.errors.find(({ subscription }) => subscription === 'default')
  return error === undefined ? null : { code: 'stream_failed', message: error.message }
}

function unknownStream(name: string): ErrorInfo {
  return { code: 'stream_unknown', message: `The service does not know the stream ${name}.` }
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
      if (subscription !== undefined) draft.log('warning', `${describe(subscription)} has errors: ${message}`)
    }
  }
}

function describe({ row: { name, params } }: Subscription): string {
  return `Subscription ${name} ${params === null ? 'without parameters' : `with parameters ${params}`}`
}

/**
 * Which buckets a client gets, and why: every default stream and every subscription of the request, in the
 * order of the declarations, led to bucket names, reasons and priorities.
 *
 * Invariant: a bucket has a reason for each way that leads to it (twice if a subscription leads to it twice),
 * subscriptions before the default, and the lowest priority number among them.
 */
import type { JsonObject } from '../wire/request.ts'
import { bucketName, ParameterError, type Reader, type Stream } from './declare.ts'
import type { Reason, StreamEntry } from './lines.ts'
import type { StreamRequest } from './requests.ts'
import type { Store } from './store.ts'
import type { TableName } from './tables.ts'
import type { Identity } from './tokens.ts'

/** A bucket that the client gets, under its name without generation. */
export interface Grant {
  readonly priority: number
  readonly reasons: readonly Reason[]
}

export interface Resolution {
  readonly grants: ReadonlyMap<string, Grant>
  readonly streams: readonly StreamEntry[]
  /** A change in one of these tables may change the resolution. */
  readonly lookups: ReadonlySet<TableName>
}

export interface Question {
  readonly identity: Identity
  readonly request: StreamRequest
}

export function resolve(declared: readonly Stream[], store: Store, question: Question): Resolution {
  const wished = question.request.streams
  const grants = new Map<string, { priority: number; reasons: Reason[] }>()
  const entries: StreamEntry[] = []
  const lookups = new Set<TableName>()

  for (const stream of declared) {
    const asDefault = stream.isDefault && wished.include_defaults
    const subscriptions = wished.subscriptions
      .map((subscription, index) => ({ ...subscription, index }))
      .filter((subscription) => subscription.stream === stream.name)
    if (!asDefault && subscriptions.length === 0) continue

    const errors: StreamEntry['errors'][number][] = []
    const grant = (parameters: JsonObject, priority: number, reason: Reason) => {
      try {
        for (const key of stream.keys(readerOf(store, question, parameters))) {
          const name = bucketName(stream.source, key)
          const known = grants.get(name)
          if (known === undefined) grants.set(name, { priority, reasons: [reason] })
          else {
            known.priority = Math.min(known.priority, priority)
            known.reasons.push(reason)
          }
        }
      } catch (error) {
        if (!(error instanceof ParameterError)) throw error
        const subscription = 'sub' in reason ? reason.sub : 'default'
        errors.push({ subscription, message: `Error evaluating bucket ids: ${error.message}` })
      }
    }
    for (const { parameters, override_priority, index } of subscriptions) {
      grant(parameters ?? {}, override_priority ?? stream.priority, { sub: index })
    }
    if (asDefault) grant({}, stream.priority, { default: entries.length })
    for (const table of stream.lookups) lookups.add(table)
    entries.push({ name: stream.name, is_default: stream.isDefault, errors })
  }
  return { grants, streams: entries, lookups }
}

function readerOf(store: Store, { identity, request }: Question, parameters: JsonObject): Reader {
  return {
    userId: identity.userId,
    claims: identity.claims,
    connection: request.parameters ?? {},
    parameters,
    rows: (table) => store.rows(table),
    row: (table, id) => store.row(table, id),
  }
}

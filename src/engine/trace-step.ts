/** The steps of a trace as the engine records them, and what each event of the machine is as a step. */
import type { Schema } from '../schema/schema.ts'
import { parseParameters } from '../status/parameters.ts'
import type { StreamOptions, SyncEvent } from '../sync/event.ts'
import type { OpId, Payload } from '../wire/line.ts'
import type { Json } from '../wire/request.ts'
import type { Statement } from './face.ts'

/** The replay reads more kinds (`replay/step.ts`). */
export type RecordedStep =
  | { readonly do: 'schema'; readonly schema: Schema }
  | { readonly do: 'connect'; readonly options: StreamOptions }
  | { readonly do: 'established' | 'end' | 'refreshed' | 'disconnect' }
  | { readonly do: 'line'; readonly payload: Payload }
  | {
      readonly do: 'subscribe'
      readonly stream: string
      readonly params: Json
      /** Milliseconds. */
      readonly ttl: number | null
      readonly priority: number | null
      readonly holder: string
    }
  | { readonly do: 'release'; readonly stream: string; readonly params: Json; readonly holder: string }
  | { readonly do: 'unsubscribeAll'; readonly stream: string; readonly params: Json }
  | { readonly do: 'execute'; readonly statements: readonly Statement[] }
  | { readonly do: 'clear'; readonly clearLocal: boolean; readonly soft: boolean }
  | { readonly do: 'resync' }
  /** `entry`: the last id of the upload queue that was accepted. */
  | { readonly do: 'uploaded'; readonly entry: number; readonly writeCheckpoint: OpId | null }
  | { readonly do: 'writeCheckpoint' | 'requestsSeeded'; readonly id: OpId }
  | { readonly do: 'checkpointRequest' }
  /** The next turn fails: its events came, and nothing of it was kept. */
  | { readonly do: 'fail'; readonly at: 'commit' }

/** Null: the event is no step of a trace, or what a stream brought, which is recorded as it came. */
export function stepOf(event: SyncEvent): RecordedStep | null {
  switch (event.kind) {
    case 'started':
      return { do: 'connect', options: event.options }
    case 'stopped':
      return { do: 'disconnect' }
    case 'ended':
      return { do: 'end' }
    case 'refreshed':
      return { do: 'refreshed' }
    case 'subscribed': {
      const { name, ttl, priority, holder } = event
      return { do: 'subscribe', stream: name, params: parseParameters(event.params), ttl, priority, holder }
    }
    case 'released':
      return {
        do: 'release',
        stream: event.name,
        params: parseParameters(event.params),
        holder: event.holder,
      }
    case 'unsubscribed_all':
      return { do: 'unsubscribeAll', stream: event.name, params: parseParameters(event.params) }
    case 'uploaded':
      // Null is said by the replay alone: the engine always knows the entry.
      return event.through === null
        ? null
        : { do: 'uploaded', entry: event.through, writeCheckpoint: event.writeCheckpoint }
    case 'write_checkpoint':
      return { do: 'writeCheckpoint', id: event.id }
    case 'checkpoint_requested':
      return { do: 'checkpointRequest' }
    case 'requests_seeded':
      return { do: 'requestsSeeded', id: event.id }
    case 'cleared':
      return { do: 'clear', clearLocal: event.clearLocal, soft: event.soft }
    case 'resynced':
      return { do: 'resync' }
    case 'loaded':
    case 'established':
    case 'line':
    case 'malformed':
    case 'clock':
    case 'positions':
    case 'tracked':
    case 'saved':
    case 'applied':
    case 'blocked':
    case 'mismatched':
    case 'request_allocated':
      return null
    default:
      return event satisfies never
  }
}

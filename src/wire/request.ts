/** The body of `POST /sync/stream`, as posted. Absent keys are left out: the service refuses nulls. */

/** A JSON value that came from or goes to the service, the app or a window. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

export interface RequestSubscription {
  readonly stream: string
  readonly parameters: JsonObject | null
  readonly override_priority: number | null
}

export interface SyncRequest {
  readonly buckets: readonly { readonly name: string; readonly after: string }[]
  readonly include_checksum: true
  readonly raw_data: true
  readonly binary_data: true
  readonly client_id: string
  readonly parameters?: JsonObject
  readonly app_metadata?: { readonly [key: string]: string }
  readonly streams: {
    readonly include_defaults: boolean
    readonly subscriptions: readonly RequestSubscription[]
  }
}

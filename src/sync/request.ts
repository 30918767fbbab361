/** The body of `POST /sync/stream`, from what is known and where the buckets stand. */
import { parseParameters } from '../status/parameters.ts'
import type { SyncRequest } from '../wire/request.ts'
import type { StorageOutcome, StreamOptions } from './event.ts'
import type { Known, Requested } from './state.ts'

export function buildRequest(
  { clientId, subscriptions }: Known,
  options: StreamOptions,
  requested: readonly Requested[],
  positions: Extract<StorageOutcome, { kind: 'positions' }>,
): SyncRequest {
  const { parameters, appMetadata, includeDefaults } = options
  return {
    buckets: positions.buckets.map(({ name, after }) => ({ name, after: String(after) })),
    include_checksum: true,
    raw_data: true,
    binary_data: true,
    client_id: clientId,
    parameters,
    ...(Object.keys(appMetadata).length > 0 && { app_metadata: appMetadata }),
    streams: {
      include_defaults: includeDefaults,
      subscriptions: requested.map(({ id, priority }) => {
        const { name, params } = subscriptions.get(id)!.row
        return { stream: name, parameters: parseParameters(params), override_priority: priority }
      }),
    },
  }
}

/** Gathers what `paneState` decides by. */
import type { QueryState } from '../../src/ipc/client/index.ts'
import { useLink, useStatus, type SyncStreamState } from '../../src/ipc/client/react.tsx'
import type { PaneFacts } from './pane-state.ts'

export function usePaneFacts(
  what: string,
  query: QueryState<unknown>,
  stream: Pick<SyncStreamState, 'status' | 'error'>,
): PaneFacts {
  const link = useLink()
  const connection = useStatus((status) => status.connection)
  return {
    what,
    link,
    connection,
    rowCount: query.rows.length,
    isLoading: query.isLoading,
    stream: stream.status,
    streamError: stream.error,
    queryError: query.error,
  }
}

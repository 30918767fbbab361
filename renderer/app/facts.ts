/** The rows of a pane, with what `paneState` decides by. */
import { useEffect, useState } from 'react'
import { useClient, useLink, useStatus, type SyncStreamState } from '../../src/ipc/client/react.tsx'
import type { QueryRows } from '../../src/tracker/queries.ts'
import type { PaneFacts } from './pane-state.ts'
import { useRows } from './rows.ts'

export interface PaneOptions {
  /** See `PaneFacts`. */
  readonly what: string
  /** See `PaneFacts`. Default: what came with other lists. */
  readonly early?: string
  /** The stream that brings the rows. */
  readonly stream: Pick<SyncStreamState, 'status' | 'error'>
}

export interface Pane<R> {
  readonly rows: readonly R[]
  /** A pane that filters its rows says in `shownCount` how many it leaves. */
  readonly facts: PaneFacts
}

/** The parameters of a query that a pane asks. */
export type PaneParams = { readonly [name: string]: string }

export function usePaneRows<N extends keyof QueryRows>(
  name: N,
  params: PaneParams,
  { what, early = 'only what came with other lists is here', stream }: PaneOptions,
): Pane<QueryRows[N]> {
  const { rows, isLoading, error } = useRows(name, params)
  const link = useLink()
  const connection = useStatus((status) => status.connection)
  const mayBeEmpty = stream.status?.lastSyncedAt != null && rows.length === 0 && !isLoading
  const isKnownEmpty = useFoundNothing(name, params, mayBeEmpty && link === 'open')
  const facts: PaneFacts = {
    what,
    early,
    link,
    connection,
    rowCount: rows.length,
    shownCount: rows.length,
    isLoading,
    isKnownEmpty,
    stream: stream.status,
    streamError: stream.error,
    queryError: error,
  }
  return { rows, facts }
}

/** True once a read that began while `isAsked` found nothing, until `isAsked` is false again. */
function useFoundNothing(name: string, params: PaneParams, isAsked: boolean): boolean {
  const client = useClient()
  const [found, setFound] = useState(false)
  // Equal parameters have one text; objects, which effects compare by identity, are new in each render.
  const asked = JSON.stringify(params)
  useEffect(() => {
    if (!isAsked) return undefined
    const reading = new AbortController()
    client.runQuery(name, JSON.parse(asked) as PaneParams, { signal: reading.signal }).then(
      ({ rows }) => !reading.signal.aborted && setFound(rows.length === 0),
      () => {}, // The pane's own read fails too, and says so.
    )
    return () => {
      reading.abort()
      setFound(false)
    }
  }, [client, name, asked, isAsked])
  return found
}

/**
 * The client of one document: what a page knows of the daemon, and the calls it can make. One per document;
 * everything on the page shares its one status watch, its one watch of tables and its holds.
 */
import { createTRPCProxyClient, type CreateTRPCProxyClient } from '@trpc/client'
import type { QueryResult } from '../../daemon/daemon.ts'
import type { Status } from '../../status/status.ts'
import { codec } from '../codec.ts'
import type { AppRouter } from '../router.ts'
import { StreamHolds, type Hold, type StreamWish } from './holds.ts'
import { openLink, type LinkState } from './link.ts'
import { LiveQueries, type QueryParams, type QueryState } from './query.ts'
import { Cell, type Readable } from './readable.ts'
import { StatusStore } from './status.ts'
import { TableChanges } from './tables.ts'

export type Trpc = CreateTRPCProxyClient<AppRouter>

export interface Client {
  /** The typed procedures themselves. A failed call's reason: `failureOf(error)`. */
  readonly trpc: Trpc
  /** `EMPTY_STATUS` while the link is `opening`; the last one known while it is `lost`. */
  readonly status: Readable<Status>
  readonly link: Readable<LinkState>
  /** Hold a stream until `release()` or until the signal aborts. */
  holdStream(wish: StreamWish, options?: { readonly signal?: AbortSignal }): Hold
  /** A named query that stays current while it is subscribed to. */
  liveQuery(name: string, params?: QueryParams): Readable<QueryState>
  /** A named query, once. */
  runQuery(
    name: string,
    params?: QueryParams,
    options?: { readonly signal?: AbortSignal },
  ): Promise<QueryResult>
  /** Let go of everything; for tests, and for a page that is replaced while it lives. */
  close(): void
}

/**
 * The client of this page.
 *
 * @example
 * const client = createClient()
 * const hold = client.holdStream({ name: 'project_issues', params: { project: 'atlas' } })
 * client.status.subscribe(() => console.log(client.status.getSnapshot().connection.state))
 */
export function createClient(): Client {
  const state = new Cell<LinkState>('opening')
  const { link, close } = openLink(() => state.set('lost'))
  const trpc = createTRPCProxyClient<AppRouter>({ links: [link], transformer: codec })
  return clientOver(trpc, state, close)
}

/** A client over any tRPC client that speaks the router's procedures; tests bring their own. */
export function clientOver(trpc: Trpc, state = new Cell<LinkState>('opening'), onClose = () => {}): Client {
  // The tables are watched first: by the time of the first snapshot no change can be missed.
  const tables = new TableChanges((observer) => trpc.tables.watch.subscribe(undefined, observer))
  const status = new StatusStore({
    watch: (input, observer) => trpc.status.watch.subscribe(input, observer),
    onSnapshot: () => {
      state.set('open')
      tables.tell(null)
    },
    onLost: () => state.set('lost'),
  })
  const holds = new StreamHolds((input, observer) => trpc.streams.hold.subscribe(input, observer))
  const run = (name: string, params: QueryParams, signal?: AbortSignal) =>
    trpc.queries.run.query({ name, params }, signal === undefined ? undefined : { signal })
  const queries = new LiveQueries({
    run,
    isOpen: () => state.getSnapshot() === 'open',
    onChange: (listener) => tables.onChange(listener),
  })
  return {
    trpc,
    status,
    link: state,
    holdStream: (wish, { signal } = {}) => {
      signal?.throwIfAborted()
      const hold = holds.hold(wish)
      signal?.addEventListener('abort', () => hold.release(), { once: true })
      return hold
    },
    liveQuery: (name, params) => queries.get(name, params),
    runQuery: (name, params = {}, { signal } = {}) => run(name, params, signal),
    close: () => {
      status.close()
      tables.close()
      holds.close()
      onClose()
    },
  }
}

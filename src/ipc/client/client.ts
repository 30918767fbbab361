/**
 * The client of one document: what a page knows of the daemon, and the calls it can make. One per document;
 * everything on the page shares its one status watch, its one watch of tables and its holds.
 */
import { createTRPCProxyClient, type CreateTRPCProxyClient } from '@trpc/client'
import type { LogLine, QueryResult, SqlParameters } from '../../daemon/daemon.ts'
import type { StatusScope } from '../../status/scope.ts'
import type { ErrorInfo, Status } from '../../status/status.ts'
import { codec } from '../codec.ts'
import type { MeterRow } from '../meter.ts'
import type { AppRouter } from '../router.ts'
import type { AckedSource } from './acked.ts'
import { failureOf } from './failure.ts'
import { StreamHolds, type Hold, type StreamWish } from './holds.ts'
import { MeterStore, watchLogs } from './inspect.ts'
import type { Observer } from './lasting.ts'
import { openLink, type LinkState } from './link.ts'
import { LiveSql } from './live-sql.ts'
import { LiveQueries, type QueryParams, type QueryState } from './query.ts'
import { Cell, type Readable } from './readable.ts'
import { openSql, refuseTransaction, type SqlClient } from './sql.ts'
import { StatusStore, type StatusHeard } from './status.ts'
import { TableChanges } from './tables.ts'
import { openUploads, type UploadsClient } from './uploads.ts'

export type Trpc = CreateTRPCProxyClient<AppRouter>

export interface Client {
  /** The typed procedures themselves. A failed call's reason: `failureOf(error)`. */
  readonly trpc: Trpc
  /** `EMPTY_STATUS` while the link is `opening`; the last one known while it is `lost`. */
  readonly status: Readable<Status>
  readonly link: Readable<LinkState>
  /** Why the host does not let this page watch something that it asked for; null: it does. */
  readonly refusal: Readable<ErrorInfo | null>
  /** Each message of the status watch, with its size and what it stands for. Returns the way to stop. */
  onStatusMessage(listener: (heard: StatusHeard) => void): () => void
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
  /** SQL on the app's own tables; needs the role `app`. */
  readonly sql: SqlClient
  /**
   * SQL that stays current while it is subscribed to; text and parameters together at most 262,144 characters. `key`:
   * the column that tells rows apart, default `id`.
   */
  liveSql(sql: string, params?: SqlParameters, options?: { readonly key?: string }): Readable<QueryState>
  /** Windows have no transactions that stay open: throws with the code `transaction_unsupported`. */
  transaction(...unsupported: readonly unknown[]): never
  /** Changes that wait for upload, and those that were rejected. */
  readonly uploads: UploadsClient
  /** What crosses to each window; needs the role `inspector`. Counts while it is subscribed to. */
  watchMeter(): Readable<readonly MeterRow[]>
  /** The daemon's log from now on; needs the role `inspector`. Returns the way to stop. */
  watchLogs(listener: (lines: readonly LogLine[], dropped: number) => void): () => void
  /** Let go of everything; for tests, and for a page that is replaced while it lives. */
  close(): void
}

export interface ClientOptions {
  /** How much of the status this page sees. Default: everything. */
  readonly scope?: StatusScope
}

/**
 * The client of this page.
 *
 * @example
 * const client = createClient()
 * const hold = client.holdStream({ name: 'project_issues', parameters: { project: 'atlas' } })
 * client.status.subscribe(() => console.log(client.status.getSnapshot().connection.state))
 */
export function createClient(options: ClientOptions = {}): Client {
  const state = new Cell<LinkState>('opening')
  const { link, close } = openLink((reached) => leave(state, reached))
  const trpc = createTRPCProxyClient<AppRouter>({ links: [link], transformer: codec })
  return clientOver(trpc, { ...options, state, onClose: close })
}

/** A client over any tRPC client that speaks the router's procedures; tests bring their own. */
export function clientOver(
  trpc: Trpc,
  {
    scope = 'all',
    state = new Cell<LinkState>('opening'),
    onClose = () => {},
  }: ClientOptions & { readonly state?: Cell<LinkState>; readonly onClose?: () => void } = {},
): Client {
  const refusal = new Cell<ErrorInfo | null>(null)
  const onRefused = (error: unknown) => refusal.set(failureOf(error))
  /** Without these a page knows nothing. */
  const onAllRefused = (error: unknown) => {
    onRefused(error)
    leave(state, 'refused')
  }
  // The tables are watched first: by the time of the first snapshot no change can be missed.
  const tables = new TableChanges(acked(trpc.tables.watch, trpc.tables.ack), onAllRefused)
  const status = new StatusStore({
    watch: acked(
      { subscribe: (input, observer) => trpc.status.watch.subscribe({ ...input, scope }, observer) },
      trpc.status.ack,
    ),
    onSnapshot: () => {
      state.set('open')
      tables.tell(null)
    },
    onLost: () => leave(state, 'lost'),
    onRefused: onAllRefused,
  })
  const holds = new StreamHolds((input, observer) => trpc.streams.hold.subscribe(input, observer))
  const run = (name: string, params: QueryParams, signal?: AbortSignal) =>
    trpc.queries.run.query({ name, params }, signal === undefined ? undefined : { signal })
  const meter = new MeterStore(acked(trpc.inspect.meter, trpc.inspect.ack), onRefused)
  const liveSql = new LiveSql(({ sql, params, key }) =>
    acked(
      { subscribe: (input, observer) => trpc.sql.watch.subscribe({ ...input, sql, params, key }, observer) },
      trpc.sql.ack,
    ),
  )
  const uploads = openUploads(trpc.uploads, acked(trpc.uploads.watch, trpc.uploads.ack))
  const queries = new LiveQueries({
    run,
    isOpen: () => state.getSnapshot() === 'open',
    onChange: (listener) => tables.onChange(listener),
  })
  return {
    trpc,
    status,
    link: state,
    refusal,
    onStatusMessage: (listener) => status.onMessage(listener),
    watchMeter: () => meter,
    watchLogs: (listener) => watchLogs(acked(trpc.inspect.logs, trpc.inspect.ack), listener, onRefused),
    holdStream: (wish, { signal } = {}) => {
      signal?.throwIfAborted()
      const hold = holds.hold(wish)
      const release = () => {
        signal?.removeEventListener('abort', release)
        hold.release()
      }
      signal?.addEventListener('abort', release)
      return { state: hold.state, release }
    },
    liveQuery: (name, params) => queries.get(name, params),
    sql: openSql(trpc.sql),
    liveSql: (sql, params = [], { key = 'id' } = {}) => liveSql.get({ sql, params, key }),
    transaction: refuseTransaction,
    uploads,
    runQuery: (name, params = {}, { signal } = {}) => run(name, params, signal),
    close: () => {
      status.close()
      tables.close()
      holds.close()
      meter.close()
      liveSql.close()
      uploads.close()
      onClose()
    },
  }
}

/** `refused` is the last state. */
function leave(state: Cell<LinkState>, next: 'lost' | 'refused'): void {
  if (state.getSnapshot() !== 'refused') state.set(next)
}

/** A watch and its `ack`, of the same kind of procedures each. */
function acked<T>(
  watch: { subscribe(input: { watchId: string }, observer: Observer<T>): { unsubscribe(): void } },
  ack: { mutate(input: { watchId: string; sequence: number }): Promise<unknown> },
): Pick<AckedSource<T>, 'open' | 'ack'> {
  return {
    open: (watchId, observer) => watch.subscribe({ watchId }, observer),
    // It fails only where its watch has ended, and that the watch itself is told.
    ack: (watchId, sequence) => void ack.mutate({ watchId, sequence }).catch(() => {}),
  }
}

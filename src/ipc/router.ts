/**
 * The procedures that windows may call, the same behind Electron's IPC and the WebSocket.
 *
 * A subscription's life is its effect: `streams.hold` holds the stream exactly as long as the subscription
 * lives. What is pushed waits for the document (`flow.ts`). Every input is validated before anything runs, every
 * procedure names the capability that it needs (`roles.ts`), and errors leave as data (`error.ts`).
 */
import type { Daemon, SyncStreamSubscription } from '../daemon/daemon.ts'
import type { WireMessage } from '../status/message.ts'
import { streamKey } from '../status/read.ts'
import type { ErrorInfo } from '../status/status.ts'
import { CallError, describeError } from './error.ts'
import {
  boundParameters,
  bucketsInput,
  holdInput,
  pauseInput,
  queryInput,
  statusInput,
  watchInput,
} from './input.ts'
import { LogWatch, MeterWatch, type LogMessage } from './inspect.ts'
import type { MeterMessage } from './meter.ts'
import { createProcedures } from './procedures.ts'
import { sqlProcedures } from './sql-procedures.ts'
import { queueProcedure, uploadProcedures } from './upload-procedures.ts'
import { StatusWatch } from './watch-status.ts'
import { TablesWatch, type TablesMessage } from './watch-tables.ts'

/** The demo service, where the host runs one. */
export interface DemoControl {
  readonly paused: boolean
  setPaused(paused: boolean): Promise<void> | void
}

/** What windows are served from. */
export type ServedDaemon = Pick<
  Daemon,
  | 'epoch'
  | 'status'
  | 'onStatus'
  | 'onTables'
  | 'onLog'
  | 'connect'
  | 'disconnect'
  | 'syncStream'
  | 'query'
  | 'inspectBuckets'
  | 'windowSql'
  | 'watchUploads'
  | 'uploadQueue'
  | 'retryUploads'
  | 'discardUpload'
  | 'deadLetters'
  | 'deleteDeadLetter'
>

export interface RouterOptions {
  readonly daemon: ServedDaemon
  /** Default: none, and `demo.setPaused` is refused. */
  readonly demo?: DemoControl
  /** Milliseconds between two messages of one watch. Default 16, a frame. */
  readonly interval?: number
  /** Live subscriptions that one document may have. Default 512. */
  readonly maxSubscriptions?: number
  /** Told of every error that a window learns nothing of. Default: the console. */
  readonly onUnexpected?: (path: string, cause: unknown) => void
}

/** What a hold on a stream delivers, in this order; after `refused` and `ended` it is over. */
export type HoldMessage =
  | { readonly state: 'held' }
  | { readonly state: 'refused'; readonly error: ErrorInfo }
  /** Dropped by others, not by this document: `unsubscribed`, `closed`, `engine_failed`. */
  | { readonly state: 'ended'; readonly error: ErrorInfo }

export type AppRouter = ReturnType<typeof createRouter>

/**
 * @example
 * const router = createRouter({ daemon })
 * const caller = router.createCaller({ window: { id: '1', name: 'main 1', role: 'app' } })
 * const { rows } = await caller.queries.run({ name: 'projects' })
 */
export function createRouter(options: RouterOptions) {
  const { daemon, demo, interval = 16, maxSubscriptions = 512, onUnexpected = logUnexpected } = options
  const procedures = createProcedures({ maxSubscriptions, onUnexpected })
  const { router, needs, live, watch, ack, meter } = procedures

  const watchStatus = needs('read')
    .input(statusInput)
    .subscription(({ ctx, input: { watchId, scope } }) =>
      watch<WireMessage>(
        ctx,
        watchId,
        (send) => new StatusWatch({ daemon, scope, held: ctx.document.held, interval, send }),
      ),
    )

  const watchTables = needs('read')
    .input(watchInput)
    .subscription(({ ctx, input: { watchId } }) =>
      watch<TablesMessage>(ctx, watchId, (send) => new TablesWatch(daemon, interval, send)),
    )

  const holdStream = needs('hold')
    .input(holdInput)
    .subscription(({ ctx, input: { name, params, ttl, priority } }) =>
      live<HoldMessage>(ctx, (emit) => {
        const { window, held } = ctx.document
        let release: (() => void) | null = null
        let released = false
        const granted = (subscription: SyncStreamSubscription) => {
          if (released) return subscription.unsubscribe()
          const { ended } = subscription
          const key = streamKey(name, params)
          const onEnded = () => {
            letGo()
            emit.next({ state: 'ended', error: describeError(ended.reason).info })
            emit.complete()
          }
          const letGo = () => {
            release = null
            ended.removeEventListener('abort', onEnded)
            held.remove(key)
          }
          held.add(key)
          release = () => {
            letGo()
            subscription.unsubscribe()
          }
          emit.next({ state: 'held' })
          if (ended.aborted) onEnded()
          else ended.addEventListener('abort', onEnded)
        }
        const refused = (error: unknown) => {
          const { info, unexpected } = describeError(error)
          if (unexpected) onUnexpected('streams.hold', error)
          if (released) return
          emit.next({ state: 'refused', error: info })
          emit.complete()
        }
        const ask = async () => {
          boundParameters(params)
          return await daemon.syncStream(name, params).subscribe({
            holder: window.name,
            ...(ttl !== undefined && { ttl: ttl === 'never' ? Infinity : ttl }),
            ...(priority !== undefined && { priority }),
          })
        }
        ask().then(granted, refused)
        return () => {
          released = true
          release?.()
        }
      }),
    )

  return router({
    status: router({ watch: watchStatus, ack: ack('read') }),
    tables: router({ watch: watchTables, ack: ack('read') }),
    streams: router({ hold: holdStream }),
    queries: router({
      run: needs('rows')
        .input(queryInput)
        .query(({ input }) => daemon.query(input.name, input.params)),
    }),
    sql: sqlProcedures(daemon, interval, procedures),
    uploads: uploadProcedures(daemon, interval, procedures),
    sync: router({
      connect: needs('control').mutation(() => daemon.connect()),
      disconnect: needs('control').mutation(() => daemon.disconnect()),
    }),
    demo: router({
      state: needs('read').query(() => ({ available: demo !== undefined, paused: demo?.paused ?? false })),
      setPaused: needs('control')
        .input(pauseInput)
        .mutation(async ({ input }) => {
          if (demo === undefined)
            throw new CallError('demo_unavailable', 'This app does not run the demo service.')
          await demo.setPaused(input.paused)
        }),
    }),
    inspect: router({
      buckets: needs('inspect')
        .input(bucketsInput)
        .query(({ input }) => daemon.inspectBuckets(input)),
      uploads: queueProcedure(daemon, procedures),
      logs: needs('inspect')
        .input(watchInput)
        .subscription(({ ctx, input }) =>
          watch<LogMessage>(ctx, input.watchId, (send) => new LogWatch(daemon, interval, send)),
        ),
      meter: needs('inspect')
        .input(watchInput)
        .subscription(({ ctx, input }) =>
          watch<MeterMessage>(ctx, input.watchId, (send) => new MeterWatch(meter, send)),
        ),
      ack: ack('inspect'),
    }),
  })
}

function logUnexpected(path: string, cause: unknown): void {
  console.error(`The call ${path} failed.`, cause)
}

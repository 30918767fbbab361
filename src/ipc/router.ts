/**
 * The procedures that windows may call, the same behind Electron's IPC and the WebSocket.
 *
 * A subscription's life is its effect: `streams.hold` holds the stream exactly as long as the subscription
 * lives. Every input is validated before anything runs, and errors leave as data (`error.ts`).
 */
import { initTRPC } from '@trpc/server'
import { observable, type Observer } from '@trpc/server/observable'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { Daemon, SyncStreamSubscription } from '../daemon/daemon.ts'
import { mergeDelta } from '../status/delta.ts'
import { encodeDelta, encodeStatus, type StatusMessage } from '../status/message.ts'
import type { ErrorInfo, StatusDelta } from '../status/status.ts'
import { coalesce } from './coalesce.ts'
import { codec } from './codec.ts'
import { CallError, describeError } from './error.ts'
import { holdInput, pauseInput, queryInput, watchInput } from './input.ts'
import type { CallContext, WindowIdentity } from './window.ts'

/** The demo service, where the host runs one. */
export interface DemoControl {
  readonly paused: boolean
  setPaused(paused: boolean): Promise<void> | void
}

export interface RouterOptions {
  readonly daemon: Daemon
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
  | { readonly state: 'ended'; readonly reason: string }

export type AppRouter = ReturnType<typeof createRouter>

/**
 * @example
 * const router = createRouter({ daemon })
 * const caller = router.createCaller({ window: { id: '1', name: 'main 1', role: 'app' } })
 * const { rows } = await caller.queries.run({ name: 'projects' })
 */
export function createRouter(options: RouterOptions) {
  const { daemon, demo, interval = 16, maxSubscriptions = 512, onUnexpected = logUnexpected } = options
  const liveCounts = new WeakMap<WindowIdentity, number>()

  const t = initTRPC.context<CallContext>().create({
    transformer: codec,
    errorFormatter({ error, path }) {
      const { trpc, info, unexpected } = describeError(error)
      if (unexpected) onUnexpected(path ?? '', error)
      return {
        message: info.message,
        code: TRPC_ERROR_CODES_BY_KEY[trpc],
        data: { code: trpc, error: info },
      }
    },
  })

  /** An observable that counts against its document's limit. `start` returns the way to stop. */
  function counted<T>(window: WindowIdentity, start: (emit: Observer<T, unknown>) => () => void) {
    return observable<T>((emit) => {
      const count = liveCounts.get(window) ?? 0
      if (count >= maxSubscriptions) {
        emit.error(
          new CallError('too_many_subscriptions', `A window can have ${maxSubscriptions} subscriptions.`),
        )
        return
      }
      liveCounts.set(window, count + 1)
      const stop = start(emit)
      return () => {
        liveCounts.set(window, (liveCounts.get(window) ?? 1) - 1)
        stop()
      }
    })
  }

  const watchStatus = t.procedure.input(watchInput).subscription(({ ctx }) =>
    counted<StatusMessage>(ctx.window, (emit) => {
      const { epoch } = daemon
      let sequence = 0
      const deltas = coalesce<StatusDelta>({
        interval,
        merge: mergeDelta,
        send: (delta) => emit.next({ kind: 'delta', epoch, sequence: ++sequence, delta: encodeDelta(delta) }),
      })
      const stop = daemon.onStatus((delta) => deltas.push(delta))
      emit.next({ kind: 'snapshot', epoch, sequence, status: encodeStatus(daemon.status) })
      return () => {
        stop()
        deltas.stop()
      }
    }),
  )

  const watchTables = t.procedure.subscription(({ ctx }) =>
    counted<readonly string[]>(ctx.window, (emit) => {
      const changes = coalesce<ReadonlySet<string>>({
        interval,
        merge: (waiting, tables) => new Set([...waiting, ...tables]),
        send: (tables) => emit.next([...tables]),
      })
      const stop = daemon.onTables((tables) => changes.push(new Set(tables)))
      return () => {
        stop()
        changes.stop()
      }
    }),
  )

  const holdStream = t.procedure.input(holdInput).subscription(({ ctx, input }) =>
    counted<HoldMessage>(ctx.window, (emit) => {
      let held: SyncStreamSubscription | null = null
      let released = false
      const { name, params, ttl, priority } = input
      daemon
        .syncStream(name, params)
        .subscribe({
          holder: ctx.window.name,
          ...(ttl !== undefined && { ttl: ttl === 'never' ? Infinity : ttl }),
          ...(priority !== undefined && { priority }),
        })
        .then(
          (subscription) => {
            if (released) return subscription.unsubscribe()
            held = subscription
            emit.next({ state: 'held' })
          },
          (error: unknown) => {
            const { info, unexpected } = describeError(error)
            if (unexpected) onUnexpected('streams.hold', error)
            if (released) return
            emit.next({ state: 'refused', error: info })
            emit.complete()
          },
        )
      return () => {
        released = true
        held?.unsubscribe()
      }
    }),
  )

  return t.router({
    status: t.router({ watch: watchStatus }),
    tables: t.router({ watch: watchTables }),
    streams: t.router({ hold: holdStream }),
    queries: t.router({
      run: t.procedure.input(queryInput).query(({ input }) => daemon.query(input.name, input.params)),
    }),
    sync: t.router({
      connect: t.procedure.mutation(() => daemon.connect()),
      disconnect: t.procedure.mutation(() => daemon.disconnect()),
    }),
    demo: t.router({
      state: t.procedure.query(() => ({ available: demo !== undefined, paused: demo?.paused ?? false })),
      setPaused: t.procedure.input(pauseInput).mutation(async ({ input }) => {
        if (demo === undefined)
          throw new CallError('demo_unavailable', 'This app does not run the demo service.')
        await demo.setPaused(input.paused)
      }),
    }),
  })
}

function logUnexpected(path: string, cause: unknown): void {
  console.error(`The call ${path} failed.`, cause)
}

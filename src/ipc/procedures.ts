/**
 * What every procedure is made of: the capability that it needs, the count of its document's calls and subscriptions, the
 * flow of its watch, the meter. Deny by default: a procedure without a capability runs for nobody.
 */
import { initTRPC } from '@trpc/server'
import { observable, type Observer } from '@trpc/server/observable'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { codec } from './codec.ts'
import { DocumentState } from './document-state.ts'
import { CallError, describeError } from './error.ts'
import type { Flow } from './flow.ts'
import { ackInput } from './input.ts'
import { Meter } from './meter.ts'
import { mayCall, type Capability } from './roles.ts'
import type { CallContext, WindowIdentity } from './window.ts'

/** Calls of one document that may wait for their answers. */
const MAX_CALLS = 64

export interface ProcedureOptions {
  readonly maxSubscriptions: number
  readonly onUnexpected: (path: string, cause: unknown) => void
}

/** What a procedure knows of its call. */
export interface Call {
  readonly document: DocumentState
  readonly path: string
}

/** A subscription that waits for acknowledgements. */
export interface Watch {
  readonly flow: Flow
  start(): void
  stop(): void
}

export function createProcedures({ maxSubscriptions, onUnexpected }: ProcedureOptions) {
  const meter = new Meter()
  const documents = new WeakMap<WindowIdentity, DocumentState>()

  const t = initTRPC
    .context<CallContext>()
    .meta<{ readonly capability: Capability; readonly isInstant?: boolean }>()
    .create({
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

  function documentOf(window: WindowIdentity): DocumentState {
    let document = documents.get(window)
    if (document === undefined) documents.set(window, (document = new DocumentState(window)))
    return document
  }

  const admit = t.middleware(async ({ ctx, meta, path, type, rawInput, next }) => {
    const { window } = ctx
    if (!mayCall(window.role, meta?.capability)) {
      throw new CallError('forbidden', `A window with the role ${window.role} may not call ${path}.`)
    }
    const document = documentOf(window)
    meter.count(document, path, 'in', rawInput)
    if (type === 'subscription') return next({ ctx: { document, path } })
    if (meta?.isInstant !== true && document.calls >= MAX_CALLS) {
      throw new CallError('too_many_calls', `A window can wait for ${MAX_CALLS} answers.`)
    }
    document.calls++
    try {
      const result = await next({ ctx: { document, path } })
      meter.count(document, path, 'out', result.ok ? result.data : describeError(result.error).info)
      return result
    } finally {
      document.calls--
    }
  })

  /**
   * A subscription that counts against its document's limit. `start` returns the way to stop; when it throws, or
   * a message cannot be sent, this one subscription ends with the error, and who had something to say goes on.
   */
  function live<T>({ document, path }: Call, start: (emit: Observer<T, unknown>) => () => void) {
    return observable<T>((emit) => {
      if (document.live >= maxSubscriptions) {
        emit.error(
          new CallError('too_many_subscriptions', `A window can have ${maxSubscriptions} subscriptions.`),
        )
        return
      }
      if (document.live++ === 0) meter.admit(document)
      const leave = () => {
        if (--document.live === 0) meter.dismiss(document)
      }
      const next = (message: T) => {
        try {
          meter.count(document, path, 'out', message)
          emit.next(message)
        } catch (error) {
          fail(error)
        }
      }
      const fail = (error: unknown) => {
        try {
          emit.error(error)
        } catch (cause) {
          onUnexpected(path, cause)
        }
      }
      try {
        const stop = start({ ...emit, next })
        return () => {
          leave()
          stop()
        }
      } catch (error) {
        leave()
        fail(error)
        return
      }
    })
  }

  /** A `live` subscription that its document acknowledges under `watchId`. */
  function watch<T>(call: Call, watchId: string, make: (send: (message: T) => void) => Watch) {
    const { document, path } = call
    return live<T>(call, (emit) => {
      if (document.hasWatch(watchId)) {
        emit.error(new CallError('watch_exists', 'This document already has a watch of that id.'))
        return () => undefined
      }
      const made = make((message) => emit.next(message))
      document.addWatch(watchId, path, made.flow)
      const end = () => {
        document.removeWatch(watchId)
        made.flow.stop()
        made.stop()
      }
      try {
        made.start()
      } catch (error) {
        end()
        throw error
      }
      return end
    })
  }

  const needsInstantly = (capability: Capability) =>
    t.procedure.meta({ capability, isInstant: true }).use(admit)

  return {
    router: t.router,
    /** A procedure for the roles that have this capability. */
    needs: (capability: Capability) => t.procedure.meta({ capability }).use(admit),
    /** One that is answered at once: it is not refused because others wait, and a watch goes on. */
    needsInstantly,
    live,
    watch,
    /** By which a document acknowledges what its watches of this capability sent. */
    ack: (capability: Capability) =>
      needsInstantly(capability)
        .input(ackInput)
        .mutation(({ ctx, input }) => ctx.document.ack(input.watchId, input.sequence)),
    meter,
  }
}

export type Procedures = ReturnType<typeof createProcedures>

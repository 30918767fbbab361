/**
 * Local transactions in the app's hands. One is open at a time, and while it is, the app must not wait inside it
 * for something that waits for its end: such calls are refused at once instead of hanging.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { EngineFace, EngineOperations, TransactionLimits } from '../engine/face.ts'
import { operationsBy } from '../engine/operations.ts'
import { coded } from './coded.ts'
import { DaemonError } from './daemon.ts'
import type { Transaction, TransactionOptions } from './daemon.ts'

/** Another transaction may keep a write waiting for so long, in milliseconds. */
export const LOCK_TIMEOUT_MS = 30_000

/** A transaction may be left alone for so long, in milliseconds. */
const IDLE_TIMEOUT_MS = 10_000

/** What waits until no transaction is open. */
const exclusive = [
  'connect',
  'disconnect',
  'clear',
  'resync',
  'setSchema',
  'subscribe',
  'unsubscribeAll',
  'batch',
  'beginLocal',
] as const satisfies readonly (keyof EngineOperations)[]

export interface Transactions {
  /** The engine, which refuses inside a transaction what would wait for its end: `transaction_nested`. */
  readonly engine: EngineFace
  /** Throws `transaction_nested` inside a transaction, for what would wait for its end before it asks the engine. */
  checkOutside(): void
  run<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions): Promise<T>
}

export function openTransactions(engine: EngineFace): Transactions {
  const inside = new AsyncLocalStorage<{ isOpen: boolean }>()

  const checkOutside = (name: (typeof exclusive)[number]) => {
    if (inside.getStore()?.isOpen === true) throw nested(name)
  }

  const guarded: EngineFace = {
    ...engine,
    ...operationsBy<Pick<EngineOperations, (typeof exclusive)[number]>>(
      exclusive,
      async (name, parameters) => {
        checkOutside(name)
        return await Reflect.apply(engine[name] as () => unknown, engine, parameters)
      },
    ),
  }

  return {
    engine: guarded,
    checkOutside: () => checkOutside('batch'),
    async run(work, options) {
      const id = await coded(guarded.beginLocal(limitsOf(options)))
      const scope = { isOpen: true }
      try {
        const value = await inside.run(scope, async () => await work(transactionOf(engine, id)))
        await coded(engine.commitLocal(id))
        return value
      } catch (error) {
        await engine.rollbackLocal(id).catch(() => undefined)
        throw error
      } finally {
        scope.isOpen = false
      }
    },
  }
}

function transactionOf(engine: EngineFace, id: number): Transaction {
  return { execute: (sql, parameters = []) => coded(engine.executeLocal(id, sql, parameters)) }
}

function limitsOf(options: TransactionOptions): TransactionLimits {
  return {
    lockTimeoutMs: options.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    idleTimeoutMs: options.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
  }
}

function nested(name: (typeof exclusive)[number]): DaemonError {
  const what = {
    beginLocal: 'transaction',
    batch: 'execute and batch',
    clear: 'disconnectAndClear',
    setSchema: 'updateSchema',
  }
  const called = Object.hasOwn(what, name) ? what[name as keyof typeof what] : name
  return new DaemonError(
    'transaction_nested',
    `Inside a transaction ${called} would wait for its end for ever. Write by the transaction that was given.`,
  )
}

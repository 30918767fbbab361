/**
 * The app's own writes: batches, which are one piece of work, and transactions, which stay open while the app
 * decides what to write next. Meanwhile nobody else writes, so a transaction that is left alone is rolled back.
 */
import type { Committed, LocalTransaction, Storage } from '../storage/storage.ts'
import { EngineError } from './face.ts'
import type { Statement, TransactionLimits, WriteBounds, WriteParameters, WriteResult } from './face.ts'
import { whileBusy } from './patience.ts'
import type { Release, Writer } from './writer.ts'

export interface LocalWritesOptions {
  readonly storage: Pick<Storage, 'beginLocal'>
  readonly writer: Writer
  /** Statements were committed. */
  onCommitted(committed: Committed, statements: readonly Statement[]): void
}

interface Open {
  readonly id: number
  readonly transaction: LocalTransaction
  readonly statements: Statement[]
  readonly idleMs: number
  readonly release: Release
  timer: NodeJS.Timeout
}

export class LocalWrites {
  readonly #options: LocalWritesOptions
  #ids = 0
  #open: Open | null = null
  /** The transaction that was left alone for too long. */
  #abandoned: { readonly id: number; readonly idleMs: number } | null = null

  constructor(options: LocalWritesOptions) {
    this.#options = options
  }

  /** Whether what the database shows on the writer's connection may still be rolled back. */
  get isOpen(): boolean {
    return this.#open !== null
  }

  /** All of the statements, or none. Rejects with what storage says of the first that fails. */
  batch(
    statements: readonly Statement[],
    lockTimeoutMs: number,
    bounds?: WriteBounds,
  ): Promise<readonly WriteResult[]> {
    const { storage, writer } = this.#options
    const write = () => {
      const transaction = storage.beginLocal(bounds?.maxMs)
      try {
        const results = statements.map(([sql, parameters = []]) =>
          transaction.execute(sql, bindWhole(parameters)),
        )
        if (bounds !== undefined) checkReturned(results, bounds)
        this.#commit(transaction, statements)
        return results
      } catch (error) {
        transaction.rollback()
        throw error
      }
    }
    return whileBusy(lockTimeoutMs, (left) => writer.run(write, left))
  }

  /** Opens a transaction and gives its id. Rejects with `lock_timeout`. */
  begin({ lockTimeoutMs, idleTimeoutMs }: TransactionLimits): Promise<number> {
    return whileBusy(lockTimeoutMs, (left) => this.#begin(left, idleTimeoutMs))
  }

  async #begin(lockTimeoutMs: number, idleTimeoutMs: number): Promise<number> {
    const { storage, writer } = this.#options
    const release = await writer.hold(lockTimeoutMs)
    try {
      const id = ++this.#ids
      const transaction = storage.beginLocal()
      const timer = this.#watch(id, idleTimeoutMs)
      this.#open = { id, transaction, statements: [], idleMs: idleTimeoutMs, release, timer }
      return id
    } catch (error) {
      release()
      throw error
    }
  }

  /** Throws `transaction_idle`, `transaction_closed`, or what storage says: the transaction stays open then. */
  execute(id: number, sql: string, parameters: WriteParameters): WriteResult {
    const open = this.#find(id)
    clearTimeout(open.timer)
    try {
      const result = open.transaction.execute(sql, bindWhole(parameters))
      open.statements.push([sql, parameters])
      return result
    } finally {
      open.timer = this.#watch(id, open.idleMs)
    }
  }

  /** On the disk when it returns; when it throws, nothing of it is. */
  commit(id: number): void {
    const open = this.#find(id)
    clearTimeout(open.timer)
    this.#open = null
    try {
      this.#commit(open.transaction, open.statements)
    } finally {
      open.transaction.rollback()
      open.release()
    }
  }

  /** Safe to call for one that has ended. */
  rollback(id: number): void {
    if (this.#open?.id === id) this.#end(this.#open)
  }

  close(): void {
    if (this.#open !== null) this.#end(this.#open)
  }

  #commit(transaction: LocalTransaction, statements: readonly Statement[]): void {
    this.#options.onCommitted(transaction.commit(), statements)
  }

  #watch(id: number, idleMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#abandoned = { id, idleMs }
      this.rollback(id)
    }, idleMs)
  }

  #end(open: Open): void {
    clearTimeout(open.timer)
    this.#open = null
    open.transaction.rollback()
    open.release()
  }

  #find(id: number): Open {
    if (this.#open?.id === id) return this.#open
    if (this.#abandoned?.id === id) {
      throw new EngineError({
        code: 'transaction_idle',
        message:
          `The transaction wrote nothing for ${this.#abandoned.idleMs / 1000} s while everybody else waited, ` +
          'so it was rolled back.',
      })
    }
    throw new EngineError({ code: 'transaction_closed', message: 'The transaction has ended already.' })
  }
}

function checkReturned(results: readonly WriteResult[], { maxRows }: WriteBounds): void {
  if (results.reduce((sum, { rows }) => sum + rows.length, 0) <= maxRows) return
  throw new EngineError({
    code: 'result_too_large',
    message: `The write returns more than ${maxRows} rows. Nothing of it was written.`,
  })
}

/** Whole numbers are bound as INTEGER: bound as REAL, 1 would be stored and uploaded as 1.0. */
function bindWhole(parameters: WriteParameters): WriteParameters {
  if (Array.isArray(parameters)) return parameters.map(whole)
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, whole(value)]))
}

function whole<T>(value: T): T | bigint {
  return typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)
    ? BigInt(value)
    : value
}

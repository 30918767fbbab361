/**
 * The storage of a replay: the real one, whose next turn or transaction can be made to fail once, as a busy
 * database would. What failed has changed nothing.
 */
import type { TurnStorage } from '../engine/turn.ts'
import type { Schema } from '../schema/schema.ts'
import { StorageError } from '../storage/storage.ts'
import type { CrudEntry, LocalTransaction, QueueOptions, Storage } from '../storage/storage.ts'

/** What a replay asks of storage. */
type ReplayStorage = TurnStorage & Pick<Storage, 'load' | 'setSchema' | 'beginLocal' | 'readQueue' | 'close'>

export class FailingStorage implements ReplayStorage {
  readonly #inner: Storage
  failNext = false

  constructor(inner: Storage) {
    this.#inner = inner
  }

  turn<T>(work: () => T): ReturnType<Storage['turn']> & { readonly value: T } {
    try {
      return this.#inner.turn(() => {
        const value = work()
        this.#failIfAsked()
        return value
      })
    } finally {
      // Failed by itself, it needs no other failure.
      this.failNext = false
    }
  }

  beginLocal(): LocalTransaction {
    const transaction = this.#inner.beginLocal()
    return {
      execute: (sql, parameters) => transaction.execute(sql, parameters),
      commit: () => {
        this.#failIfAsked()
        return transaction.commit()
      },
      rollback: () => {
        this.failNext = false
        transaction.rollback()
      },
    }
  }

  load(): ReturnType<Storage['load']> {
    return this.#inner.load()
  }

  setSchema(schema: Schema): void {
    this.#inner.setSchema(schema)
  }

  execute(...args: Parameters<Storage['execute']>): ReturnType<Storage['execute']> {
    return this.#inner.execute(...args)
  }

  readQueue(options: QueueOptions): readonly CrudEntry[] {
    return this.#inner.readQueue(options)
  }

  close(): void {
    this.#inner.close()
  }

  #failIfAsked(): void {
    if (!this.failNext) return
    this.failNext = false
    throw new StorageError('database_busy', 'The commit was made to fail by the trace (SQLITE_BUSY).')
  }
}

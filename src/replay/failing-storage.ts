/**
 * The storage of a replay: the real one, whose next turn or transaction can be made to fail once, as a busy
 * database would. What failed has changed nothing.
 */
import type { TurnStorage } from '../engine/turn.ts'
import type { Schema } from '../schema/schema.ts'
import { StorageError } from '../storage/storage.ts'
import type {
  ApplyCommand,
  CrudEntry,
  LocalTransaction,
  QueueOptions,
  Storage,
  Turned,
} from '../storage/storage.ts'

/** What a replay asks of storage. */
type ReplayStorage = TurnStorage & Pick<Storage, 'load' | 'setSchema' | 'beginLocal' | 'readQueue' | 'close'>

export class FailingStorage implements ReplayStorage {
  readonly #inner: Storage
  failNext = false

  constructor(inner: Storage) {
    this.#inner = inner
  }

  *slicedTurn<T>(work: () => Generator<void, T>): Generator<void, Turned<T>> {
    try {
      return yield* this.#inner.slicedTurn(() => this.#mayFail(work()))
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

  slicedApply(command: ApplyCommand): ReturnType<Storage['slicedApply']> {
    return this.#inner.slicedApply(command)
  }

  readQueue(options: QueueOptions): readonly CrudEntry[] {
    return this.#inner.readQueue(options)
  }

  close(): void {
    this.#inner.close()
  }

  *#mayFail<T>(work: Generator<void, T>): Generator<void, T> {
    const value = yield* work
    this.#failIfAsked()
    return value
  }

  #failIfAsked(): void {
    if (!this.failNext) return
    this.failNext = false
    throw new StorageError('database_busy', 'The commit was made to fail by the trace (SQLITE_BUSY).')
  }
}

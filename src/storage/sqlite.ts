/**
 * The storage port over one SQLite connection. A turn is one transaction; what the parts remember between turns
 * is forgotten when one fails, so memory never runs ahead of the disk.
 */
import type { Schema } from '../schema/schema.ts'
import type { Loaded, StorageCommand, StorageOutcome } from '../sync/event.ts'
import type { OpId } from '../wire/line.ts'
import { ALL_PRIORITIES } from './bucket-rows.ts'
import { Buckets } from './buckets.ts'
import { Clearing } from './clear.ts'
import { asStorageError, type Connection, translatingErrors } from './connection.ts'
import { type DeadLetter, DeadLetters } from './dead-letters.ts'
import { WriteGate } from './gate.ts'
import { LocalWrites } from './local-writes.ts'
import type { Lock } from './lock.ts'
import { Merge } from './merge.ts'
import { RowTypes } from './row-types.ts'
import { finish, oneSlice } from './slices.ts'
import { Staging } from './staging.ts'
import type {
  ApplyCommand,
  CrudEntry,
  LocalTransaction,
  QueueOptions,
  QueueSize,
  Storage,
  Turned,
} from './storage.ts'
import { Subscriptions } from './subscriptions.ts'
import { Tables } from './tables.ts'
import { UploadQueue } from './upload-queue.ts'

export class SqliteStorage implements Storage {
  readonly #db: Connection
  readonly #lock: Lock
  readonly #rowTypes: RowTypes
  readonly #buckets: Buckets
  readonly #staging: Staging
  readonly #merge: Merge
  readonly #tables: Tables
  readonly #queue: UploadQueue
  readonly #deadLetters: DeadLetters
  readonly #gate: WriteGate
  readonly #localWrites: LocalWrites
  readonly #clearing: Clearing
  readonly #subscriptions: Subscriptions
  readonly #changedViews = new Set<string>()
  /** While the service's rows are written: triggers of the app record nothing then. */
  #isPublishing = false
  /** Of the turn that runs. */
  #hasLongLog = false

  /** Takes over connection and lock, and closes both. */
  constructor(db: Connection, lock: Lock, sliceOps: number) {
    this.#db = db
    this.#lock = lock
    // Triggers ask, so it must be there before any statement that fires one.
    db.function('powersync_in_sync_operation', () => (this.#isPublishing ? 1n : 0n))
    this.#rowTypes = new RowTypes(db)
    this.#buckets = new Buckets(db)
    this.#staging = new Staging(db, this.#buckets, this.#rowTypes)
    // Before the tables: their statements read the merge's temporary lists.
    this.#merge = new Merge(db, () => this.#tables, sliceOps)
    this.#tables = new Tables(db, this.#rowTypes)
    this.#queue = new UploadQueue(db)
    this.#deadLetters = new DeadLetters(db)
    this.#gate = new WriteGate(db, this.#queue)
    this.#localWrites = new LocalWrites(db, this.#queue)
    this.#clearing = new Clearing(db, this.#tables)
    this.#subscriptions = new Subscriptions(db)
  }

  load(): Loaded {
    return translatingErrors(() => ({
      clientId: this.#db.prepare(`SELECT value FROM ps_kv WHERE key = 'client_id'`).pluck().get() as string,
      subscriptions: this.#subscriptions.all(),
      priorities: this.#subscriptions.priorities(),
    }))
  }

  setSchema(schema: Schema): void {
    if (this.#db.inTransaction) throw new Error('The schema cannot change inside a turn.')
    translatingErrors(() => this.#tables.apply(schema))
  }

  turn<T>(work: () => T): Turned<T> {
    return finish(this.slicedTurn(() => oneSlice(work)))
  }

  *slicedTurn<T>(work: () => Generator<void, T>): Generator<void, Turned<T>> {
    if (this.#db.inTransaction) throw new Error('A turn or a local transaction is running already.')
    let isCommitted = false
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      const value = yield* work()
      this.#staging.flush()
      this.#buckets.flush()
      this.#db.exec('COMMIT')
      isCommitted = true
      return { value, committed: { tables: [...this.#changedViews].sort() }, hasLongLog: this.#hasLongLog }
    } catch (error) {
      throw asStorageError(error)
    } finally {
      this.#changedViews.clear()
      this.#leaveLog(false)
      // Also when somebody returns the generator.
      if (!isCommitted) this.#rollBack()
    }
  }

  execute(command: StorageCommand): StorageOutcome | null {
    if (!this.#db.inTransaction) throw new Error('A command needs a turn.')
    if (command.do !== 'save') this.#staging.flush()
    switch (command.do) {
      case 'read_positions':
        return { kind: 'positions', buckets: this.#buckets.positions() }
      case 'track_checkpoint':
        return { kind: 'tracked', ...this.#buckets.trackCheckpoint(command.buckets) }
      case 'track_diff':
        return { kind: 'tracked', ...this.#buckets.trackDiff(command.updated, command.removed) }
      case 'save':
        return this.#save(command)
      case 'apply':
        return finish(this.#apply(command))
      case 'drop_buckets':
        this.#buckets.drop(command.buckets)
        return null
      case 'put_subscription':
        this.#subscriptions.put(command.row)
        return null
      case 'delete_subscription':
        this.#subscriptions.delete(command.id)
        return null
      case 'mark_synced':
        this.#subscriptions.markSynced(command.ids, command.at)
        return null
      case 'complete_upload':
        this.#gate.completeUpload(command.through, command.writeCheckpoint)
        return null
      case 'set_target':
        this.#gate.setTarget(command.id)
        return null
      case 'allocate_request':
        return { kind: 'request_allocated', id: this.#gate.allocateRequest() }
      case 'seed_requests':
        this.#gate.seedRequests(command.id)
        return null
      case 'clear':
        finish(this.#publish(oneSlice(() => this.#clearing.clear(command))))
        if (!command.soft) this.#buckets.forget()
        return null
      case 'resync':
        this.#buckets.flush()
        this.#clearing.resync()
        this.#buckets.forget()
        return null
      default:
        return command satisfies never
    }
  }

  *slicedApply(command: ApplyCommand): Generator<void, StorageOutcome> {
    if (!this.#db.inTransaction) throw new Error('A command needs a turn.')
    this.#staging.flush()
    return yield* this.#apply(command)
  }

  beginLocal(maxMs?: number): LocalTransaction {
    if (this.#db.inTransaction) throw new Error('A turn or a local transaction is running already.')
    return this.#localWrites.begin(() => this.#tables.refreshRawTriggers(), maxMs)
  }

  readQueue(options: QueueOptions): readonly CrudEntry[] {
    return translatingErrors(() => this.#queue.read(options))
  }

  queueSize(): QueueSize {
    return translatingErrors(() => this.#queue.size())
  }

  needsWriteCheckpoint(): boolean {
    return translatingErrors(() => this.#gate.needsWriteCheckpoint())
  }

  deadLetters(limit: number | null): readonly DeadLetter[] {
    return translatingErrors(() => this.#deadLetters.newest(limit))
  }

  keepDeadLetter(letter: DeadLetter): void {
    translatingErrors(() => this.#deadLetters.keep(letter))
  }

  deleteDeadLetter(transactionId: number): void {
    translatingErrors(() => this.#deadLetters.delete(transactionId))
  }

  lastRequest(): OpId | null {
    return translatingErrors(() => this.#gate.lastRequest())
  }

  close(): void {
    if (!this.#db.open) return
    try {
      this.#emptyLog()
    } finally {
      this.#db.close()
      this.#lock.release()
    }
  }

  /** A kindness to the next start: where it cannot be done at once the log stays, and nothing is lost. */
  #emptyLog(): void {
    try {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      this.#db.pragma('busy_timeout = 0')
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // The disk may be full.
    }
  }

  #save({ line }: Extract<StorageCommand, { do: 'save' }>): StorageOutcome | null {
    const target = this.#staging.save(line)
    // Nobody counts on a bucket that the checkpoint does not list.
    if (target === null) return null
    const { priority, subscriptions } = target
    return {
      kind: 'saved',
      priority,
      subscriptions: JSON.parse(subscriptions) as number[],
      ops: line.ops.length,
    }
  }

  /** Whether the commit leaves the log as it is: copying that of a large merge takes as long as many slices. */
  #leaveLog(isLong: boolean): void {
    if (isLong === this.#hasLongLog) return
    this.#hasLongLog = isLong
    this.#db.pragma(`wal_autocheckpoint = ${isLong ? 0 : CHECKPOINT_PAGES}`)
  }

  /** Throws what SQLite says; memory is right even then. */
  #rollBack(): void {
    this.#staging.forget()
    this.#buckets.forget()
    this.#rowTypes.forget()
    if (this.#db.inTransaction) translatingErrors(() => this.#db.exec('ROLLBACK'))
  }

  *#publish(slices: Generator<void, ReadonlySet<string>>): Generator<void, void> {
    if (this.#tables.rawTypes().length > 0) this.#db.pragma('defer_foreign_keys = ON')
    this.#isPublishing = true
    try {
      for (const view of yield* slices) this.#changedViews.add(view)
    } finally {
      this.#isPublishing = false
    }
  }

  *#apply(command: ApplyCommand): Generator<void, StorageOutcome> {
    const priority = command.priority ?? ALL_PRIORITIES
    const mismatches = this.#buckets.mismatches(priority)
    if (mismatches.length > 0) return { kind: 'mismatched', mismatches }

    // All of it is downloaded and valid: positions move even if local writes still hold back the rows.
    this.#buckets.reach(priority, command.lastOpId)
    if (command.priority === null && command.writeCheckpoint !== null) this.#gate.see(command.writeCheckpoint)
    const gateOpen = this.#gate.isOpen()
    if (!gateOpen && priority !== UNGATED_PRIORITY) return { kind: 'blocked' }

    yield* this.#publish(this.#merge.run({ priority, gateOpen }))
    if (this.#merge.wasLong) this.#leaveLog(true)
    this.#subscriptions.completed(priority, command.now)
    if (command.priority === null) this.#buckets.rollOver()
    return { kind: 'applied', priorities: this.#subscriptions.priorities() }
  }
}

/** 16 MiB of log before it is copied back, four times SQLite's default: pages that change often are copied once. */
export const CHECKPOINT_PAGES = 4_096

/** Buckets of this priority are published over local writes that wait for their upload. */
const UNGATED_PRIORITY = 0

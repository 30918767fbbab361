/**
 * The write gate: what the service sends may overwrite the user's own changes only when it has seen them all.
 *
 * It is closed while local writes wait for their upload, and after it until a checkpoint carries the write
 * checkpoint that was given for them: the *target*. A local write sets the target to a number that no checkpoint
 * carries (in the trigger of `powersync_crud`); once all is uploaded the service is asked for the real one.
 */
import type { OpId } from '../wire/line.ts'
import type { Connection } from './connection.ts'
import { StorageError } from './storage.ts'
import type { UploadQueue } from './upload-queue.ts'

/** The target of writes that the service has given no write checkpoint for. */
export const UNKNOWN_TARGET: OpId = 2n ** 63n - 1n

export class WriteGate {
  readonly #sql: ReturnType<typeof prepare>
  readonly #queue: UploadQueue
  /** How far the queue had come when somebody last set out to ask the service; null: nobody has. */
  #askedAt: number | null = null

  constructor(db: Connection, queue: UploadQueue) {
    this.#sql = prepare(db)
    this.#queue = queue
  }

  isOpen(): boolean {
    return this.#queue.isEmpty() && this.#sql.reached.get() === 1
  }

  /** A validated checkpoint carries this write checkpoint. */
  see(writeCheckpoint: OpId): void {
    this.#sql.put.run('write_seen', writeCheckpoint)
  }

  /** The app's backend has these entries (null: all). Without a write checkpoint for all, the gate stays closed. */
  completeUpload(through: number | null, writeCheckpoint: OpId | null): void {
    this.#queue.remove(through)
    this.#setTarget(writeCheckpoint !== null && this.#queue.isEmpty() ? writeCheckpoint : UNKNOWN_TARGET)
  }

  needsWriteCheckpoint(): boolean {
    const needed = this.#isUploaded()
    if (needed) this.#askedAt = this.#queue.lastId()
    return needed
  }

  /** What the service answered. Void when something was written since it was asked. */
  setTarget(id: OpId): void {
    const isLate = this.#askedAt !== null && this.#askedAt !== this.#queue.lastId()
    if (this.#isUploaded() && !isLate) this.#setTarget(id)
  }

  lastRequest(): OpId | null {
    return (this.#sql.lastRequest.get() as OpId | undefined) ?? null
  }

  seedRequests(id: OpId): void {
    if (id < 1n || id >= UNKNOWN_TARGET) throw notAnId(id)
    this.#sql.put.run('last_request', id)
  }

  allocateRequest(): OpId {
    const id = (this.lastRequest() ?? 0n) + 1n
    this.seedRequests(id)
    return id
  }

  #isUploaded(): boolean {
    return this.#queue.isEmpty() && this.#sql.target.get() === UNKNOWN_TARGET
  }

  /** 0 takes the target away. */
  #setTarget(id: OpId): void {
    if (id < 0n || id > UNKNOWN_TARGET) throw notAnId(id)
    if (id === 0n) this.#sql.removeTarget.run()
    else this.#sql.put.run('write_target', id)
  }
}

function notAnId(id: OpId): StorageError {
  return new StorageError('database_failed', `${id} cannot be the id of a write checkpoint.`)
}

function prepare(db: Connection) {
  return {
    reached: db
      .prepare(
        `SELECT coalesce((SELECT value FROM ps_kv WHERE key = 'write_target'), 0)
           <= coalesce((SELECT value FROM ps_kv WHERE key = 'write_seen'), 0)`,
      )
      .pluck(),
    target: db.prepare(`SELECT value FROM ps_kv WHERE key = 'write_target'`).pluck().safeIntegers(),
    lastRequest: db.prepare(`SELECT value FROM ps_kv WHERE key = 'last_request'`).pluck().safeIntegers(),
    put: db.prepare(
      'INSERT INTO ps_kv(key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
    removeTarget: db.prepare(`DELETE FROM ps_kv WHERE key = 'write_target'`),
  }
}

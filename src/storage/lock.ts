/**
 * One daemon for one database file, across threads and processes.
 *
 * The lock is an exclusive transaction on an empty SQLite file beside the database. The operating system
 * releases it when the process ends, however it ends; connections that only read the database do not meet it.
 */
import { existsSync, realpathSync, rmSync } from 'node:fs'
import { type Connection, connect, isSqliteError } from './connection.ts'
import { StorageError } from './storage.ts'

export interface Lock {
  release(): void
  /** Release, and leave no file behind that was not there before: nothing happened here. */
  undo(): void
}

/** Take the lock of the database at `path`, or throw `database_in_use` at once. */
export function takeLock(path: string, nativeBinding: string | undefined): Lock {
  const lockPath = `${existsSync(path) ? realpathSync(path) : path}-lock`
  const existed = existsSync(lockPath)
  const db = lockFile(lockPath, path, nativeBinding)
  return {
    release: () => close(db),
    undo: () => {
      if (!existed) rmSync(lockPath, { force: true })
      close(db)
    },
  }
}

function lockFile(lockPath: string, path: string, nativeBinding: string | undefined): Connection {
  let db: Connection | undefined
  try {
    db = connect(lockPath, { nativeBinding, busyTimeout: 0 })
    // Nothing is ever written to this file, so it needs no journal.
    db.pragma('journal_mode = OFF')
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db?.close()
    throw isBusy(error) ? inUse(path, error) : error
  }
}

function close(db: Connection): void {
  if (db.inTransaction) db.exec('ROLLBACK')
  db.close()
}

function isBusy(error: unknown): boolean {
  return isSqliteError(error) && error.code.startsWith('SQLITE_BUSY')
}

function inUse(path: string, cause: unknown): StorageError {
  return new StorageError(
    'database_in_use',
    `Another daemon has ${path} open. Close it, or use a file of your own.`,
    cause,
  )
}

/**
 * Care of a database file, beside the daemon that has it open: a copy, an examination, and its log. Each has a
 * connection of its own and holds up no write; the first two read one snapshot.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { asStorageError, type Connection, connect, translatingErrors } from './connection.ts'
import { type FileOptions, hasJournal } from './file.ts'
import { takeLock } from './lock.ts'
import { StorageError } from './storage.ts'

export interface BackUpOptions extends FileOptions {
  /** Gives up; a copy that is encrypted is whole or not begun by then. */
  readonly signal?: AbortSignal
}

/**
 * Copy the database at `path` to the file `to`, which is replaced once the copy is whole. It is encrypted as the
 * database is. Without encryption it is copied in pieces, and the thread stays free in between.
 *
 * The copy is the same client: it is for restoring, not for a second device.
 *
 * Throws the signal's reason, or a `StorageError`: `database_in_use` when a daemon has `to` open, the one of the
 * database itself included; `path_unusable`; `database_full`; …
 *
 * @example
 *   await backUp(path, `${path}.backup`)
 */
export async function backUp(
  path: string,
  to: string,
  { signal, ...options }: BackUpOptions = {},
): Promise<void> {
  const draft = `${to}-new`
  const lock = translatingErrors(() => lockTarget(to, options))
  try {
    signal?.throwIfAborted()
    for (const file of [draft, `${draft}-journal`]) rmSync(file, { force: true })
    if (options.encryption) copyEncrypted(path, draft, options)
    else await copy(path, draft, options, signal)
    signal?.throwIfAborted()
    flush(draft)
    renameSync(draft, to)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error === signal?.reason ? error : asStorageError(error)
  } finally {
    lock.undo()
  }
}

/**
 * Copy the write-ahead log of the database at `path` into the file, as far as nobody reads what is older. The
 * engine goes on writing meanwhile. Throws a `StorageError`.
 */
export function copyLog(path: string, options: FileOptions = {}): void {
  translatingErrors(() => {
    const db = connect(path, { ...options, mustExist: true })
    try {
      db.pragma('wal_checkpoint(PASSIVE)')
    } finally {
      db.close()
    }
  })
}

/**
 * What SQLite finds wrong with the database at `path`, as sentences; empty: nothing. Reads all of it, without a
 * pause: not on the main thread. Throws a `StorageError` when the file cannot be read at all.
 */
export function examine(path: string, options: FileOptions = {}): readonly string[] {
  return translatingErrors(() => {
    const db = openSnapshot(path, options)
    try {
      const findings = db.prepare('PRAGMA integrity_check').pluck().all() as string[]
      return findings.filter((finding) => finding !== 'ok')
    } catch (error) {
      // Some damage ends the examination.
      const translated = asStorageError(error)
      if (translated instanceof StorageError && translated.code === 'database_corrupt')
        return [translated.message]
      throw translated
    } finally {
      db.close()
    }
  })
}

/** Nobody may use the target, and no journal may lie beside it: SQLite would play it into the copy. */
function lockTarget(to: string, { nativeBinding }: FileOptions): { undo(): void } {
  if (!existsSync(dirname(to))) {
    throw new StorageError('path_unusable', `The folder of ${to} does not exist. Choose another path.`)
  }
  const lock = takeLock(to, nativeBinding)
  if (!hasJournal(to)) return lock
  lock.undo()
  throw new StorageError(
    'path_unusable',
    `Beside ${to} lies a journal of another database. Delete both, or choose another path.`,
  )
}

async function copy(
  path: string,
  draft: string,
  options: FileOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const db = openSnapshot(path, options)
  try {
    const progress = () => {
      signal?.throwIfAborted()
      return PAGES
    }
    await db.backup(draft, { progress })
  } finally {
    db.close()
  }
}

/** SQLite's backup would write it as it is. This writes it with the same key, and every row keeps its rowid. */
function copyEncrypted(path: string, draft: string, options: FileOptions): void {
  const db = connect(path, { ...options, readonly: true })
  try {
    db.prepare('VACUUM INTO ?').run(draft)
  } finally {
    db.close()
  }
}

/** What was copied is on the disk before it takes the place of an older copy. */
function flush(draft: string): void {
  const file = openSync(draft, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** What is copied in one piece. */
const PAGES = 1_000

function openSnapshot(path: string, options: FileOptions): Connection {
  const db = connect(path, { ...options, readonly: true })
  try {
    // The copy would begin anew at every commit of the daemon if it did not read one state only.
    db.exec('BEGIN')
    db.prepare('SELECT 1 FROM sqlite_schema').get()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Care of a database file, beside the daemon that has it open: a copy, and an examination. Both read one
 * snapshot on a connection of their own, so they hold up no write.
 */
import { renameSync, rmSync } from 'node:fs'
import { asStorageError, type Connection, connect, translatingErrors } from './connection.ts'
import type { FileOptions } from './file.ts'
import { StorageError } from './storage.ts'

/**
 * Copy the database at `path` to the file `to`, which is replaced once the copy is whole. Large databases are
 * copied in pieces; the thread stays free in between. Throws a `StorageError`.
 *
 * The copy is the same client: it is for restoring, not for a second device.
 *
 * @example
 *   await backUp(path, `${path}.backup`)
 */
export async function backUp(path: string, to: string, options: FileOptions = {}): Promise<void> {
  const draft = `${to}-new`
  const db = openSnapshot(path, options)
  try {
    rmSync(draft, { force: true })
    await db.backup(draft)
    renameSync(draft, to)
  } catch (error) {
    rmSync(draft, { force: true })
    throw asStorageError(error)
  } finally {
    db.close()
  }
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

/**
 * Databases that are encrypted on disk. The ciphers come with another build of the SQLite driver, which the app
 * installs and names; it has the same interface.
 */
import { createRequire } from 'node:module'
import type Sqlite from 'better-sqlite3'
import { quoteText } from '../schema/sql.ts'
import { StorageError } from './storage.ts'

export interface Encryption {
  /** The driver, by its package or its path: `better-sqlite3-multiple-ciphers`. */
  readonly driver: string
  /** A passphrase, from which the cipher derives its key. A file is made with it and opened with the same only. */
  readonly key: string
  /** Path of the driver's SQLite binary, where it does not lie in its own folder (packaged apps). */
  readonly nativeBinding?: string
}

/** Throws `encryption_unavailable` when it is not installed. */
export function loadDriver({ driver }: Encryption): typeof Sqlite {
  try {
    return createRequire(import.meta.url)(driver) as typeof Sqlite
  } catch (error) {
    throw new StorageError('encryption_unavailable', `The driver ${driver} cannot be loaded.`, error)
  }
}

/** Give the key to a fresh connection. Throws `encryption_unavailable` or `wrong_key`. */
export function unlock(db: Sqlite.Database, { driver, key }: Encryption): void {
  // A build without ciphers takes the key, does nothing with it, and would write the data as it is.
  if ((db.pragma('cipher') as unknown[]).length === 0) {
    throw new StorageError('encryption_unavailable', `The driver ${driver} has no ciphers.`)
  }
  db.pragma(`key = ${quoteText(key)}`)
  try {
    db.prepare('SELECT 1 FROM sqlite_schema').get()
  } catch (error) {
    // It may be locked, or not be readable at all: no reason to doubt the key.
    if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_NOTADB')) throw error
    throw new StorageError('wrong_key', 'The file does not open with this key. It was left as it is.', error)
  }
}

/**
 * Opens the database: one daemon for each file, of our making and not newer than this code; anything else is
 * refused and left as it is to the last byte.
 */
import type { Schema } from '../schema/schema.ts'
import { type Connection, connect, translatingErrors } from './connection.ts'
import { checkPath, createFile, type FileOptions, isOurFile, newer } from './file.ts'
import { type Lock, takeLock } from './lock.ts'
import { migrate, NEWEST_VERSION } from './migrations/migrate.ts'
import { CHECKPOINT_PAGES, SqliteStorage } from './sqlite.ts'
import type { Storage } from './storage.ts'

export interface OpenOptions extends FileOptions {
  /** The database file. Made if it is not there; its folder must exist. */
  readonly path: string
  readonly schema: Schema
  /** About how many ops a slice of a merge takes; tests make it small. Default 20,000. */
  readonly sliceOps?: number
}

/**
 * Open or make the database and fit it to the schema. Throws a `StorageError`: `path_unusable`, `database_in_use`,
 * `database_newer`, `database_foreign`, `node_too_old`, `sqlite_too_old`, `encryption_unavailable`, `wrong_key`,
 * `invalid_schema`, or what SQLite said.
 *
 * @example
 *   const storage = openStorage({ path, schema: { tables: { todos: { columns: { done: 'integer' } } } } })
 *   const { clientId } = storage.load()
 */
export function openStorage({ path, schema, sliceOps = 20_000, ...options }: OpenOptions): Storage {
  return translatingErrors(() => {
    checkPath(path)
    const lock = takeLock(path, options.nativeBinding)
    try {
      if (!isOurFile(path, options)) createFile(path, options)
    } catch (error) {
      lock.undo()
      throw error
    }
    return openOurs({ path, schema, sliceOps }, options, lock)
  })
}

type Ours = Required<Pick<OpenOptions, 'path' | 'schema' | 'sliceOps'>>

function openOurs({ path, schema, sliceOps }: Ours, options: FileOptions, lock: Lock): Storage {
  let db: Connection | undefined
  try {
    db = connect(path, options)
    // A newer version may still stand in the write-ahead log alone.
    const version = db.pragma('user_version', { simple: true }) as number
    if (version > NEWEST_VERSION) throw newer(path, version)
    configure(db)
    migrate(db)
    const storage = new SqliteStorage(db, lock, sliceOps)
    storage.setSchema(schema)
    db.pragma(`busy_timeout = ${BUSY_MS}`)
    return storage
  } catch (error) {
    db?.close()
    lock.release()
    throw error
  }
}

/**
 * How long a turn waits inside SQLite for somebody else's lock, in milliseconds: its thread is deaf meanwhile, so
 * whoever asked tries again, with backoff. Opening waits longer: nothing else could be done.
 */
const BUSY_MS = 250
/** A log that a large merge made long is cut to this again, in bytes. */
const LOG_LIMIT = 64 * 1024 * 1024

function configure(db: Connection): void {
  db.pragma('journal_mode = WAL')
  // What can be downloaded again may be lost in a power cut, but never torn.
  db.pragma('synchronous = NORMAL')
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  db.pragma(`journal_size_limit = ${LOG_LIMIT}`)
}

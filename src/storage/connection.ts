/**
 * How this room opens SQLite, and how SQLite's errors become ours. Every error that leaves the room has a code
 * and says what is safe and what to do.
 */
import Sqlite from 'better-sqlite3'
import { type Encryption, loadDriver, unlock } from './encryption.ts'
import { StorageError, type StorageErrorCode } from './storage.ts'

export type Connection = Sqlite.Database
/** An interface, not an alias: so the package's declarations have a name for what a statement is. */
export interface Statement extends Sqlite.Statement<unknown[]> {}

export interface ConnectOptions {
  /** Path of better-sqlite3's binary, where it does not lie in its own folder (packaged apps). */
  readonly nativeBinding?: string | undefined
  /** For a file that is encrypted. Default: it is not. */
  readonly encryption?: Encryption | undefined
  readonly readonly?: boolean
  /** Refuse to make a file. Default: make it. */
  readonly mustExist?: boolean
  /** How long to wait for another connection's lock, in milliseconds. Default 10,000. */
  readonly busyTimeout?: number
}

/** Open a connection to an existing or new file. Checks first that Node and SQLite are new enough. */
export function connect(path: string, options: ConnectOptions = {}): Connection {
  checkNode()
  const Driver = options.encryption ? loadDriver(options.encryption) : Sqlite
  const { nativeBinding } = options.encryption ?? options
  const db = new Driver(path, {
    readonly: options.readonly ?? false,
    fileMustExist: options.mustExist ?? false,
    timeout: options.busyTimeout ?? 10_000,
    ...(nativeBinding !== undefined && { nativeBinding }),
  })
  try {
    // The key comes before the first read.
    if (options.encryption) unlock(db, options.encryption)
    checkSqlite(db)
  } catch (error) {
    db.close()
    throw error
  }
  return db
}

/** Run `work`; an error of SQLite is thrown on as a `StorageError`, any other as it is. */
export function translatingErrors<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asStorageError(error)
  }
}

/** By its name: a driver with ciphers has a class of its own. */
export function isSqliteError(error: unknown): error is InstanceType<typeof Sqlite.SqliteError> {
  return error instanceof Error && error.name === 'SqliteError' && 'code' in error
}

/** As `asStorageError`, but a mistake belongs to who wrote the statement: `sql_failed`. */
export function asStatementError(error: unknown): unknown {
  if (!isMistake(error)) return asStorageError(error)
  return new StorageError('sql_failed', error.message, error)
}

/** The statement itself is wrong, or its parameters: it fails again for as long as the rows are as they are. */
export function isMistake(error: unknown): error is Error {
  if (isSqliteError(error)) return MISTAKE.test(error.code)
  // Parameters that do not fit, several statements, none.
  return error instanceof RangeError || error instanceof TypeError
}

export function asStorageError(error: unknown): unknown {
  if (error instanceof Error && 'syscall' in error) {
    return new StorageError('path_unusable', `The operating system refused: ${error.message}.`, error)
  }
  if (!isSqliteError(error)) return error
  const [code, advice] = meaning(error.code)
  return new StorageError(code, `${advice} (SQLite: ${error.message})`, error)
}

/** The oldest Node that reads TypeScript as it is; SQLite's binary crashes the process on Node 20. */
const OLDEST_NODE = [22, 18] as const
/** Older versions can corrupt a WAL database that two connections use. */
const OLDEST_SQLITE = [3, 51, 3] as const

function checkNode(): void {
  const version = process.versions.node
  if (!isAtLeast(version, OLDEST_NODE)) {
    throw new StorageError(
      'node_too_old',
      `This is Node ${version}; the database needs Node ${OLDEST_NODE.join('.')} or newer.`,
    )
  }
}

function checkSqlite(db: Connection): void {
  const version = db.prepare('SELECT sqlite_version()').pluck().get() as string
  if (!isAtLeast(version, OLDEST_SQLITE)) {
    throw new StorageError(
      'sqlite_too_old',
      `This is SQLite ${version}, which can corrupt the database; ${OLDEST_SQLITE.join('.')} or newer is needed.`,
    )
  }
}

/** Whether a version like `24.21.0` is `oldest` or newer. */
export function isAtLeast(version: string, oldest: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  const differing = oldest.findIndex((part, index) => part !== parts[index])
  return differing === -1 || (parts[differing] ?? 0) > oldest[differing]!
}

const MISTAKE = /^SQLITE_(?:ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG|AUTH)/

/** SQLite's extended codes begin with the basic one: `SQLITE_BUSY_SNAPSHOT` is a `SQLITE_BUSY`. */
const MEANINGS: readonly (readonly [prefix: string, code: StorageErrorCode, advice: string])[] = [
  [
    'SQLITE_BUSY',
    'database_busy',
    'Another connection kept the database locked for too long. Nothing was changed; try again.',
  ],
  [
    'SQLITE_LOCKED',
    'database_busy',
    'Another statement keeps a table locked. Nothing was changed; try again.',
  ],
  [
    'SQLITE_FULL',
    'database_full',
    'The disk is full. Nothing was changed and what was stored is safe; make room and try again.',
  ],
  [
    'SQLITE_CORRUPT',
    'database_corrupt',
    'The database file is damaged. Stop using it: keep a copy, restore a backup or delete it and sync again.',
  ],
  [
    'SQLITE_CANTOPEN',
    'path_unusable',
    'The operating system did not let SQLite open the file. Check that the file and its folder may be used.',
  ],
  [
    'SQLITE_READONLY',
    'path_unusable',
    'The file may not be written, or it was moved or deleted while it was open. Nothing was changed; check the ' +
      'file and open it again.',
  ],
  [
    'SQLITE_NOTADB',
    'database_foreign',
    'The file is not an SQLite database, or it is encrypted. It was left as it is; choose another path.',
  ],
]

function meaning(sqliteCode: string): readonly [StorageErrorCode, string] {
  const known = MEANINGS.find(([prefix]) => sqliteCode.startsWith(prefix))
  return known
    ? [known[1], known[2]]
    : ['database_failed', `The database refused a statement (${sqliteCode}). Nothing was changed.`]
}

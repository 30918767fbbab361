/**
 * Whose file is this? Judged by its first 100 bytes, so that a file that is not ours, or of a newer version, is
 * left as it is to the last byte. A new file is built beside and renamed into place: what lies at the path is
 * either nothing or a whole database of ours.
 */
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { connect, type ConnectOptions } from './connection.ts'
import { APPLICATION_ID, migrate, NEWEST_VERSION } from './migrations/migrate.ts'
import { StorageError } from './storage.ts'

export type FileOptions = Pick<ConnectOptions, 'nativeBinding' | 'encryption'>

/** Throws `path_unusable` where no database can lie. */
export function checkPath(path: string): void {
  if (path === '') throw unusable('The path of the database is empty.')
  if (!existsSync(dirname(path))) throw unusable(`The folder of ${path} does not exist.`)
  if (existsSync(path) && statSync(path).isDirectory()) throw unusable(`${path} is a folder.`)
}

/**
 * Throws `database_foreign` or `database_newer`, and of an encrypted file `wrong_key`. True: ours. False: there is
 * nothing, or an empty file.
 */
export function isOurFile(path: string, options: FileOptions): boolean {
  const header = options.encryption ? readEncryptedHeader(path, options) : readHeader(path)
  if (header === null) return false
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw foreign(`${path} is not an SQLite database, or it is encrypted.`)
  }
  if (header.readUInt32BE(APPLICATION_ID_AT) !== APPLICATION_ID) {
    throw foreign(`${path} was made by another program, such as a PowerSync SDK.`)
  }
  const version = header.readUInt32BE(USER_VERSION_AT)
  if (version > NEWEST_VERSION) throw newer(path, version)
  return true
}

/** Build an empty database at `path`, where nothing or an empty file may lie. */
export function createFile(path: string, options: FileOptions): void {
  const draft = `${path}-new`
  for (const file of [draft, `${draft}-journal`]) rmSync(file, { force: true })
  const db = connect(draft, options)
  try {
    migrate(db)
    db.prepare(`INSERT INTO ps_kv(key, value) VALUES ('client_id', ?)`).run(randomUUID())
  } finally {
    db.close()
  }
  try {
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

export function newer(path: string, version: number): StorageError {
  return new StorageError(
    'database_newer',
    `${path} has layout ${version}, made by a newer version of Headwater; this one knows ${NEWEST_VERSION}. ` +
      'The file was left as it is: update the app, or use another file.',
  )
}

/** Whether writes wait beside the file that SQLite would play into it. */
export function hasJournal(path: string): boolean {
  return [`${path}-wal`, `${path}-journal`].some((file) => existsSync(file) && statSync(file).size > 0)
}

const HEADER_BYTES = 100
const MAGIC = 'SQLite format 3\0'
const USER_VERSION_AT = 60
const APPLICATION_ID_AT = 68

/** What the header would be if it were not encrypted. */
function readEncryptedHeader(path: string, options: FileOptions): Buffer | null {
  const header = readHeader(path)
  if (header === null) return null
  const db = connect(path, { ...options, readonly: true })
  try {
    header.write(MAGIC, 'latin1')
    header.writeUInt32BE(db.pragma('application_id', { simple: true }) as number, APPLICATION_ID_AT)
    header.writeUInt32BE(db.pragma('user_version', { simple: true }) as number, USER_VERSION_AT)
    return header
  } finally {
    db.close()
  }
}

/** Null: no file, or an empty one that no journal belongs to. */
function readHeader(path: string): Buffer | null {
  if (!existsSync(path)) return null
  const header = Buffer.alloc(HEADER_BYTES)
  const file = openSync(path, 'r')
  try {
    const length = readSync(file, header, 0, HEADER_BYTES, 0)
    return length === 0 && !hasJournal(path) ? null : header
  } finally {
    closeSync(file)
  }
}

function unusable(what: string): StorageError {
  return new StorageError('path_unusable', `${what} Choose another path.`)
}

function foreign(what: string): StorageError {
  return new StorageError('database_foreign', `${what} It was left as it is: choose another path.`)
}

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { asStorageError, isAtLeast } from '../../src/storage/connection.ts'
import { createFile } from '../../src/storage/file.ts'
import { openStorage } from '../../src/storage/open.ts'
import { openReader } from '../../src/storage/reader.ts'
import { StorageError } from '../../src/storage/storage.ts'
import { bucket, Fixture, put, saveCommand, todos } from './fixture.ts'

let folder = ''
let path = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-open-'))
  path = join(folder, 'test.db')
})

afterEach(() => rmSync(folder, { recursive: true }))

function open() {
  return openStorage({ path, schema: todos })
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof StorageError) return error.code
    throw error
  }
  return 'no error'
}

/** Every file of the folder with its content. */
function contents(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

test('a new database gets a client id, which stays', () => {
  const storage = open()
  const { clientId } = storage.load()
  expect(clientId).toMatch(/^[0-9a-f-]{36}$/)
  storage.close()
  storage.close()
  const again = open()
  expect(again.load()).toEqual({ clientId, subscriptions: [], priorities: [] })
  again.close()
  expect(readdirSync(folder).sort()).toEqual(['test.db', 'test.db-lock'])
})

test('an empty file and what a crash left of a new one are no obstacle', () => {
  writeFileSync(path, '')
  writeFileSync(`${path}-new`, 'half a database')
  open().close()
  expect(readdirSync(folder).sort()).toEqual(['test.db', 'test.db-lock'])
})

test('the database is in WAL mode and says whose it is', () => {
  open().close()
  const db = new Sqlite(path)
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(db.pragma('application_id', { simple: true })).toBe(0x48445752)
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  db.close()
})

test.each([
  ['a newer version', 'database_newer', makeNewer],
  ['the native core', 'database_foreign', makeNative],
  ['the native core, killed before it wrote its log back', 'database_foreign', makeUnfinishedNative],
  [
    'something else than SQLite',
    'database_foreign',
    () => writeFileSync(path, 'a letter to my aunt'.repeat(99)),
  ],
  ['an empty file whose log holds everything', 'database_foreign', makeEmptyWithLog],
] as const)('a file of %s is refused and left as it is to the last byte', (_, code, make) => {
  make()
  const before = contents()
  expect(codeOf(open)).toBe(code)
  expect(contents()).toEqual(before)
})

function makeNewer(): void {
  open().close()
  const db = new Sqlite(path)
  db.pragma('user_version = 99')
  db.close()
}

function makeNative(): void {
  const db = new Sqlite(path)
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE ps_migration(id INTEGER PRIMARY KEY, down_migrations TEXT)')
  db.close()
}

function makeUnfinishedNative(): void {
  makeNative()
  const db = new Sqlite(path)
  db.exec('INSERT INTO ps_migration VALUES (1, NULL)')
  const files = ['', '-wal', '-shm'].map((suffix) => [path + suffix, readFileSync(path + suffix)] as const)
  db.close()
  for (const [file, bytes] of files) writeFileSync(file, bytes)
}

function makeEmptyWithLog(): void {
  writeFileSync(path, '')
  writeFileSync(`${path}-wal`, 'x')
}

test('a schema that breaks a rule is refused, and the lock is free again', () => {
  const schema = { tables: { todos: { columns: { id: 'text' } } } } as const
  expect(codeOf(() => openStorage({ path, schema }))).toBe('invalid_schema')
  open().close()
})

test('a second daemon on the same file is refused, by any path to it', () => {
  const storage = open()
  const link = join(folder, 'link.db')
  symlinkSync(path, link)
  expect(codeOf(open)).toBe('database_in_use')
  expect(codeOf(() => openStorage({ path: link, schema: todos }))).toBe('database_in_use')
  storage.close()
  open().close()
})

const OPEN_AND_WAIT = `
  const { openStorage } = await import(process.argv[1])
  const storage = openStorage({ path: process.argv[2], schema: { tables: {} } })
  process.stdout.write('open')
  setInterval(() => storage.load(), 1000)
`
const OPEN_MODULE = join(import.meta.dirname, '../../src/storage/open.ts')

async function openInChild(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', OPEN_AND_WAIT, OPEN_MODULE, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])) as unknown[]
  if (!(said instanceof Buffer)) throw new Error(`the child ended with ${String(said)}`)
  return child
}

test('a daemon of another process keeps the file until it is killed', async () => {
  const child = await openInChild()
  try {
    expect(codeOf(open)).toBe('database_in_use')
    openReader(path).close()
    expect(codeOf(open)).toBe('database_in_use')
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const storage = open()
  expect(storage.load().clientId).toMatch(/./)
  storage.close()
})

test('a daemon in a worker thread keeps the file until the thread is terminated', async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(({ openStorage }) => {
      globalThis.storage = openStorage({ path: workerData.path, schema: { tables: {} } })
      parentPort.postMessage('open')
      parentPort.on('message', () => {})
    })`
  const worker = new Worker(source, { eval: true, workerData: { module: OPEN_MODULE, path } })
  await once(worker, 'message')
  expect(codeOf(open)).toBe('database_in_use')
  await worker.terminate()
  open().close()
})

test('readers stay open beside the writer and see whole commits', () => {
  using db = new Fixture()
  const reader = openReader(db.path)
  db.sync({ a: [put(1, 'r1', { text: 'x' })] })
  db.storage.turn(() => {
    db.storage.execute({ do: 'track_diff', updated: [bucket('b')], removed: ['a'] })
    db.storage.execute({ do: 'apply', priority: null, lastOpId: 9n, writeCheckpoint: null, now: 1 })
    expect(reader.query('SELECT text FROM todos')).toEqual([{ text: 'x' }])
  })
  expect(reader.query('SELECT text FROM todos')).toEqual([])
  reader.close()
})

test('a row that is not JSON is refused with its type, id and op id, and nothing of its turn is kept', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 2 }))
  const save = () => db.save('a', put(1, 'r1', { text: 'x' }), put(2, 'r2', '{"text":'))
  expect(save).toThrow(/"todos".*"r2".*\b2\b/)
  expect(codeOf(save)).toBe('invalid_row')
  expect(db.positions()).toEqual({})
})

test('a row that is not JSON is named when more lines share its turn, before and after it', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 41 }))
  const lines = Array.from({ length: 41 }, (_, n) => [put(n, `r${n}`, n === 20 ? '{"text":' : { text: 'x' })])
  const save = () => db.storage.turn(() => lines.forEach((ops) => db.storage.execute(saveCommand('a', ops))))
  expect(save).toThrow(/"todos".*"r20".*\b20\b/)
  expect(codeOf(save)).toBe('invalid_row')
  expect(db.positions()).toEqual({})
})

test('a turn inside a turn, and a command outside of one, are mistakes of the caller', () => {
  using db = new Fixture()
  expect(() => db.storage.turn(() => db.storage.turn(() => 1))).toThrow(/already/)
  expect(() => db.storage.execute({ do: 'read_positions' })).toThrow(/turn/)
  expect(() => db.storage.turn(() => db.storage.setSchema(todos))).toThrow(/turn/)
})

test('a turn that meets a lock fails with database_busy and can be repeated', () => {
  using db = new Fixture()
  db.track(bucket('a', { checksum: 1 }))
  const other = new Sqlite(db.path)
  const impatient = new Sqlite(db.path, { timeout: 0 })
  other.exec('BEGIN IMMEDIATE')
  expect(codeOf(() => translated(() => impatient.exec('BEGIN IMMEDIATE')))).toBe('database_busy')
  other.exec('ROLLBACK')
  other.close()
  impatient.close()
  db.save('a', put(1, 'r1', { text: 'x' }))
  expect(db.apply(1n)).toMatchObject({ kind: 'applied' })
})

test('a path where no database can lie is refused with one code, and nothing is left there', () => {
  const at = (place: string) => codeOf(() => openStorage({ path: place, schema: todos }))
  expect(at('')).toBe('path_unusable')
  expect(existsSync('-new')).toBe(false)
  expect(at(join(folder, 'none', 'test.db'))).toBe('path_unusable')
  expect(at(folder)).toBe('path_unusable')
  expect(codeOf(() => openReader(join(folder, 'none.db')))).toBe('path_unusable')
  expect(readdirSync(folder)).toEqual([])
})

test('a new file that cannot be put into its place leaves nothing behind', () => {
  mkdirSync(path)
  expect(() => createFile(path, {})).toThrow()
  expect(readdirSync(folder)).toEqual(['test.db'])
})

/** What waits inside SQLite stops its thread: ten seconds and more before there was a limit. */
const unstalled = { timeout: 5_000 }

test('a lock that another program keeps does not stall the thread of a turn', unstalled, () => {
  using db = new Fixture()
  const other = new Sqlite(db.path)
  other.exec('BEGIN IMMEDIATE')
  expect(codeOf(() => db.track(bucket('a')))).toBe('database_busy')
  other.close()
})

test('opening is patient: a lock that another program lets go of in time is no error', async () => {
  open().close()
  const holder = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads')
    const db = new (require(workerData.driver))(workerData.path)
    db.exec('BEGIN IMMEDIATE')
    parentPort.postMessage('held')
    setTimeout(() => db.close(), 700)`,
    { eval: true, workerData: { path, driver: createRequire(import.meta.url).resolve('better-sqlite3') } },
  )
  const ended = once(holder, 'exit')
  await once(holder, 'message')
  // Another schema, so that there is something to write.
  openStorage({ path, schema: { tables: {} } }).close()
  await ended
})

test('closing waits for nobody, and the file is free at once', unstalled, () => {
  const storage = open()
  const other = new Sqlite(path)
  other.exec('BEGIN IMMEDIATE')
  storage.close()
  other.close()
  open().close()
})

test('a database that cannot empty its log is closed all the same, and the file is free', () => {
  const storage = open()
  const full = new Sqlite.SqliteError('database or disk is full', 'SQLITE_FULL')
  const pragma = vi.spyOn(Sqlite.prototype, 'pragma').mockImplementation(() => {
    throw full
  })
  storage.close()
  pragma.mockRestore()
  open().close()
})

test('a turn whose rollback fails too leaves nothing of it in memory', () => {
  using db = new Fixture()
  const run = Sqlite.prototype.exec
  const exec = vi.spyOn(Sqlite.prototype, 'exec').mockImplementation(function (this: Sqlite.Database, sql) {
    run.call(this, sql)
    if (sql === 'ROLLBACK') throw new Sqlite.SqliteError('disk I/O error', 'SQLITE_IOERR')
    return this
  })
  const fail = () => {
    db.storage.execute(saveCommand('a', [put(1, 'r1', { text: 'x' })]))
    throw new Error('mine')
  }
  expect(codeOf(() => db.storage.turn(fail))).toBe('database_failed')
  exec.mockRestore()
  expect(db.positions()).toEqual({})
})

test('SQLite errors become codes with advice; others stay as they are', () => {
  const code = (sqliteCode: string) =>
    (asStorageError(new Sqlite.SqliteError('m', sqliteCode)) as StorageError).code
  expect(code('SQLITE_BUSY_SNAPSHOT')).toBe('database_busy')
  expect(code('SQLITE_FULL')).toBe('database_full')
  expect(code('SQLITE_CORRUPT_VTAB')).toBe('database_corrupt')
  expect(code('SQLITE_NOTADB')).toBe('database_foreign')
  expect(code('SQLITE_ERROR')).toBe('database_failed')
  const own = new Error('mine')
  expect(asStorageError(own)).toBe(own)
})

test('a damaged file is reported as damaged', () => {
  const storage = open()
  storage.close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4096)
  writeFileSync(path, bytes)
  expect(codeOf(open)).toBe('database_corrupt')
})

test('versions compare by number', () => {
  expect(isAtLeast('22.18.0', [22, 18])).toBe(true)
  expect(isAtLeast('22.9.1', [22, 18])).toBe(false)
  expect(isAtLeast('24.0.0', [22, 18])).toBe(true)
  expect(isAtLeast('20.20.0', [22, 18])).toBe(false)
  expect(isAtLeast('3.51.2', [3, 51, 3])).toBe(false)
  expect(existsSync(path)).toBe(false)
})

function translated<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asStorageError(error)
  }
}

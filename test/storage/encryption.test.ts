/** The driver with ciphers is an optional peer of the package. Here it is installed, so all of this runs. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { backUp, examine } from '../../src/storage/care.ts'
import { connect, translatingErrors } from '../../src/storage/connection.ts'
import { openStorage } from '../../src/storage/open.ts'
import { openReader } from '../../src/storage/reader.ts'
import { StorageError } from '../../src/storage/storage.ts'
import type { StorageCommand } from '../../src/sync/event.ts'
import { bucket, put, saveCommand, todos } from './fixture.ts'

const CIPHERS = 'better-sqlite3-multiple-ciphers'

let folder = ''
let path = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-encryption-'))
  path = join(folder, 'test.db')
})

afterEach(() => rmSync(folder, { recursive: true }))

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof StorageError) return error.code
    throw error
  }
  return 'no error'
}

test.each(['better-sqlite3', 'no-such-driver'])(
  'a key with the driver %s is refused, not ignored',
  (driver) => {
    const encryption = { driver, key: 'secret' }
    expect(codeOf(() => openStorage({ path, schema: todos, encryption }))).toBe('encryption_unavailable')
    openStorage({ path, schema: todos }).close()
  },
)

describe('with a driver that has ciphers', () => {
  const encryption = { driver: CIPHERS, key: `it's a secret` }

  test('what is written can be read with the key, and does not stand in the file', () => {
    const storage = openStorage({ path, schema: todos, encryption })
    const transaction = storage.beginLocal()
    transaction.execute(`INSERT INTO todos(id, text) VALUES ('r1', 'confidential')`, [])
    transaction.commit()
    const reader = openReader(path, { encryption })
    expect(reader.query('SELECT text FROM todos')).toEqual([{ text: 'confidential' }])
    reader.close()
    expect(readFileSync(`${path}-wal`).includes('confidential')).toBe(false)
    storage.close()
    expect(readFileSync(path).includes('confidential')).toBe(false)
    expect(examine(path, { encryption })).toEqual([])
    openStorage({ path, schema: todos, encryption }).close()
  })

  test('another key, and no key, are refused and leave the file as it is', () => {
    openStorage({ path, schema: todos, encryption }).close()
    const before = readFileSync(path)
    const other = { ...encryption, key: 'guess' }
    expect(codeOf(() => openStorage({ path, schema: todos, encryption: other }))).toBe('wrong_key')
    expect(codeOf(() => openStorage({ path, schema: todos }))).toBe('database_foreign')
    expect(codeOf(() => openReader(path, { encryption: other }))).toBe('wrong_key')
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('a file that is locked is busy: nobody is told that the key is wrong', () => {
    openStorage({ path, schema: todos, encryption }).close()
    const other = connect(path, { encryption })
    other.pragma('locking_mode = EXCLUSIVE')
    other.exec('BEGIN EXCLUSIVE')
    const code = codeOf(() => translatingErrors(() => connect(path, { encryption, busyTimeout: 10 })))
    other.close()
    expect(code).toBe('database_busy')
  })

  test('a backup is encrypted with the same key, and a half download goes on in it', async () => {
    const storage = openStorage({ path, schema: todos, encryption })
    const run = (...commands: StorageCommand[]) =>
      storage.turn(() => commands.forEach((command) => storage.execute(command)))
    run({ do: 'track_checkpoint', buckets: [bucket('a', { checksum: 4 })] })
    // Two turns, so two runs of staged ops: their rowids say where each begins.
    run(saveCommand('a', [put(1, 'r2', { text: 'old' }), put(2, 'r3', { text: 'confidential' })]))
    run(saveCommand('a', [put(3, 'r1', { text: 'x' }), put(4, 'r2', { text: 'new' })]))
    const to = join(folder, 'copy.db')
    await backUp(path, to, { encryption })
    storage.close()

    const staged = (of: string) => {
      const reader = openReader(of, { encryption })
      const rows = reader.query('SELECT rowid, row_id, data FROM ps_staged ORDER BY rowid')
      reader.close()
      return rows
    }
    expect(readFileSync(to).includes('confidential')).toBe(false)
    expect(codeOf(() => openStorage({ path: to, schema: todos }))).toBe('database_foreign')
    expect(staged(to)).toHaveLength(4)
    expect(staged(to)).toEqual(staged(path))
    const copy = openStorage({ path: to, schema: todos, encryption })
    copy.turn(() =>
      copy.execute({ do: 'apply', priority: null, lastOpId: 4n, writeCheckpoint: null, now: 1 }),
    )
    const reader = openReader(to, { encryption })
    expect(reader.query('SELECT id, text FROM todos ORDER BY id')).toEqual([
      { id: 'r1', text: 'x' },
      { id: 'r2', text: 'new' },
      { id: 'r3', text: 'confidential' },
    ])
    reader.close()
    copy.close()
  })

  test('a key for a file that is not encrypted is refused', () => {
    openStorage({ path, schema: todos }).close()
    expect(codeOf(() => openStorage({ path, schema: todos, encryption }))).toBe('wrong_key')
  })
})

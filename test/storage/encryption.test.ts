/** Encryption needs a driver that is no dependency: with it installed all of this runs, without it the refusals. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../../src/storage/care.ts'
import { openStorage } from '../../src/storage/open.ts'
import { openReader } from '../../src/storage/reader.ts'
import { StorageError } from '../../src/storage/storage.ts'
import { todos } from './fixture.ts'

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

describe.runIf(isInstalled(CIPHERS))('with a driver that has ciphers', () => {
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

  test('a key for a file that is not encrypted is refused', () => {
    openStorage({ path, schema: todos }).close()
    expect(codeOf(() => openStorage({ path, schema: todos, encryption }))).toBe('wrong_key')
  })
})

function isInstalled(driver: string): boolean {
  try {
    createRequire(import.meta.url).resolve(driver)
    return true
  } catch {
    return false
  }
}

/** A write that was acknowledged is there after the process is killed, whole, and only once. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openReader } from '../../src/storage/reader.ts'
import { openStorage } from '../../src/storage/open.ts'
import { Fixture, todos } from './fixture.ts'

/** Writes transactions of two rows, says the number of each that is committed, and syncs in between. */
const WRITE = `
  const { openStorage } = await import(process.argv[1])
  const storage = openStorage({ path: process.argv[2], schema: JSON.parse(process.argv[3]) })
  const { writeSync } = await import('node:fs')
  for (let n = Number(process.argv[4]); ; n++) {
    const transaction = storage.beginLocal()
    transaction.execute('INSERT INTO todos(id, n) VALUES (?, ?)', ['a' + n, BigInt(n)])
    transaction.execute('INSERT INTO todos(id, n) VALUES (?, ?)', ['b' + n, BigInt(n)])
    transaction.commit()
    writeSync(1, n + '\\n')
    storage.turn(() => storage.execute({ do: 'apply', priority: 0, lastOpId: BigInt(n), writeCheckpoint: null, now: n }))
  }
`
const OPEN_MODULE = join(import.meta.dirname, '../../src/storage/open.ts')

/** Kill the writer as soon as it has acknowledged so many; gives the last number that it said. */
async function writeUntilKilled(path: string, first: number, acknowledged: number): Promise<number> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--input-type=module', '-e', WRITE, OPEN_MODULE, path, JSON.stringify(todos), String(first)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout!.on('data', (bytes: Buffer) => {
    said += bytes.toString()
    if (said.split('\n').length > acknowledged) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return Number(said.split('\n').at(-2))
}

test('a process killed right after a write was acknowledged: the write is there, none is torn or doubled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-kill-'))
  const path = join(folder, 'test.db')
  try {
    let first = 0
    for (const acknowledged of [1, 2, 5, 20]) {
      const last = await writeUntilKilled(path, first, acknowledged)
      expect(last).toBeGreaterThanOrEqual(first)
      const storage = openStorage({ path, schema: todos })
      const entries = storage.readQueue({ limit: 100_000, wholeTransactions: true })
      storage.close()
      // One more may have been committed and not said.
      const written = entries.length / 2
      expect([last + 1, last + 2]).toContain(written)
      expect(entries.map(({ rowId }) => rowId)).toEqual(
        Array.from({ length: written }, (_, n) => [`a${n}`, `b${n}`]).flat(),
      )
      expect(entries.map(({ transactionId }) => transactionId)).toEqual(
        Array.from({ length: written }, (_, n) => [n + 1, n + 1]).flat(),
      )
      const reader = openReader(path)
      expect(reader.query('SELECT count(*) AS n FROM todos')).toEqual([{ n: entries.length }])
      expect(reader.query('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
      reader.close()
      first = written
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

test('a local transaction commits with synchronous FULL, which is 2', () => {
  using db = new Fixture()
  const transaction = db.storage.beginLocal()
  expect(transaction.execute('PRAGMA synchronous', []).rows).toEqual([{ synchronous: 2 }])
  transaction.rollback()
})

/** What of the native core's tests is about files and connections, translated to storage. */
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Replay } from '../../src/replay/replay.ts'
import { openReader } from '../../src/storage/reader.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-resources-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const midway = [
  '{"do":"subscribe","stream":"x"}',
  '{"do":"connect"}',
  '{"do":"line","text":"{\\"checkpoint\\":{\\"last_op_id\\":\\"1\\",\\"buckets\\":[],\\"streams\\":[]}}"}',
]

/** As far as the system tells: elsewhere the files must at least be free to be removed. */
function openFiles(): readonly string[] {
  if (!existsSync('/proc/self/fd')) return []
  return readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return [readlinkSync(`/proc/self/fd/${number}`)]
    } catch {
      return []
    }
  })
}

test('B2.64 the database can be closed during an iteration, and no file of it stays open', () => {
  const run = new Replay(join(folder, 'a.db'))
  midway.forEach((line, index) => run.line(index + 1, line))
  expect(run.printed.some((line) => line.includes('"request"'))).toBe(true)
  run.close()
  expect(openFiles().filter((file) => file.startsWith(folder))).toEqual([])
})

test('B2.65 a read-only connection that has read the streams does not keep the database from closing', () => {
  const path = join(folder, 'b.db')
  const run = new Replay(path)
  midway.forEach((line, index) => run.line(index + 1, line))
  const reader = openReader(path)
  expect(reader.query('SELECT stream_name FROM ps_stream_subscriptions')).toEqual([{ stream_name: 'x' }])
  run.close()
  const again = new Replay(path)
  again.close()
  reader.close()
})

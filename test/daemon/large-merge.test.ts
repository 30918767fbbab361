/** A sync that is large enough for a merge of several slices, and for a log that a thread of its own copies. */
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, expect, test, vi } from 'vitest'
import { DaemonFixture, until } from './fixture.ts'
import { todosCheckpoint } from './scripted-service.ts'

/** A slice takes 20,000 ops. */
const ROWS = 25_000
const rows = Object.fromEntries(Array.from({ length: ROWS }, (_, n) => [`row ${n}`, `text ${n}`]))

let fixture: DaemonFixture
afterEach(() => fixture.close())

test('after a large merge the log is copied into the file, while the daemon is open', async () => {
  fixture = await DaemonFixture.start({})
  await fixture.synced(rows)
  await vi.waitFor(() => expect(rowsWithoutLog()).toBe(ROWS), { timeout: 30_000, interval: 200 })
})

test('a daemon that is closed in the middle of a merge leaves all of it or nothing, and no log', async () => {
  fixture = await DaemonFixture.start({})
  const daemon = await fixture.open()
  await daemon.connect()
  const stream = await fixture.service.stream(0)
  const merging = until(daemon, ({ downloading }) => downloading?.downloaded === ROWS)
  stream.say(...todosCheckpoint(rows))
  await merging
  await daemon.close()
  expect(existsSync(`${fixture.folder}/app.db-wal`)).toBe(false)
  expect([0, ROWS]).toContain(rowsWithoutLog())
  const again = await fixture.open()
  await again.connect()
  const resumed = await fixture.service.stream(1)
  resumed.say(...todosCheckpoint(rows).filter((line) => !('data' in line)))
  await until(again, ({ priorities }) => priorities.length > 0)
  await again.close()
  expect(rowsWithoutLog()).toBe(ROWS)
})

/** What the file holds by itself. */
function rowsWithoutLog(): number {
  const copy = join(fixture.folder, 'copy.db')
  copyFileSync(join(fixture.folder, 'app.db'), copy)
  const db = new Sqlite(copy)
  try {
    return db.prepare('SELECT count(*) FROM ps_data__todos').pluck().get() as number
  } finally {
    db.close()
  }
}

/** Nothing stays open or running after an open that failed, or a close that did. */
import Database from 'better-sqlite3'
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { DaemonFixture, places } from './fixture.ts'

let fixture: DaemonFixture
afterEach(() => fixture.close())

test.each(places.slice(0, 2))(
  'a damaged file is refused as often as it is opened (%s)',
  async (_where, place) => {
    fixture = await DaemonFixture.start(place)
    const daemon = await fixture.open()
    await daemon.syncStream('lists').subscribe()
    await daemon.close()
    damage(join(fixture.folder, 'app.db'), 'ps_stream_subscriptions')
    await expect(fixture.open()).rejects.toMatchObject({ code: 'database_corrupt' })
    await expect(fixture.open()).rejects.toMatchObject({ code: 'database_corrupt' })
  },
)

test('a worker thread whose close fails ends by itself', async () => {
  fixture = await DaemonFixture.start({})
  const engine = join(import.meta.dirname, '../../src/engine')
  const ended = join(fixture.folder, 'ended')
  const workerPath = join(fixture.folder, 'worker.ts')
  const importOf = (file: string) => `import(${JSON.stringify(pathToFileURL(join(engine, file)).href)})`
  writeFileSync(
    workerPath,
    `import { writeFileSync } from 'node:fs'
     import { workerData } from 'node:worker_threads'
     const { Engine } = await ${importOf('engine.ts')}
     const close = Engine.prototype.close
     Engine.prototype.close = function () {
       close.call(this)
       throw new Error('The disk is full.')
     }
     await ${importOf('worker.ts')}
     if (workerData.kind === 'engine') process.on('exit', () => writeFileSync(${JSON.stringify(ended)}, ''))`,
  )
  const daemon = await fixture.open({}, { workerPath })
  await daemon.close()
  expect(existsSync(ended)).toBe(true)
})

/** Overwrites the first page of a table. */
function damage(path: string, table: string): void {
  const db = new Database(path)
  const page = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table) as number
  const size = db.pragma('page_size', { simple: true }) as number
  db.close()
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(size, 0xab), 0, size, (page - 1) * size)
  closeSync(file)
}

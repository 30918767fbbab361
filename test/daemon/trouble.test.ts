/** A file that is locked by another program, or damaged: what fails says so, what can go on does, it can be left. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonFixture, places, todosOf, until } from './fixture.ts'
import { todosCheckpoint, writeCheckpointDiff } from './scripted-service.ts'

const INSERT = 'INSERT INTO todos(id, description) VALUES (?, ?)'

describe.each(places.slice(0, 2))('with its engine %s', (_where, place) => {
  let fixture: DaemonFixture
  beforeEach(async () => void (fixture = await DaemonFixture.start(place)))
  afterEach(() => fixture.close())

  const path = () => join(fixture.folder, 'app.db')

  test('locked by another program: writes wait and say so, reads go on, a disconnect is not refused', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    const hold = await daemon.syncStream('lists').subscribe()
    await expect.poll(() => fixture.service.streams.length).toBe(2)
    const other = new Sqlite(path())
    other.exec('BEGIN IMMEDIATE')
    await expect(daemon.execute(INSERT, ['b', 'milk'], { lockTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'database_busy',
      message: expect.stringContaining('try again'),
    })
    expect(await todosOf(daemon)).toEqual({ a: 'bread' })
    await daemon.disconnect()
    expect(daemon.status.connection).toEqual({ state: 'offline' })
    const waiting = daemon.execute(INSERT, ['b', 'milk'])
    other.exec('ROLLBACK')
    other.close()
    await waiting
    hold.unsubscribe()
    expect(await todosOf(daemon)).toEqual({ a: 'bread', b: 'milk' })
    await daemon.connect()
    await fixture.service.stream(2)
  })

  test('locked while lines come: they wait, and nothing is lost', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    const other = new Sqlite(path())
    other.exec('BEGIN IMMEDIATE')
    fixture.service.streams[0]!.say(...todosCheckpoint({ a: 'bread', b: 'milk' }, 'more[]'))
    await new Promise((resolve) => void setTimeout(resolve, 600))
    other.exec('ROLLBACK')
    other.close()
    await expect.poll(() => todosOf(daemon), { timeout: 10_000 }).toEqual({ a: 'bread', b: 'milk' })
    expect(fixture.service.streams).toHaveLength(1)
  })

  test('damaged: reads and downloads say so, the examination names it, and it can be left', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`r${n}`, 'x'.repeat(300)]))
    const before = await fixture.synced(many)
    await before.close()
    const bytes = readFileSync(path())
    // All pages after the schema's: what the first ones lead to is rubbish.
    bytes.fill(0xa5, 30 * 4096)
    writeFileSync(path(), bytes)

    const daemon = await fixture.open()
    expect((await daemon.checkIntegrity()).length).toBeGreaterThan(0)
    await expect(todosOf(daemon)).rejects.toMatchObject({
      code: 'database_corrupt',
      message: expect.stringContaining('restore a backup'),
    })
    await daemon.connect()
    const stream = await fixture.service.stream(1)
    stream.say(...todosCheckpoint({ ...many, a: 'bread' }), ...writeCheckpointDiff('301', '1'))
    const { downloadError, connection } = await until(daemon, (status) => status.downloadError !== null)
    expect(downloadError).toMatchObject({ code: 'database_corrupt' })
    expect(connection).toMatchObject({ state: 'waiting' })
    await daemon.disconnect()
    expect(daemon.status.connection).toEqual({ state: 'offline' })
    await daemon.close()
  })
})

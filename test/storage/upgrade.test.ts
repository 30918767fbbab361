/**
 * Files of older layouts open, with all that is in them. They were written by the code of their time, each while a
 * checkpoint was half downloaded; from layout 2 on they hold local writes, from 3 on a dead letter.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Schema } from '../../src/schema/schema.ts'
import { examine } from '../../src/storage/care.ts'
import { NEWEST_VERSION } from '../../src/storage/migrations/migrate.ts'
import { openStorage } from '../../src/storage/open.ts'
import { Fixture } from './fixture.ts'

const schema: Schema = {
  tables: {
    todos: {
      columns: { text: 'text', n: 'integer' },
      indexes: { by_n: { columns: [{ name: 'n' }] } },
    },
    drafts: { columns: { text: 'text' }, localOnly: true },
  },
}

/** A fixture whose file is one of that layout. */
function ofLayout(layout: number): Fixture {
  const db = new Fixture({ tables: {} })
  db.storage.close()
  writeFileSync(db.path, gunzipSync(readFileSync(join(import.meta.dirname, `layouts/${layout}.db.gz`))))
  expect(db.query('PRAGMA user_version')).toEqual([{ user_version: BigInt(layout) }])
  db.schema = schema
  db.storage = openStorage({ path: db.path, schema })
  return db
}

const older = Array.from({ length: NEWEST_VERSION - 1 }, (_, index) => index + 1)

describe.each(older)('a file of layout %i', (layout) => {
  const hasWrites = layout >= 2

  test('opens at the newest layout, with its rows, subscriptions and local writes, and is whole', () => {
    using db = ofLayout(layout)
    expect(db.query('PRAGMA user_version')).toEqual([{ user_version: BigInt(NEWEST_VERSION) }])
    expect(db.texts()).toEqual({
      r1: 'one of b',
      r2: hasWrites ? 'mine' : 'two',
      ...(hasWrites && { r9: 'new' }),
    })
    expect(db.texts('text', 'drafts')).toEqual(hasWrites ? { d1: 'draft' } : {})
    expect(db.storage.load().subscriptions).toMatchObject([{ name: 'lists', params: '{"x":1}', ttl: 60_000 }])
    expect(db.queue()).toEqual(
      hasWrites ? ['PATCH todos r2 {"text":"mine"}', 'PUT todos r9 {"text":"new"}'] : [],
    )
    expect(db.storage.deadLetters(null)).toMatchObject(layout >= 3 ? [{ attempts: 2 }] : [])
    expect(examine(db.path)).toEqual([])
    db.reopen({ tables: { ...schema.tables, unknown: { columns: { text: 'text' } } } })
    expect(db.texts('text', 'unknown')).toEqual({ u1: 'waits' })
  })

  test('goes on where it was: the rest of the download, and uploads', () => {
    using db = ofLayout(layout)
    expect(db.positions()).toEqual({ a: 8n, b: 4n })
    db.writeLocally('r1', 'changed after the upgrade')
    expect(db.apply(8n)).toEqual({ kind: 'blocked' })
    expect(db.queue()).toHaveLength(hasWrites ? 3 : 1)
    db.acknowledge()
    expect(db.apply(8n)).toMatchObject({ kind: 'applied' })
    expect(db.texts()).toEqual({
      r1: 'one of b',
      r2: 'two',
      r3: 'three',
      r4: 'four',
      r5: 'five',
      r7: 'seven',
    })
    expect(examine(db.path)).toEqual([])
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Daemon } from '../../src/daemon/daemon.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import { queries, type QueryRows } from '../../src/tracker/queries.ts'
import { schema } from '../../src/tracker/schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'headwater-tracker-'))
const path = join(folder, 'tracker.db')
const names = Object.keys(queries) as (keyof QueryRows)[]
let daemon: Daemon

beforeAll(async () => {
  const connector = { fetchCredentials: async () => null }
  daemon = await openDaemon({ path, schema, queries, connector, inProcess: true })
})
afterAll(async () => {
  await daemon.close()
  rmSync(folder, { recursive: true })
})

const expectedTables: { readonly [name in keyof QueryRows]: readonly string[] } = {
  projects: ['issues', 'people', 'projects'],
  project: ['issues', 'people', 'projects'],
  project_issues: ['issues', 'people', 'projects'],
  my_work: ['issues', 'people', 'projects'],
  issue: ['issues', 'people', 'projects'],
  issue_comments: ['comments', 'people'],
  people: ['people'],
  me: ['people'],
  labels: ['labels'],
  archived_issues: ['archived_issues'],
}

test.each(names)('%s runs on an empty database and names the tables that it reads', async (name) => {
  const parameters = Object.fromEntries((queries[name].parameters ?? []).map((key) => [key, 'x']))
  const { rows, tables } = await daemon.query(name, parameters)
  expect(rows).toEqual([])
  expect([...tables].sort()).toEqual(expectedTables[name])
})

describe('a query that grows with the data walks an index and scans no issues or comments', () => {
  test.each(['projects', 'project', 'project_issues', 'my_work', 'issue', 'issue_comments'] as const)(
    '%s',
    (name) => {
      const plan = planOf(queries[name].sql, queries[name].parameters ?? [])
      expect(plan.filter((step) => /^SCAN .*(issues|comments|\bi\b|\bc\b)/.test(step))).toEqual([])
      expect(plan.some((step) => step.startsWith('SEARCH'))).toBe(true)
    },
  )
})

/** SQLite's own words for each step, for example `SEARCH ps_data__issues USING INDEX …`. */
function planOf(sql: string, parameters: readonly string[]): readonly string[] {
  const database = new Sqlite(path, { readonly: true })
  try {
    const values = Object.fromEntries(parameters.map((key) => [key, 'x']))
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(values) as { readonly detail: string }[]
    return steps.map(({ detail }) => detail)
  } finally {
    database.close()
  }
}

/** The data and the simulation: repeatable from a seed, whole, and as large as promised. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { generateDataset } from '../../src/demo/dataset.ts'
import { randomFrom } from '../../src/demo/random.ts'
import { startDemo, type DemoService } from '../../src/demo/service.ts'
import { createSimulation, simulateChange } from '../../src/demo/simulation.ts'
import { nothingWatched, type Watched } from '../../src/demo/watched.ts'
import { Store } from '../../src/demo/store.ts'
import { sources } from '../../src/demo/streams.ts'
import { issueStatuses, tables, type RowChange, type TableName } from '../../src/demo/tables.ts'
import { Transaction } from '../../src/demo/transaction.ts'
import { connect, sub, sync } from './client.ts'

const full = { seed: 7, scale: 'full', archiveBuckets: 10_000 } as const

describe('the data', () => {
  const data = generateDataset(full)
  const of = (table: TableName) => data.flatMap((change) => (change.table === table ? [change.row!] : []))

  it('is the same for the same seed and another for another', () => {
    expect(JSON.stringify(generateDataset(full))).toBe(JSON.stringify(data))
    expect(JSON.stringify(generateDataset({ ...full, seed: 8 }))).not.toBe(JSON.stringify(data))
  })

  it('gives a service the same op ids and bucket names at every start', async () => {
    const wish = { defaults: true, subscriptions: [sub('project_issues', { project: 'project-01' })] }
    const runs = []
    for (const seed of [7, 7, 8]) {
      const demo = await startDemo({ seed, scale: 'small', simulate: false })
      runs.push((await sync(demo, wish)).lines)
      await demo.close()
    }
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).not.toEqual(runs[0])
  })

  it('has 40 projects, 60 people, 5,000 issues, 20,000 comments and 10,000 shelves', () => {
    const count = Object.fromEntries(
      Object.keys(tables).map((table) => [table, of(table as TableName).length]),
    )
    expect(count).toMatchObject({ projects: 40, people: 60, issues: 5000, comments: 20_000 })
    expect(new Set(of('archived_issues').map((row) => row['shelf'])).size).toBe(10_000)
  })

  it('has every column of its tables in their order and type, and unique ids', () => {
    for (const [table, columns] of Object.entries(tables)) {
      const rows = of(table as TableName)
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
      for (const { id, ...values } of rows) {
        expect(typeof id).toBe('string')
        expect(Object.keys(values)).toEqual(Object.keys(columns))
        for (const [column, type] of Object.entries(columns)) {
          const value = values[column]
          if (value !== null)
            expect(typeof value, `${table}.${column}`).toBe(type === 'text' ? 'string' : 'number')
        }
      }
    }
  })

  it('hangs together: every reference leads somewhere and comments are counted', () => {
    const people = new Set(of('people').map(({ id }) => id))
    const projects = new Set(of('projects').map(({ id }) => id))
    const labels = new Set(of('labels').map((row) => row['name']))
    const counted = new Map<unknown, number>()
    for (const comment of of('comments')) {
      expect(people.has(String(comment['author_id']))).toBe(true)
      counted.set(comment['issue_id'], (counted.get(comment['issue_id']) ?? 0) + 1)
    }
    for (const issue of of('issues')) {
      expect(projects.has(String(issue['project_id']))).toBe(true)
      expect(people.has(String(issue['reporter_id']))).toBe(true)
      expect(issueStatuses).toContain(issue['status'])
      for (const label of JSON.parse(String(issue['labels']))) expect(labels).toContain(label)
      expect(issue['comment_count']).toBe(counted.get(issue.id) ?? 0)
      expect(String(issue['updated_at']) >= String(issue['created_at'])).toBe(true)
    }
  })

  it('has no unfilled places in its sentences', () => {
    for (const row of [...of('issues'), ...of('comments'), ...of('archived_issues')]) {
      for (const text of [row['title'], row['description'], row['body']]) {
        if (text !== undefined) expect(text).not.toMatch(/[{}]|undefined|NaN/)
      }
    }
  })
})

describe('the simulation', () => {
  function simulate(count: number, watched?: Watched): RowChange[] {
    const store = new Store(sources)
    store.commit(generateDataset({ seed: 7, scale: 'small', archiveBuckets: 3 }))
    const random = randomFrom(7)
    return Array.from({ length: count }).flatMap(() => {
      const transaction = new Transaction(store, '2026-11-23T08:00:00.000Z')
      simulateChange(random, store, transaction, watched)
      store.commit(transaction.changes)
      return transaction.changes
    })
  }

  it('makes the same changes for the same seed', () => {
    expect(simulate(300)).toEqual(simulate(300))
  })

  it('comments, moves, reassigns and opens issues', () => {
    const changes = simulate(300)
    const touched = (table: TableName) => changes.filter((change) => change.table === table)
    expect(touched('comments').length).toBeGreaterThan(50)
    expect(touched('issues').some(({ id }) => id > 'issue-00120')).toBe(true)
    expect(new Set(touched('issues').map(({ row }) => row?.['status'])).size).toBeGreaterThan(3)
  })

  it('happens mostly where somebody looks', () => {
    const watched: Watched = { projects: ['project-03', 'project-01'], issues: [], people: [] }
    const changed = simulate(300, watched).flatMap(({ table, row }) =>
      table === 'issues' ? [row?.['project_id']] : [],
    )
    const share = (project: string) => changed.filter((id) => id === project).length / changed.length
    expect(share('project-03')).toBeGreaterThan(0.3)
    expect(share('project-03')).toBeGreaterThan(share('project-01'))
    expect(new Set(changed).size).toBeGreaterThan(2)
  })

  it('makes a change every one to three seconds, none while it is paused', () => {
    vi.useFakeTimers()
    let changes = 0
    const simulation = createSimulation({
      seed: 7,
      store: new Store(sources),
      watched: () => nothingWatched,
      write: () => (changes += 1),
    })
    simulation.resume()
    simulation.resume()
    vi.advanceTimersByTime(60_000)
    expect(changes).toBeGreaterThanOrEqual(20)
    expect(changes).toBeLessThanOrEqual(60)
    simulation.pause()
    const before = changes
    vi.advanceTimersByTime(60_000)
    expect(changes).toBe(before)
    simulation.resume()
    vi.advanceTimersByTime(60_000)
    expect(changes).toBeGreaterThan(before)
    simulation.pause()
    vi.useRealTimers()
  })

  it('arrives on open streams by itself', async () => {
    const demo = await startDemo({ seed: 7, scale: 'small' })
    const projects = Array.from({ length: 6 }, (_, n) => ({ project: `project-0${n + 1}` }))
    const wish = { subscriptions: projects.map((project) => sub('project_issues', project)) }
    const client = await connect(demo, wish)
    await client.until('checkpoint_complete')
    expect((await client.until('checkpoint_diff')).updated_buckets.length).toBeGreaterThan(0)
    client.close()
    await demo.close()
  })
})

describe('the whole company', () => {
  let demo: DemoService
  beforeAll(async () => {
    demo = await startDemo({ seed: 7, simulate: false })
  })
  afterAll(() => demo.close())

  it.each(['ndjson', 'bson'] as const)(
    'syncs 10,000 archive buckets over %s, then resumes them',
    async (format) => {
      const wish = { format, subscriptions: [sub('archive')] }
      const client = await sync(demo, wish)
      expect(client.target.size).toBe(10_000)
      const rows = Array.from(client.buckets.values(), (bucket) => bucket.rows.size)
      expect(Math.min(...rows)).toBe(1)
      const again = await sync(demo, wish, client)
      expect(again.kinds()).toEqual(['checkpoint', 'checkpoint_complete'])
    },
  )

  it('tells a change in one of 10,000 buckets as one bucket', async () => {
    const client = await connect(demo, { subscriptions: [sub('archive')] })
    await client.until('checkpoint_complete')
    demo.change((tx) => tx.patch('archived_issues', 'archived-000777', { title: 'Reopened' }))
    expect((await client.until('checkpoint_diff')).updated_buckets).toHaveLength(1)
    await client.until('checkpoint_complete')
    client.close()
  })

  it('supersedes its checkpoint when a change falls into the download', async () => {
    const client = await connect(demo, { defaults: true, subscriptions: [sub('archive')] })
    await client.until('partial_checkpoint_complete')
    demo.change((tx) => tx.patch('labels', 'label-bug', { color: '#abcdef' }))
    await client.until('checkpoint_complete')
    expect(client.kinds()).toContain('checkpoint_diff')
    expect(client.rows('1#workspace|0[]').get('label-bug')).toMatchObject({ color: '#abcdef' })
    client.close()
  })
})

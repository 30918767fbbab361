/** What the demo's back end refuses for good, with which reason, and what such a refusal leaves behind. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { generateDataset } from '../../src/demo/dataset.ts'
import { randomFrom } from '../../src/demo/random.ts'
import { simulateChange } from '../../src/demo/simulation.ts'
import { Store } from '../../src/demo/store.ts'
import { sources } from '../../src/demo/streams.ts'
import { Transaction } from '../../src/demo/transaction.ts'
import { startDemo, type DemoService } from '../../src/demo/service.ts'
import { post, sub, sync } from './client.ts'

interface Change {
  op: 'PUT' | 'PATCH' | 'DELETE'
  type: string
  id: string
  data?: Record<string, string | number | null>
}

let demo: DemoService
beforeEach(async () => {
  demo = await startDemo({ seed: 3, scale: 'small', simulate: false })
  demo.change((tx) => {
    tx.put('issues', 'open', {
      project_id: 'project-01',
      number: 801,
      title: 'Open',
      status: 'todo',
      priority: 2,
    })
    tx.put('issues', 'shut', {
      project_id: 'project-01',
      number: 802,
      title: 'Shut',
      status: 'done',
      locked: 1,
    })
    tx.put('comments', 'said', { issue_id: 'shut', author_id: 'person-02', body: 'The last word.' })
  })
})
afterEach(() => demo.close())

async function send(...transactions: readonly (readonly Change[])[]) {
  const body = { client_id: 'a', transactions: transactions.map((crud, index) => ({ id: index + 1, crud })) }
  const response = await post(demo, '/upload', body)
  return { status: response.status, body: (await response.json()) as { readonly error?: { code: string } } }
}

async function issue(id: string) {
  const client = await sync(demo, { subscriptions: [sub('project_issues', { project: 'project-01' })] })
  return client.rows('1#project_issues|0["project-01"]').get(id)
}

const patch = (id: string, data: Change['data']): Change => ({ op: 'PATCH', type: 'issues', id, data: data! })
const file = (data: Change['data']): Change => ({
  op: 'PUT',
  type: 'issues',
  id: 'new',
  data: { project_id: 'project-01', title: 'New', ...data },
})
const say = (body: string, issue_id = 'open'): Change => ({
  op: 'PUT',
  type: 'comments',
  id: 'c',
  data: { issue_id, body },
})

describe('a change is refused for good', () => {
  it.each<[string, Change]>([
    ['title_empty', patch('open', { title: ' ' })],
    ['title_empty', file({ title: null })],
    ['too_long', patch('open', { title: 'x'.repeat(201) })],
    ['too_long', patch('open', { description: 'x'.repeat(20_001) })],
    ['too_long', say('x'.repeat(10_001))],
    ['comment_empty', say('\n ')],
    ['issue_gone', say('Where are you?', 'nowhere')],
    ['project_gone', file({ project_id: 'nowhere' })],
    ['urgent_unassigned', patch('open', { priority: 0 })],
    ['urgent_unassigned', file({ priority: 0, status: 'todo' })],
    ['issue_locked', patch('shut', { status: 'todo' })],
    ['issue_locked', { op: 'DELETE', type: 'issues', id: 'shut' }],
    ['issue_locked', say('One more thing', 'shut')],
    ['issue_locked', { op: 'DELETE', type: 'comments', id: 'said' }],
  ])('%s', async (code, change) => {
    expect(await send([change])).toMatchObject({ status: 422, body: { error: { code, transaction: '1' } } })
  })

  it('whole, while the transactions before it are done and those after it are not', async () => {
    const { status, body } = await send(
      [patch('open', { title: 'First' })],
      [patch('open', { priority: 3 }), patch('open', { title: '' })],
      [patch('open', { title: 'Third' })],
    )
    expect({ status, body }).toMatchObject({ status: 422, body: { error: { transaction: '2' } } })
    expect(await issue('open')).toMatchObject({ title: 'First', priority: 2 })
  })

  it('until the reason is gone: then the same transaction is taken', async () => {
    expect((await send([patch('shut', { title: 'Again' })])).status).toBe(422)
    demo.change((tx) => tx.patch('issues', 'shut', { locked: 0 }))
    expect((await send([patch('shut', { title: 'Again' })])).status).toBe(200)
    expect(await issue('shut')).toMatchObject({ title: 'Again' })
  })
})

describe('a change is taken', () => {
  it.each<[string, Change]>([
    ['a title of the most characters', patch('open', { title: 'x'.repeat(200) })],
    ['urgent and assigned at once', patch('open', { priority: 0, assignee_id: 'person-02' })],
    ['urgent, and closed', file({ priority: 0, status: 'done' })],
    ['a lock that is opened', patch('shut', { locked: 0 })],
    ['a row that is gone', patch('nowhere', { title: '' })],
  ])('%s', async (_, change) => {
    expect((await send([change])).status).toBe(200)
  })
})

it('nobody else touches what is locked, though somebody looks at it', () => {
  const random = randomFrom(1)
  const store = new Store(sources)
  store.commit(generateDataset({ seed: 3, scale: 'small', archiveBuckets: 1 }))
  for (const row of store.rows('issues')) {
    if (row.id !== 'issue-00007') store.commit([{ table: 'issues', id: row.id, row: { ...row, locked: 1 } }])
  }
  const touched = Array.from({ length: 200 }, () => {
    const transaction = new Transaction(store, '2026-11-23T05:00:00.000Z')
    simulateChange(random, store, transaction, { issues: ['issue-00001'], projects: [], people: [] })
    return transaction.changes.filter(
      ({ table, id }) => table === 'issues' && store.row('issues', id)?.locked === 1,
    )
  })
  expect(touched.flat()).toEqual([])
})

it('what the service counts and dates is its own: a client cannot write it', async () => {
  const before = await issue('open')
  const guesses = { number: 1, comment_count: 99, created_at: '1999-01-01T00:00:00.000Z', updated_at: '1999' }
  await send([patch('open', { title: 'Mine', ...guesses }), file({ comment_count: 99, number: null })])
  expect(await issue('open')).toMatchObject({
    title: 'Mine',
    number: 801,
    comment_count: 0,
    created_at: before!['created_at'],
    updated_at: expect.stringMatching(/^20[2-9]/),
  })
  expect(await issue('new')).toMatchObject({ number: 803, comment_count: 0 })
})

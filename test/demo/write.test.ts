/** The upload side: transactions applied once, write checkpoints, and what a directory keeps of both. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { startDemo, type DemoOptions, type DemoService } from '../../src/demo/service.ts'
import { connect, post, sub, sync } from './client.ts'

const small: DemoOptions = { seed: 3, scale: 'small', simulate: false }

let directory: string
let demo: DemoService
const start = async (options: DemoOptions = {}) => {
  demo = await startDemo({ ...small, directory, ...options })
}
const restart = async (options: DemoOptions = {}) => {
  await demo.close()
  await start(options)
}
const journal = () => join(directory, 'journal.jsonl')

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'headwater-demo-'))
  await start()
})
afterEach(async () => {
  await demo.close()
  rmSync(directory, { recursive: true })
})

interface Crud {
  op: 'PUT' | 'PATCH' | 'DELETE'
  type: string
  id: string
  data?: Record<string, unknown> | null
}

async function upload(clientId: string, id: number, crud: readonly Crud[]) {
  const response = await post(demo, '/upload', { client_id: clientId, transactions: [{ id, crud }] })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const project = { project: 'project-01' }
const bucket = '1#project_issues|0["project-01"]'
const issues = async () =>
  (await sync(demo, { subscriptions: [sub('project_issues', project)] })).rows(bucket)
const put: Crud = { op: 'PUT', type: 'issues', id: 'mine', data: { project_id: 'project-01', title: 'Mine' } }
const title = (text: string): Crud => ({ op: 'PATCH', type: 'issues', id: 'mine', data: { title: text } })

describe('uploads', () => {
  it('PUT, PATCH and DELETE change the rows that everybody gets', async () => {
    await upload('a', 1, [put])
    expect((await issues()).get('mine')).toMatchObject({ title: 'Mine', status: null, comment_count: 0 })
    await upload('a', 2, [title('Still mine')])
    expect((await issues()).get('mine')).toMatchObject({ title: 'Still mine', project_id: 'project-01' })
    await upload('a', 3, [{ op: 'DELETE', type: 'issues', id: 'mine', data: null }])
    expect((await issues()).has('mine')).toBe(false)
  })

  it('are applied once for each client and transaction, however often they come', async () => {
    expect(await upload('a', 1, [put])).toEqual({ status: 200, body: { data: { applied: 1, repeated: 0 } } })
    await upload('b', 1, [title('Theirs')])
    expect(await upload('a', 1, [put])).toEqual({ status: 200, body: { data: { applied: 0, repeated: 1 } } })
    expect((await issues()).get('mine')).toMatchObject({ title: 'Theirs' })
  })

  it('give a new issue the next number of its project, and count its comments', async () => {
    const highest = Math.max(...Array.from((await issues()).values(), ({ number }) => Number(number)))
    const comment: Crud = { op: 'PUT', type: 'comments', id: 'c1', data: { issue_id: 'mine', body: 'First' } }
    await upload('a', 1, [put, comment, { ...put, id: 'second' }])
    expect((await issues()).get('mine')).toMatchObject({ number: highest + 1, comment_count: 1 })
    expect((await issues()).get('second')).toMatchObject({ number: highest + 2, comment_count: 0 })
    await upload('a', 2, [{ op: 'DELETE', type: 'comments', id: 'c1' }])
    expect((await issues()).get('mine')).toMatchObject({ comment_count: 0 })
  })

  it('keep only the columns of the table, in its types', async () => {
    const data = { project_id: 'project-01', title: 5, priority: '2', status: true, surprise: 'x' }
    await upload('a', 1, [{ ...put, data }])
    const row = (await issues()).get('mine')
    expect(row).toMatchObject({ title: '5', priority: 2, status: '1' })
    expect(row).not.toHaveProperty('surprise')
  })

  it('to a table that the demo does not have are refused whole', async () => {
    const { status, body } = await upload('a', 1, [put, { op: 'PUT', type: 'secrets', id: 'x', data: {} }])
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: 'PSYNC_S2001', status: 400 } })
    expect((await issues()).has('mine')).toBe(false)
  })

  it.each([
    ['an unknown operation', { op: 'MERGE', type: 'issues', id: 'x' }],
    ['a nested value', { op: 'PUT', type: 'issues', id: 'x', data: { labels: ['a'] } }],
    ['an empty id', { op: 'PUT', type: 'issues', id: '', data: {} }],
  ])('with %s get 400', async (_, entry) => {
    expect((await upload('a', 1, [entry as Crud])).status).toBe(400)
  })

  it('PATCH of a row that is gone changes nothing', async () => {
    expect((await upload('a', 1, [title('nobody')])).status).toBe(200)
    expect((await issues()).has('mine')).toBe(false)
  })
})

describe('write checkpoints', () => {
  const get = async (clientId: string, token = demo.token()) => {
    const url = `${demo.url}/write-checkpoint2.json?client_id=${clientId}`
    const response = await fetch(url, { headers: { authorization: `Token ${token}` } })
    return ((await response.json()) as { data: { write_checkpoint: string } }).data.write_checkpoint
  }

  it('count for each user and client, and share the counter with checkpoint requests', async () => {
    expect([await get('a'), await get('a'), await get('b')]).toEqual(['1', '2', '1'])
    expect(await get('a', demo.token({ userId: 'person-02' }))).toBe('1')
    const wanted = { client_id: 'a', checkpoint_request_id: '9007199254740993' }
    await post(demo, '/sync/checkpoint-request', wanted)
    expect(await get('a')).toBe('9007199254740994')
  })

  it('arrive without a data change, only at the client that asked, together with its writes', async () => {
    const wish = { subscriptions: [sub('project_issues', project)] }
    const writer = await connect(demo, { ...wish, clientId: 'writer' })
    const other = await connect(demo, { ...wish, clientId: 'other' })
    await writer.until('checkpoint_complete')
    await other.until('checkpoint_complete')

    const id = await get('writer')
    expect(await writer.until('checkpoint_diff')).toMatchObject({ write_checkpoint: id, updated_buckets: [] })
    await upload('writer', 1, [put])
    const next = await get('writer')
    for (let seen = ''; seen !== next;) {
      seen = (await writer.until('checkpoint_diff')).write_checkpoint ?? ''
      await writer.until('checkpoint_complete')
    }
    expect(writer.rows(bucket).has('mine')).toBe(true)
    expect(await other.until('checkpoint_diff')).not.toHaveProperty('write_checkpoint')
    writer.close()
    other.close()
  })

  it('survive a restart and stand in the first checkpoint', async () => {
    await get('a')
    await get('a')
    await restart()
    const client = await connect(demo, { clientId: 'a' })
    expect(await client.until('checkpoint')).toMatchObject({ write_checkpoint: '2' })
    client.close()
  })
})

describe('a directory', () => {
  it('keeps changes and positions: a client resumes after a restart with nothing sent twice', async () => {
    const wish = { defaults: true, subscriptions: [sub('project_issues', project)] }
    await upload('a', 1, [put])
    const before = await sync(demo, wish)
    await upload('a', 2, [title('Before the restart')])
    const token = demo.token()
    await restart()
    const after = await sync(demo, { ...wish, token }, before)
    expect(after.rows(bucket).get('mine')).toMatchObject({ title: 'Before the restart' })
    const ops = after.lines.flatMap((line) => ('data' in line ? line.data.data : []))
    expect(ops).toMatchObject([{ object_id: 'mine' }])
  })

  it('remembers uploads across a restart', async () => {
    await upload('a', 1, [put])
    await restart()
    expect((await upload('a', 1, [put])).body).toEqual({ data: { applied: 0, repeated: 1 } })
  })

  it('loses a torn last line and nothing else', async () => {
    await upload('a', 1, [put])
    await demo.close()
    appendFileSync(journal(), '{"kind":"commit","by":"upload","changes":[{"table":"issu')
    await start()
    expect((await issues()).has('mine')).toBe(true)
    await upload('a', 2, [title('After the tear')])
    await restart()
    expect((await issues()).get('mine')).toMatchObject({ title: 'After the tear' })
  })

  it('with a broken line in the middle is refused and left as it is', async () => {
    await upload('a', 1, [put])
    await upload('a', 2, [title('x')])
    await demo.close()
    const lines = readFileSync(journal(), 'utf8').split('\n')
    lines[1] = lines[1]!.slice(0, 20)
    writeFileSync(journal(), lines.join('\n'))
    await expect(start()).rejects.toMatchObject({ code: 'journal_damaged' })
    expect(readFileSync(journal(), 'utf8')).toBe(lines.join('\n'))
  })

  it('over other base data keeps what people wrote, in new buckets', async () => {
    await upload('a', 1, [put])
    await restart({ seed: 4 })
    const client = await sync(demo, { subscriptions: [sub('project_issues', project)] })
    expect([...client.target.keys()]).toEqual(['2#project_issues|0["project-01"]'])
    expect(client.rows('2#project_issues|0["project-01"]').has('mine')).toBe(true)
    expect((await upload('a', 1, [put])).body).toEqual({ data: { applied: 0, repeated: 1 } })
  })

  it('is rewritten at start when it has grown beyond 8 MiB', async () => {
    const comment: Crud = { op: 'PUT', type: 'comments', id: 'c1', data: { issue_id: 'mine', body: 'kept' } }
    await upload('a', 1, [put, comment])
    for (let n = 0; n < 10; n += 1) {
      demo.change((tx) => tx.patch('issues', 'mine', { description: `${n} ${'x'.repeat(900_000)}` }))
    }
    await demo.close()
    expect(readFileSync(journal()).length).toBeGreaterThan(8 * 1024 * 1024)
    await start()
    expect(readFileSync(journal()).length).toBeLessThan(2 * 1024 * 1024)
    const client = await sync(demo, { subscriptions: [sub('project_issues', project)] })
    const row = client.rows('2#project_issues|0["project-01"]').get('mine')
    expect(String(row?.['description'])).toMatch(/^9 x+$/)
    expect(row).toMatchObject({ comment_count: 1 })
  })
})

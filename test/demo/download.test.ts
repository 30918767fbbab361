/** The download side: what comes, in which order, and what a change does to it. */
import { request as httpRequest } from 'node:http'
import { Writable } from 'node:stream'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Backend } from '../../src/demo/backend.ts'
import { Feed } from '../../src/demo/feed.ts'
import type { Line } from '../../src/demo/lines.ts'
import { parseBody, streamRequest } from '../../src/demo/requests.ts'
import { startDemo, type DemoOptions, type DemoService } from '../../src/demo/service.ts'
import { Sink } from '../../src/demo/sink.ts'
import { streams } from '../../src/demo/streams.ts'
import { bodyOf, connect, isKind, post, sub, sync, type Wish } from './client.ts'

const small: DemoOptions = { seed: 3, scale: 'small', simulate: false }
let demo: DemoService
beforeAll(async () => {
  demo = await startDemo(small)
})
afterAll(() => demo.close())

const first = { project: 'project-01' }

/** A feed without a socket, so that a test decides between which two lines a change falls. */
function feedOf(wish: Wish, archiveBuckets = 40) {
  const feeds: Feed[] = []
  const backend = new Backend({
    seed: 3,
    scale: 'small',
    archiveBuckets,
    directory: null,
    onCommit: (commit) => feeds.forEach((feed) => feed.noteCommit(commit)),
    onWriteCheckpoint: () => feeds.forEach((feed) => feed.noteWriteCheckpoint()),
  })
  const { store } = backend
  const context = { store, streams, generation: 1, bucketLimit: 100, writeCheckpoint: () => undefined }
  const identity = { userId: 'person-01', claims: {}, expiresAt: Infinity }
  const feed = new Feed(context, { identity, request: parseBody(streamRequest, bodyOf(wish)) })
  feeds.push(feed)
  const rest = () => {
    const lines: Line[] = []
    for (let line = feed.next(); line !== null; line = feed.next()) lines.push(line)
    return lines
  }
  return { backend, feed, rest }
}

const kindsOf = (lines: readonly Line[]) => lines.map((line) => Object.keys(line)[0])

describe('a checkpoint', () => {
  it('sends buckets by ascending priority with a partial completion between and a full one last', async () => {
    const client = await sync(demo, {
      defaults: true,
      subscriptions: [sub('project_issues', first, 0), sub('archive')],
    })
    const steps = client.lines.flatMap((line): (number | string)[] => {
      if (isKind(line, 'data')) return [client.target.get(line.data.bucket)!.priority]
      if (isKind(line, 'partial_checkpoint_complete'))
        return [`to ${line.partial_checkpoint_complete.priority}`]
      return isKind(line, 'checkpoint_complete') ? ['complete'] : []
    })
    const once = steps.filter((step, index) => step !== steps[index - 1])
    expect(once).toEqual([0, 'to 0', 1, 'to 1', 2, 'to 2', 3, 'complete'])
  })

  it('gives a bucket all its reasons, subscriptions before the default, and the lowest priority number', async () => {
    const wish = {
      defaults: true,
      parameters: { watch: ['project-01'] },
      subscriptions: [
        sub('project_issues', first),
        sub('project_issues', { ...first, extra: 1 }, 3),
        sub('my_work', {}, 0),
        sub('labelled_issues', { labels: ['bug', 'bug'] }),
      ],
    }
    const { target, streams: entries } = await sync(demo, wish)
    const at = (name: string) => ({ default: entries.findIndex((stream) => stream.name === name) })
    expect(target.get('1#project_issues|0["project-01"]')).toMatchObject({
      priority: 2,
      subscriptions: [at('watched_projects'), { sub: 0 }, { sub: 1 }],
    })
    expect(target.get('1#my_work|0["person-01"]')).toMatchObject({
      priority: 0,
      subscriptions: [{ sub: 2 }, at('my_work')],
    })
    expect(target.get('1#labelled_issues|0["bug"]')).toMatchObject({
      subscriptions: [{ sub: 3 }, { sub: 3 }],
    })
  })

  it('leaves unknown streams out, tells bad parameters, and gives no bucket without access', async () => {
    const token = demo.token({ claims: { projects: ['project-02'] } })
    const subscriptions = [
      sub('no_such_stream'),
      sub('project_issues', first),
      sub('project_issues', { project: 'project-02' }),
      sub('labelled_issues', { labels: 'bug' }),
    ]
    const { target, streams: entries } = await sync(demo, { token, subscriptions })
    expect([...target.keys()]).toEqual(['1#project_issues|0["project-02"]'])
    expect(entries.map(({ name }) => name)).toEqual(['project_issues', 'labelled_issues'])
    expect(entries[1]?.errors).toEqual([
      { subscription: 3, message: expect.stringMatching(/^Error evaluating bucket ids: .*"labels"/) },
    ])
  })

  it('includes a bucket that has nothing in it', async () => {
    const { target } = await sync(demo, { subscriptions: [sub('issue_comments', { issue: 'nothing yet' })] })
    expect([...target.values()]).toMatchObject([{ checksum: 0, count: 0 }])
  })

  it('has the same issue in the bucket of its project and of its assignee', async () => {
    demo.change((tx) =>
      tx.patch('issues', 'issue-00003', { project_id: 'project-01', assignee_id: 'person-01' }),
    )
    const client = await sync(demo, { defaults: true, subscriptions: [sub('project_issues', first)] })
    const inProject = client.rows('1#project_issues|0["project-01"]').get('issue-00003')
    expect(inProject).toBeDefined()
    expect(client.rows('1#my_work|0["person-01"]').get('issue-00003')).toEqual(inProject)
  })

  it('gives each person their own issues in my_work, by the sub of their token', async () => {
    const client = await sync(demo, { defaults: true, token: demo.token({ userId: 'person-02' }) })
    const mine = [...client.rows('1#my_work|0["person-02"]').values()]
    expect(mine.length).toBeGreaterThan(0)
    expect(mine.every((issue) => issue['assignee_id'] === 'person-02')).toBe(true)
  })
})

describe('batches', () => {
  it('hold at most 1,000 ops, each starting where the last ended', async () => {
    const own = await startDemo(small)
    own.change((tx) => {
      for (let n = 0; n < 2500; n += 1) tx.put('comments', `bulk-${n}`, { issue_id: 'bulk', body: 'x' })
    })
    const { lines } = await sync(own, { subscriptions: [sub('issue_comments', { issue: 'bulk' })] })
    const data = lines.flatMap((line) => (isKind(line, 'data') ? [line.data] : []))
    expect(data.map((line) => line.data.length)).toEqual([1000, 1000, 500])
    expect(data.map((line) => line.has_more)).toEqual([true, true, false])
    expect(data.map((line) => line.after)).toEqual(['0', data[0]!.next_after, data[1]!.next_after])
    await own.close()
  })

  it('are split at about 1 MiB of row data, and a larger row stands alone', async () => {
    const own = await startDemo(small)
    const sizes = [400_000, 400_000, 400_000, 2_500_000, 10]
    own.change((tx) =>
      sizes.forEach((size, n) => tx.put('comments', `big-${n}`, { issue_id: 'big', body: 'x'.repeat(size) })),
    )
    const { lines } = await sync(own, { subscriptions: [sub('issue_comments', { issue: 'big' })] })
    const counts = lines.flatMap((line) => (isKind(line, 'data') ? [line.data.data.length] : []))
    expect(counts).toEqual([2, 1, 1, 1])
    await own.close()
  })
})

describe('resuming', () => {
  it('sends only what follows each position', async () => {
    const wish = { subscriptions: [sub('project_issues', first)] }
    const before = await sync(demo, wish)
    demo.change((tx) => tx.patch('issues', 'issue-00003', { title: 'While nobody was looking' }))
    const after = await sync(demo, wish, before)
    const ops = after.lines.flatMap((line) => (isKind(line, 'data') ? line.data.data : []))
    expect(ops).toMatchObject([{ op: 'PUT', object_id: 'issue-00003' }])
  })

  it('from a position beyond the end sends nothing, so that the checksum shows it', async () => {
    const positions = { '1#workspace|0[]': '999999999' }
    const client = await connect(demo, { subscriptions: [sub('workspace')], positions })
    const kinds: string[] = []
    await expect(async () => {
      for (;;) kinds.push(...Object.keys((await client.next())!))
    }).rejects.toThrow() // The test's client finds that the sums differ.
    expect(kinds).toEqual(['checkpoint'])
    client.close()
  })
})

describe('changes', () => {
  it('reach only the streams that have the bucket', async () => {
    const theirs = await connect(demo, { subscriptions: [sub('project_issues', { project: 'project-02' })] })
    const ours = await connect(demo, { subscriptions: [sub('project_issues', first)] })
    await theirs.until('checkpoint_complete')
    await ours.until('checkpoint_complete')
    demo.change((tx) => tx.patch('issues', 'issue-00003', { title: 'Ours' }))
    const diff = await ours.until('checkpoint_diff')
    expect(diff.updated_buckets.map(({ bucket }) => bucket)).toEqual(['1#project_issues|0["project-01"]'])
    // The other stream's next line is about the next change that concerns it.
    demo.change((tx) => tx.put('issues', 'for-them', { project_id: 'project-02' }))
    await theirs.until('checkpoint_complete')
    expect(theirs.kinds()).toEqual([
      'checkpoint',
      'data',
      'checkpoint_complete',
      'checkpoint_diff',
      'data',
      'checkpoint_complete',
    ])
    theirs.close()
    ours.close()
  })

  it('in mid-download supersede the checkpoint: a diff, what is left, one completion', () => {
    const { backend, feed, rest } = feedOf({ defaults: true, subscriptions: [sub('archive')] })
    const before = [feed.next()!, feed.next()!, feed.next()!]
    expect(kindsOf(before)).toEqual(['checkpoint', 'data', 'partial_checkpoint_complete'])
    backend.write('test', (tx) => tx.patch('labels', 'label-bug', { color: '#123456' }))
    const after = rest()
    expect(kindsOf(after).slice(0, 3)).toEqual(['checkpoint_diff', 'data', 'partial_checkpoint_complete'])
    expect(after[0]).toMatchObject({ checkpoint_diff: { updated_buckets: [{ bucket: '1#workspace|0[]' }] } })
    // The archive, not begun before, is complete after; nothing came twice.
    const archived = after.flatMap((line) => ('data' in line ? [line.data.bucket] : []))
    expect(archived.filter((name) => name.includes('archive')).length).toBe(40)
    expect(kindsOf([...before, ...after]).filter((kind) => kind === 'checkpoint_complete')).toHaveLength(1)
  })

  it('to a row while its bucket is downloading are in the rest of the download', () => {
    const { backend, feed, rest } = feedOf({ subscriptions: [sub('archive')] })
    feed.next()
    const begun = feed.next()!
    const touched = 'data' in begun ? begun.data.data[0]! : undefined
    const id = touched && 'object_id' in touched ? touched.object_id : ''
    backend.write('test', (tx) => tx.patch('archived_issues', id, { title: 'changed' }))
    const again = rest().flatMap((line) => ('data' in line ? line.data.data : []))
    expect(again.filter((op) => 'object_id' in op && op.object_id === id)).toMatchObject([{ op: 'PUT' }])
  })

  it('that take access away remove the bucket, and giving it back sends it anew', async () => {
    const client = await connect(demo, { subscriptions: [sub('project_issues', { project: 'project-03' })] })
    await client.until('checkpoint_complete')
    demo.change((tx) => tx.remove('projects', 'project-03'))
    const gone = await client.until('checkpoint_diff')
    expect(gone).toMatchObject({
      removed_buckets: ['1#project_issues|0["project-03"]'],
      updated_buckets: [],
    })
    await client.until('checkpoint_complete')
    demo.change((tx) => tx.put('projects', 'project-03', { name: 'Back' }))
    await client.until('checkpoint_complete')
    expect(client.rows('1#project_issues|0["project-03"]').size).toBeGreaterThan(0)
    client.close()
  })

  it('that lead to too many buckets reset the stream', async () => {
    const own = await startDemo({ ...small, bucketLimit: 40 })
    const client = await connect(own, { subscriptions: [sub('archive')] })
    await client.until('checkpoint_complete')
    own.change((tx) => tx.put('archived_issues', 'one-more', { shelf: 'a new one' }))
    await expect(client.untilEnd()).rejects.toThrow()
    expect(client.kinds().at(-1)).toBe('checkpoint_complete')
    await own.close()
  })

  it('that fail leave nothing behind', async () => {
    const before = await sync(demo, { subscriptions: [sub('workspace')] })
    const broken = () =>
      demo.change((tx) => {
        tx.remove('labels', 'label-bug')
        throw new Error('on purpose')
      })
    expect(broken).toThrow('on purpose')
    expect((await sync(demo, { subscriptions: [sub('workspace')] })).lines).toEqual(before.lines)
  })
})

describe('the connection', () => {
  it('sends keepalives with the seconds that the token has left', async () => {
    const own = await startDemo({ ...small, keepaliveSeconds: 0.05 })
    const client = await connect(own, {})
    const seconds = await client.until('token_expires_in')
    expect(seconds).toBeGreaterThan(3590)
    expect(seconds).toBeLessThanOrEqual(3600)
    client.close()
    await own.close()
  })

  it('warns once 20 s before the token expires', async () => {
    const client = await connect(demo, { token: demo.token({ expiresInSeconds: 21 }) })
    expect(await client.until('token_expires_in')).toBe(20)
    client.close()
  })

  it('ends normally when the token expires, with token_expires_in 0 as the last word', async () => {
    const client = await connect(demo, { defaults: true, token: demo.token({ expiresInSeconds: 1 }) })
    await client.untilEnd()
    expect(client.lines.at(-1)).toEqual({ token_expires_in: 0 })
    expect(client.kinds()).toContain('checkpoint_complete')
  })

  it('with a token that expired less than a minute ago says only token_expires_in 0', async () => {
    const client = await connect(demo, { defaults: true, token: demo.token({ expiresInSeconds: -30 }) })
    await client.untilEnd()
    expect(client.lines).toEqual([{ token_expires_in: 0 }])
  })

  it.each([
    ['gzip', gunzipSync],
    ['gzip, deflate, br, zstd', zstdDecompressSync],
  ])('compresses for accept-encoding %s, each line readable at once', async (encoding, decompress) => {
    // fetch decompresses by itself; the raw bytes show that it really was compressed.
    const client = await connect(demo, { defaults: true, encoding })
    expect(client.response.headers.get('content-encoding')).toBe(encoding.split(', ').at(-1))
    await client.until('checkpoint_complete')
    demo.change((tx) => tx.patch('labels', 'label-bug', { color: `#${encoding.length}00000` }))
    await client.until('checkpoint_complete')
    client.close()
    const token = demo.token({ expiresInSeconds: 1 })
    const raw = await rawBytes(demo, { 'accept-encoding': encoding, authorization: `Token ${token}` })
    expect(decompress(raw).toString().trimEnd().split('\n').at(-1)).toBe('{"token_expires_in":0}')
  })

  it('does not run ahead of a reader that has stopped', async () => {
    const taken: (() => void)[] = []
    const reader = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => taken.push(done) })
    const sink = new Sink(reader, 'ndjson', 'identity', new AbortController().signal)
    const line: Line = { checkpoint_complete: { last_op_id: 'x'.repeat(100_000) } }
    let written = 0
    const writing = (async () => {
      for (; written < 3; written += 1) await sink.write(line)
    })()
    const turns = async () => {
      for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve))
    }
    await turns()
    expect({ written, taken: taken.length }).toEqual({ written: 0, taken: 1 })
    taken.shift()?.()
    await turns()
    expect({ written, taken: taken.length }).toEqual({ written: 1, taken: 1 })
    taken.shift()?.()
    await turns()
    taken.shift()?.()
    await writing
  })

  it('is reset by dropConnections, and the next one works', async () => {
    const client = await connect(demo, { defaults: true })
    await client.until('checkpoint_complete')
    expect(demo.openStreams).toBeGreaterThan(0)
    demo.dropConnections()
    await expect(client.untilEnd()).rejects.toThrow()
    await sync(demo, { defaults: true })
  })

  it('is recorded with its body and without its token', async () => {
    await sync(demo, { clientId: 'recorded', subscriptions: [sub('workspace')] })
    const request = demo.requests.findLast(({ path }) => path === '/sync/stream')
    expect(request?.body).toMatchObject({ client_id: 'recorded' })
    expect(JSON.stringify(demo.requests)).not.toContain('eyJ')
  })

  it('keeps at most 30 requests', async () => {
    for (let n = 0; n < 40; n += 1) await post(demo, '/sync/checkpoint-request', {})
    expect(demo.requests.length).toBe(30)
  })
})

describe('close', () => {
  it('resets open streams, frees the port and may be repeated', async () => {
    const own = await startDemo(small)
    const client = await connect(own, { defaults: true })
    await client.until('checkpoint_complete')
    await Promise.all([own.close(), expect(client.untilEnd()).rejects.toThrow()])
    await own.close()
    const next = await startDemo({ ...small, port: own.port })
    expect(next.port).toBe(own.port)
    await expect(startDemo({ ...small, port: next.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await next.close()
  })
})

function rawBytes({ port }: DemoService, headers: Record<string, string>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { port, path: '/sync/stream', method: 'POST' }
    const request = httpRequest(
      { ...options, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(Buffer.concat(chunks)))
        response.on('error', reject)
      },
    )
    request.on('error', reject)
    request.end('{}')
  })
}

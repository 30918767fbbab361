/**
 * The demo speaks like the real service: for the same kind of request its lines have the recorded fields and
 * types, and its refusals the recorded status and body.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startDemo, type DemoService } from '../../src/demo/service.ts'
import { signToken } from '../../src/demo/tokens.ts'
import { copyFolder, loadCaptures } from '../captures/load.ts'
import { bodyOf, connect, post, sub, sync, type Wish } from './client.ts'
import { bsonValues, ndjsonValues, shapeOf } from './shape.ts'

const captures = new Map(loadCaptures(copyFolder).map((capture) => [capture.name, capture]))
function recorded(name: string) {
  const capture = captures.get(name)
  if (capture === undefined) throw new Error(`No capture ${name}`)
  return capture
}

let demo: DemoService
beforeAll(async () => {
  demo = await startDemo({ seed: 3, scale: 'small', simulate: false })
})
afterAll(() => demo.close())

/** Our lines have the recorded paths, no more and no fewer, and no type that was not recorded. */
function expectShape(ours: readonly unknown[], name: string, leaveOut = /^$/): void {
  const capture = recorded(name)
  const theirs = (capture.format === 'bson' ? bsonValues : ndjsonValues)(capture.stream())
  const expected = shapeOf(theirs)
  const found = shapeOf(ours)
  const paths = (shape: typeof found) => [...shape.keys()].filter((path) => !leaveOut.test(path)).sort()
  expect(paths(found)).toEqual(paths(expected))
  for (const path of paths(found)) {
    for (const type of found.get(path)!) expect([...expected.get(path)!], path).toContain(type)
  }
}

const project = { project: 'project-01' }

describe('lines have the fields and types of the recorded ones', () => {
  const same: readonly [string, Wish][] = [
    ['01-initial-defaults.ed3.ndjson', { defaults: true }],
    [
      '02-initial-defaults-with-connection-params.ed3.ndjson',
      { defaults: true, parameters: { watch: ['project-02'] } },
    ],
    ['03-include-defaults-false-no-subs.ed3.ndjson', {}],
    [
      '05-explicit-sub-params.ed3.ndjson',
      { defaults: true, subscriptions: [sub('project_issues', project)] },
    ],
    [
      '07-same-stream-same-params-twice.ed3.ndjson',
      { subscriptions: [sub('project_issues', project), sub('project_issues', project, 0)] },
    ],
    [
      '09-explicit-sub-to-default.ed3.ndjson',
      { defaults: true, subscriptions: [sub('my_work'), sub('my_work', {}, 3)] },
    ],
    ['10-explicit-sub-to-default-no-defaults.ed3.ndjson', { subscriptions: [sub('my_work')] }],
    [
      '11-sub-error-bad-params.ed3.ndjson',
      {
        defaults: true,
        subscriptions: [sub('labelled_issues', { labels: ['bug'] }), sub('labelled_issues', { labels: 5 })],
      },
    ],
    [
      '13-sub-no-access.ed3.ndjson',
      { defaults: true, subscriptions: [sub('project_issues', { project: 'nowhere' })] },
    ],
    ['14-default-stream-error.ed3.ndjson', { defaults: true, parameters: { watch: 'scalar' } }],
  ]
  it.each(same)('%s', async (name, wish) => {
    const { lines } = await sync(demo, wish)
    expectShape(lines, name)
  })

  it('01-initial-defaults.ed3.bson, with number types', async () => {
    const response = await post(demo, '/sync/stream', bodyOf({ defaults: true }), {
      accept: 'application/vnd.powersync.bson-stream;q=0.9,application/x-ndjson;q=0.8',
      // Ends by itself, so that the whole body can be read.
      authorization: `Token ${demo.token({ expiresInSeconds: 1 })}`,
    })
    expect(response.headers.get('content-type')).toBe('application/vnd.powersync.bson-stream')
    const values = bsonValues(await response.bytes())
    expectShape(
      values.filter((value) => !('token_expires_in' in (value as object))),
      '01-initial-defaults.ed3.bson',
    )
  })

  it('18-values-legacy: raw_data false sends rows as objects', async () => {
    const { lines } = await sync(demo, { subscriptions: [sub('project_issues', project)], raw: false })
    expectShape(lines, '18-values-legacy-nested-json.ed3.ndjson', /^\.data\.data\[\]\.data\./)
  })

  it('30-incremental: a row that changes, moves between buckets and goes', async () => {
    const other = { project: 'project-02' }
    const client = await connect(demo, {
      defaults: true,
      subscriptions: [sub('project_issues', project), sub('project_issues', other)],
    })
    await client.until('checkpoint_complete')
    demo.change((tx) => {
      tx.put('issues', 'moving', { project_id: 'project-01', title: 'Created live', labels: '[]' })
      tx.patch('labels', 'label-bug', { color: '#000000' })
    })
    await client.until('checkpoint_complete')
    demo.change((tx) => tx.patch('issues', 'moving', { project_id: 'project-02' }))
    await client.until('checkpoint_complete')
    demo.change((tx) => tx.remove('issues', 'moving'))
    await client.until('checkpoint_complete')
    client.close()
    expectShape(client.lines, '30-incremental.ed3.ndjson')
  })

  it('31-bucket-added-and-removed', async () => {
    const client = await connect(demo, {
      defaults: true,
      subscriptions: [sub('project_issues', { project: 'project-new' })],
    })
    await client.until('checkpoint_complete')
    demo.change((tx) => {
      tx.put('projects', 'project-new', { name: 'Nine' })
      tx.put('issues', 'first', { project_id: 'project-new', title: 'First' })
    })
    await client.until('checkpoint_complete')
    demo.change((tx) => tx.remove('projects', 'project-new'))
    await client.until('checkpoint_complete')
    client.close()
    expectShape(client.lines, '31-bucket-added-and-removed.ed3.ndjson')
  })

  it('40-resume-up-to-date and 43-resume-unknown-and-old-buckets', async () => {
    const wish = { defaults: true, subscriptions: [sub('project_issues', project)] }
    const before = await sync(demo, wish)
    const current = await sync(demo, wish, before)
    expectShape(current.lines, '40-resume-up-to-date.ed3.ndjson')
    before.buckets.set('1#gone|0["x"]', { sum: 0, position: '77', rows: new Map() })
    before.buckets.set('9#workspace|0[]', { sum: 0, position: '5', rows: new Map() })
    const unknown = await sync(demo, wish, before)
    expect(unknown.lines).toEqual(current.lines)
  })

  it('51-write-checkpoint2-arrival and 52-write-checkpoint-on-reconnect', async () => {
    const wish = { defaults: true, clientId: 'writer' }
    const headers = { authorization: `Token ${demo.token()}` }
    const client = await connect(demo, wish)
    await client.until('checkpoint_complete')
    await fetch(`${demo.url}/write-checkpoint2.json?client_id=writer`, { headers })
    await client.until('checkpoint_complete')
    demo.change((tx) => tx.patch('labels', 'label-bug', { color: '#111111' }))
    await client.until('checkpoint_complete')
    client.close()
    expectShape(client.lines, '51-write-checkpoint2-arrival.ed3.ndjson')
    expectShape((await sync(demo, wish)).lines, '52-write-checkpoint-on-reconnect.ed3.ndjson')
  })

  it('95-compact: MOVE and CLEAR', async () => {
    const own = await startDemo({ seed: 3, scale: 'small', simulate: false })
    const wish = { subscriptions: [sub('issue_comments', { issue: 'churn' })] }
    const say = (id: string, body: string) =>
      own.change((tx) => tx.put('comments', id, { issue_id: 'churn', body }))
    say('kept', 'never changed')
    for (const text of ['a', 'b', 'c']) say('edited', text)
    own.change((tx) => tx.remove('comments', 'edited'))
    own.compact()
    const moved = await sync(own, wish)
    expectShape(moved.lines, '95-compact-3-after-fresh.ed3.ndjson')
    say('kept', 'changed at last')
    say('edited', 'again')
    say('edited', 'and again')
    own.compact()
    const cleared = await sync(own, wish)
    expectShape(cleared.lines, '95-compact-5-after-second-fresh.ed3.ndjson')
    expect(cleared.rows('1#issue_comments|0["churn"]').get('kept')).toMatchObject({ body: 'changed at last' })
    await own.close()
  })
})

describe('refusals have the recorded status and body', () => {
  const base = bodyOf({ defaults: true })
  const subscriptions = (subscription: object) => ({
    ...base,
    streams: { include_defaults: true, subscriptions: [subscription] },
  })
  const bodies: readonly [string, unknown][] = [
    ['86-http-app-metadata-nonstring.ed3', { ...base, app_metadata: { v: 1 } }],
    ['86-http-bad-field-type.ed3', { ...base, buckets: [{ name: 1, after: 5 }] }],
    ['86-http-body-over-1mib.ed3', { ...base, buckets: [{ name: 'x'.repeat(2 ** 20), after: '0' }] }],
    ['86-http-empty-body.ed3', ''],
    ['86-http-invalid-json.ed3', '{"buckets": ['],
    ['86-http-parameters-null.ed3', { ...base, parameters: null }],
    ['86-http-streams-null.ed3', { ...base, streams: null }],
  ]
  it.each(bodies)('%s', async (name, body) => {
    const response = await post(demo, '/sync/stream', body)
    const capture = recorded(name)
    expect(response.status).toBe(capture.status)
    expect(response.headers.get('content-type')).toBe(capture.headers['content-type'])
    expect(await response.json()).toEqual(JSON.parse(capture.responseBody))
  })

  it.each([
    ['86-http-sub-params-array.ed3', { stream: 'my_work', parameters: [1], override_priority: null }],
    ['86-http-sub-without-parameters-key.ed3', { stream: 'my_work' }],
  ])('%s, apart from the list of details', async (name, subscription) => {
    const response = await post(demo, '/sync/stream', subscriptions(subscription))
    const { error } = JSON.parse(recorded(name).responseBody)
    expect(response.status).toBe(recorded(name).status)
    expect(await response.json()).toEqual({ error: { ...error, details: expect.any(String) } })
  })

  const accepted: readonly [string, unknown, Record<string, string>][] = [
    ['86-http-empty-object.ed3', {}, {}],
    ['86-http-extra-fields.ed3', { ...base, future: { a: 1 } }, {}],
    ['86-http-content-type-charset.ed3', base, { 'content-type': 'application/json; charset=utf-8' }],
    ['86-http-wrong-content-type.ed3', base, { 'content-type': 'text/plain' }],
    ['86-http-sub-bad-priority.ed3', subscriptions(sub('my_work', null, 7)), {}],
    ['86-http-sub-negative-priority.ed3', subscriptions(sub('my_work', null, -1)), {}],
    ['71-accept-none.ed3', base, { accept: '*/*' }],
    [
      '71-accept-bson-lower-q.ed3',
      base,
      { accept: 'application/x-ndjson;q=0.9,application/vnd.powersync.bson-stream;q=0.8' },
    ],
    [
      '71-accept-sdk.ed3',
      base,
      { accept: 'application/vnd.powersync.bson-stream;q=0.9,application/x-ndjson;q=0.8' },
    ],
  ]
  it.each(accepted)('%s is accepted', async (name, body, headers) => {
    const response = await post(demo, '/sync/stream', body, headers)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(recorded(name).headers['content-type'])
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    await response.body?.cancel()
  })

  it('86-http-no-content-type.ed3', async () => {
    const response = await fetch(`${demo.url}/sync/stream`, {
      method: 'POST',
      headers: { authorization: `Token ${demo.token()}` },
      body: new Uint8Array([123, 125]),
    })
    const capture = recorded('86-http-no-content-type.ed3')
    expect(response.status).toBe(capture.status)
    expect(await response.json()).toEqual(JSON.parse(capture.responseBody))
  })

  it.each(['86-http-get-method.ed3', '86-http-unknown-route.ed3'])('%s', async (name) => {
    const { method, path, status, responseBody } = recorded(name)
    const response = await fetch(`${demo.url}${path}`, { method })
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual(JSON.parse(responseBody))
  })

  const noRoom = async (options: object, name: string, wish: Wish) => {
    const small = await startDemo({ seed: 3, scale: 'small', simulate: false, ...options })
    const open = await connect(small, {})
    const response = await post(small, '/sync/stream', bodyOf(wish))
    const text = await response.text()
    open.close()
    await small.close()
    expect(response.status).toBe(recorded(name).status)
    return text
  }

  it('87-limit-too-many-buckets.tmp', async () => {
    const wish = { subscriptions: [sub('archive')] }
    const text = await noRoom({ bucketLimit: 39 }, '87-limit-too-many-buckets.tmp', wish)
    const { error } = JSON.parse(recorded('87-limit-too-many-buckets.tmp').responseBody)
    expect(JSON.parse(text)).toEqual({
      error: { ...error, description: 'Too many buckets: 40 (limit of 39)' },
    })
  })

  it('88-too-many-connections-429.tmp: an empty body', async () => {
    expect(await noRoom({ streamLimit: 1 }, '88-too-many-connections-429.tmp', {})).toBe('')
  })

  it('74-options-preflight.ed3 and 75-probe-liveness.ed3', async () => {
    const preflight = await fetch(`${demo.url}/sync/stream`, { method: 'OPTIONS' })
    expect(preflight.status).toBe(204)
    const { headers } = recorded('74-options-preflight.ed3')
    for (const name of Object.keys(headers).filter((key) => key.startsWith('access-control'))) {
      expect(preflight.headers.get(name)).toBe(headers[name])
    }
    const probe = await fetch(`${demo.url}/probes/liveness`)
    const { responseBody } = recorded('75-probe-liveness.ed3')
    expect(shapeOf([await probe.json()])).toEqual(shapeOf([JSON.parse(responseBody)]))
  })
})

describe('tokens are refused as recorded', () => {
  const claims: readonly [string, () => string][] = [
    ['85-token-bad-signature.ed3', () => signToken(new Uint8Array(32))],
    ['85-token-expired-2min-ago.ed3', () => demo.token({ expiresInSeconds: -120 })],
    ['85-token-garbage.ed3', () => 'garbage'],
    ['85-token-no-aud.ed3', () => demo.token({ claims: { aud: undefined } })],
    ['85-token-no-exp.ed3', () => demo.token({ claims: { exp: undefined } })],
    ['85-token-no-sub.ed3', () => demo.token({ claims: { sub: undefined } })],
    ['85-token-wrong-aud.ed3', () => demo.token({ claims: { aud: 'other' } })],
    ['85-token-too-long.ed3', () => demo.token({ expiresInSeconds: 172_800 })],
    ['85-token-unknown-kid.ed3', () => withHeader({ alg: 'HS256', kid: 'other' })],
    ['85-token-no-kid.ed3', () => withHeader({ alg: 'HS256' })],
  ]
  const withHeader = (header: object) => {
    const [, ...rest] = demo.token().split('.')
    return [Buffer.from(JSON.stringify(header)).toString('base64url'), ...rest].join('.')
  }
  const answer = async (authorization: string | null) => {
    const headers = authorization === null ? [] : [['authorization', authorization] as [string, string]]
    const response = await fetch(`${demo.url}/sync/stream`, {
      method: 'POST',
      headers: [['content-type', 'application/json'], ...headers],
      body: '{}',
    })
    return { status: response.status, body: await response.json() }
  }

  it.each(claims)('%s', async (name, token) => {
    const { status, responseBody } = recorded(name)
    expect(await answer(`Token ${token()}`)).toEqual({ status, body: JSON.parse(responseBody) })
  })

  it('an unsigned token (alg none) is refused', async () => {
    const token = withHeader({ alg: 'none', kid: 'headwater-demo-1' })
    expect((await answer(`Token ${token}`)).status).toBe(401)
  })

  it('85-token-missing.ed3 and 85-auth-lowercase-scheme.ed3', async () => {
    const { status, responseBody } = recorded('85-token-missing.ed3')
    expect(await answer(null)).toEqual({ status, body: JSON.parse(responseBody) })
    expect(await answer(`token ${demo.token()}`)).toEqual({ status, body: JSON.parse(responseBody) })
  })

  it.each([
    ['85-auth-bearer-scheme.ed3', () => `Bearer ${demo.token()}`],
    ['85-token-numeric-sub.ed3', () => `Token ${demo.token({ claims: { sub: 5 } })}`],
  ])('%s is accepted', async (_, authorization) => {
    const response = await post(demo, '/sync/stream', {}, { authorization: authorization() })
    expect(response.status).toBe(200)
    await response.body?.cancel()
  })
})

describe('checkpoint requests are answered as recorded', () => {
  const names = [...captures.keys()].filter((name) => /^5[3-9]-|^6[01]-/.test(name))
  // They build on each other: one client, in the order of the recording.
  it('53 to 61, one after the other', async () => {
    expect(names.length).toBe(9)
    for (const name of names) {
      const { requestBody, status, responseBody } = recorded(name)
      const response = await post(demo, '/sync/checkpoint-request', requestBody)
      expect({ name, status: response.status }).toEqual({ name, status })
      const body = await response.json()
      const expected = JSON.parse(responseBody)
      if (status === 200) expect(body).toEqual(expected)
      else expect(body).toEqual({ error: { ...expected.error, details: expect.any(String) } })
    }
  })
})

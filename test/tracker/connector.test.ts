/** The tracker's writes on their way to the back end, over the real demo service. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startDemo, type DemoService } from '../../src/demo/service.ts'
import type { Status } from '../../src/status/status.ts'
import { openTracker, type Tracker } from '../../src/tracker/open.ts'

const PROJECT = 'project-01'

let folder: string
let demo: DemoService
let tracker: Tracker

const start = () =>
  startDemo({ seed: 3, scale: 'small', simulate: false, directory: join(folder, 'service') })

async function open(): Promise<void> {
  const service = { endpoint: demo.url, token: demo.token() }
  tracker = await openTracker({ directory: join(folder, 'app'), service })
}

/** Waits for a status, whatever it takes. */
function until(isReached: (status: Status) => boolean): Promise<Status> {
  const { daemon } = tracker
  if (isReached(daemon.status)) return Promise.resolve(daemon.status)
  return new Promise((resolve) => {
    const stop = daemon.onStatus(() => {
      const { status } = daemon
      if (!isReached(status)) return
      stop()
      resolve(status)
    })
  })
}

const sent = () => until(({ upload }) => upload.entries === 0)
const rename = (id: string, title: string) =>
  tracker.daemon.execute('UPDATE issues SET title = ? WHERE id = ?', [title, id])

/** Rows of the app. */
async function rows(sql: string): Promise<readonly unknown[]> {
  return (await tracker.daemon.execute(sql)).rows
}

/** What the back end has taken: the ids of the transactions, in order, as its journal has them. */
function taken(): readonly string[] {
  const lines = readFileSync(join(folder, 'service/journal.jsonl'), 'utf8').trim().split('\n')
  return lines.flatMap((line) => {
    const { transaction } = JSON.parse(line) as { readonly transaction?: { readonly id: string } }
    return transaction === undefined ? [] : [transaction.id]
  })
}

/** The titles of the project's issues, once its stream has come. */
async function syncProject(): Promise<void> {
  const held = await tracker.daemon.syncStream('project_issues', { project: PROJECT }).subscribe()
  await held.waitForFirstSync()
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-tracker-'))
  demo = await start()
  demo.change((tx) => {
    tx.put('issues', 'one', { project_id: PROJECT, number: 801, title: 'One', priority: 2, status: 'todo' })
    tx.put('issues', 'two', { project_id: PROJECT, number: 802, title: 'Two', priority: 2, status: 'todo' })
  })
  await open()
  await syncProject()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await tracker.close()
  await demo.close()
  rmSync(folder, { recursive: true })
})

test('a new issue is there at once without a number, and has one when the service has taken it', async () => {
  await tracker.daemon.disconnect()
  await tracker.daemon.execute('INSERT INTO issues (id, project_id, title) VALUES (?, ?, ?)', [
    'mine',
    PROJECT,
    'Mine',
  ])
  const first = async () => (await tracker.daemon.query('project_issues', { project: PROJECT })).rows[0]
  expect(await first()).toMatchObject({ id: 'mine', number: null })
  await tracker.daemon.connect()
  await expect.poll(first).toMatchObject({ id: 'mine', number: 803, comment_count: 0 })
})

test('a change goes with what it replaces, and once sent the service’s word is shown', async () => {
  await tracker.daemon.disconnect()
  await rename('one', 'Renamed')
  const [entry] = await tracker.daemon.uploadQueue()
  expect(entry).toMatchObject({ opData: { title: 'Renamed' }, previousValues: { title: 'One' } })
  await tracker.daemon.connect()
  await sent()
  demo.change((tx) => tx.patch('issues', 'one', { title: 'Renamed by somebody else' }))
  const shown = async () => (await rows(`SELECT title FROM issues WHERE id = 'one'`))[0]
  await expect.poll(shown).toEqual({ title: 'Renamed by somebody else' })
})

test('an update that changes nothing is no change', async () => {
  await tracker.daemon.disconnect()
  await rename('one', 'One')
  expect(await tracker.daemon.uploadQueue()).toEqual([])
})

describe('a change that the back end rules out', () => {
  const held = () => until(({ upload }) => upload.heldTransaction !== null)

  test('is held with the reason, after those before it have gone; later ones wait behind it', async () => {
    await tracker.daemon.disconnect()
    await rename('one', 'Before')
    await rename('two', ' ')
    await rename('one', 'After')
    await tracker.daemon.connect()
    const { upload, uploadError } = await held()
    expect(upload.transactions).toBe(2)
    expect(uploadError).toEqual({ code: 'upload_rejected', message: 'An issue needs a title.' })
    expect(taken()).toHaveLength(1)
  })

  test('given up, goes back to the service’s version, is kept to read, and lets the others go', async () => {
    await tracker.daemon.disconnect()
    await rename('two', ' ')
    await rename('one', 'After')
    await tracker.daemon.connect()
    const { heldTransaction } = (await held()).upload
    await tracker.daemon.discardUpload(heldTransaction!)
    const titles = () => rows(`SELECT title FROM issues WHERE id IN ('one', 'two') ORDER BY id`)
    await expect.poll(titles).toEqual([{ title: 'After' }, { title: 'Two' }])
    expect(await tracker.daemon.deadLetters()).toMatchObject([
      {
        transactionId: heldTransaction,
        error: { message: 'An issue needs a title.' },
        crud: [{ rowId: 'two' }],
      },
    ])
  })

  test('is taken when it is tried again after the reason is gone', async () => {
    demo.change((tx) => tx.patch('issues', 'one', { locked: 1 }))
    await rename('one', 'Stubborn')
    expect((await held()).uploadError?.message).toMatch(/-801 is locked/)
    demo.change((tx) => tx.patch('issues', 'one', { locked: 0 }))
    await tracker.daemon.retryUploads()
    await sent()
    expect(taken()).toHaveLength(1)
  })
})

describe('a change that could not be sent stays and says why', () => {
  const failing = (answer: () => Promise<Response>) =>
    vi.spyOn(globalThis, 'fetch').mockImplementation(answer)

  test.each([
    ['backend_unreachable', () => Promise.reject(new TypeError('fetch failed'))],
    ['backend_unauthorized', () => Promise.resolve(new Response('', { status: 401 }))],
    ['backend_failed', () => Promise.resolve(new Response('<h1>Oh</h1>', { status: 503 }))],
  ])('%s', async (code, answer) => {
    const spy = failing(answer)
    await rename('one', 'Patient')
    const { upload } = await until(({ uploadError }) => uploadError?.code === code)
    expect(upload.transactions).toBe(1)
    spy.mockRestore()
    await tracker.daemon.retryUploads()
    await sent()
    expect(taken()).toHaveLength(1)
  })

  test('and one whose answer was lost is sent again and taken once', async () => {
    const real = globalThis.fetch
    const spy = failing(() => Promise.reject(new TypeError('no call expected')))
    spy.mockImplementationOnce(async (...call) => {
      await real(...call)
      throw new TypeError('The answer was lost.')
    })
    await rename('one', 'Twice sent')
    await until(({ uploadError }) => uploadError?.code === 'backend_unreachable')
    expect(taken()).toHaveLength(1)
    spy.mockRestore()
    await tracker.daemon.retryUploads()
    await sent()
    expect(taken()).toHaveLength(1)
  })
})

test('1,000 changes made offline survive a restart of host and service and arrive once, in order', async () => {
  await tracker.daemon.disconnect()
  const total = 1000
  for (let n = 0; n < total; n++) {
    const insert = 'INSERT INTO issues (id, project_id, title, status, priority) VALUES (?, ?, ?, ?, ?)'
    await tracker.daemon.execute(insert, [`offline-${n}`, PROJECT, `Written offline ${n}`, 'todo', 2])
  }
  await tracker.close()
  await demo.close()
  demo = await start()
  await open()
  expect(await rows(`SELECT count(*) AS n FROM issues WHERE id LIKE 'offline-%'`)).toEqual([{ n: total }])
  await sent()
  expect(taken()).toHaveLength(total)
  expect(new Set(taken()).size).toBe(total)
  // Numbered by the service in the order in which they were written.
  await syncProject()
  const numbered = () =>
    rows(`SELECT count(*) AS n, min(number) AS first, max(number) AS last,
      count(DISTINCT number) AS numbers FROM issues WHERE id LIKE 'offline-%'`)
  await expect.poll(numbered).toEqual([{ n: total, first: 803, last: 802 + total, numbers: total }])
  expect(await rows(`SELECT number FROM issues WHERE id = 'offline-0'`)).toEqual([{ number: 803 }])
}, 120_000)

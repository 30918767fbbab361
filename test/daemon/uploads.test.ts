/** Local changes on their way to the app's backend: in order, at least once, visible, and never stranded. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Connector } from '../../src/connector/connector.ts'
import { UploadRejected } from '../../src/connector/upload.ts'
import type { UploadCall } from '../../src/connector/upload.ts'
import type { Daemon } from '../../src/daemon/daemon.ts'
import { replay } from '../../src/replay/replay.ts'
import { DaemonFixture, places, todosOf, until } from './fixture.ts'
import { writeCheckpointDiff } from './scripted-service.ts'

const INSERT = 'INSERT INTO todos(id, description) VALUES (?, ?)'

/** A backend that takes each transaction, and what it took, as row ids. */
function backend() {
  const taken: string[][] = []
  const uploadData = async ({ getNextTransaction }: UploadCall): Promise<void> => {
    const transaction = await getNextTransaction()
    if (transaction === null) return
    taken.push(transaction.crud.map(({ rowId }) => rowId))
    await transaction.complete()
  }
  return { taken, uploadData }
}

const uploaded = (daemon: Daemon) => until(daemon, ({ upload }) => upload.entries === 0 && !upload.uploading)

describe.each(places)('with its engine %s', (_where, place) => {
  let fixture: DaemonFixture
  beforeEach(async () => void (fixture = await DaemonFixture.start(place)))
  afterEach(() => fixture.close())

  async function connected(connector: Partial<Connector>): Promise<Daemon> {
    const daemon = await fixture.open(connector)
    await daemon.connect({ uploadThrottleMs: 0 })
    return daemon
  }

  test('transactions go one by one, in order, whole', async () => {
    const { taken, uploadData } = backend()
    const daemon = await fixture.open({ uploadData })
    await daemon.batch([
      [INSERT, ['a', '1']],
      [INSERT, ['b', '2']],
    ])
    await daemon.execute(INSERT, ['c', '3'])
    expect(taken).toEqual([])
    await daemon.connect({ uploadThrottleMs: 0 })
    const { upload } = await uploaded(daemon)
    expect(taken).toEqual([['a', 'b'], ['c']])
    expect(upload).toMatchObject({ transactions: 0, attempts: 0, lastUploadedAt: expect.any(Number) })
    await daemon.execute(INSERT, ['d', '4'])
    await expect.poll(() => taken).toEqual([['a', 'b'], ['c'], ['d']])
  })

  test('the gate opens with the write checkpoint that the service named after the upload', async () => {
    const { uploadData } = backend()
    const daemon = await fixture.synced({ a: 'bread' }, { uploadData })
    await daemon.execute('UPDATE todos SET description = ? WHERE id = ?', ['mine', 'a'])
    await expect.poll(() => fixture.service.checkpointsAsked).toHaveLength(1)
    expect(fixture.service.checkpointsAsked).toMatchObject([
      { path: '/write-checkpoint2.json', id: null, clientId: fixture.service.streams[0]!.request.client_id },
    ])
    expect(await todosOf(daemon)).toEqual({ a: 'mine' })
    fixture.service.streams[0]!.say(...writeCheckpointDiff('1', '1'))
    await expect.poll(() => todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('in the mode requests the client counts, and goes on above what the service knew', async () => {
    const { uploadData } = backend()
    const answers = ['7', '8']
    fixture.service.answerCheckpoints(() => answers.shift() ?? null)
    const daemon = await fixture.synced({ a: 'bread' }, { uploadData }, { checkpointMode: 'requests' })
    await daemon.execute('UPDATE todos SET description = ? WHERE id = ?', ['mine', 'a'])
    await expect.poll(() => fixture.service.checkpointsAsked).toHaveLength(2)
    expect(fixture.service.checkpointsAsked).toMatchObject([
      { path: '/sync/checkpoint-request', id: '1' },
      { path: '/sync/checkpoint-request', id: '8' },
    ])
    const [stream] = fixture.service.streams
    stream!.say(...writeCheckpointDiff('1', '7'))
    await until(daemon, ({ downloading }) => downloading !== null)
    expect(await todosOf(daemon)).toEqual({ a: 'mine' })
    stream!.say(...writeCheckpointDiff('1', '8'))
    await expect.poll(() => todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('the backend may name the write checkpoint itself', async () => {
    const daemon = await fixture.synced(
      { a: 'bread' },
      { uploadData: async ({ getBatch }) => await (await getBatch())?.complete('5') },
    )
    await daemon.execute('UPDATE todos SET description = ? WHERE id = ?', ['mine', 'a'])
    await uploaded(daemon)
    fixture.service.streams[0]!.say(...writeCheckpointDiff('1', '5'))
    await expect.poll(() => todosOf(daemon)).toEqual({ a: 'bread' })
    expect(fixture.service.checkpointsAsked).toEqual([])
  })

  test('a failed request for the write checkpoint is shown and asked again', async () => {
    const { uploadData } = backend()
    const answers = [null, '1']
    fixture.service.answerCheckpoints(() => answers.shift() ?? null)
    const daemon = await fixture.synced({ a: 'bread' }, { uploadData })
    await daemon.execute('UPDATE todos SET description = ? WHERE id = ?', ['mine', 'a'])
    expect((await until(daemon, ({ uploadError }) => uploadError !== null)).uploadError).toMatchObject({
      code: 'rejected',
    })
    await until(daemon, ({ uploadError }) => uploadError === null)
    fixture.service.streams[0]!.say(...writeCheckpointDiff('1', '1'))
    await expect.poll(() => todosOf(daemon)).toEqual({ a: 'bread' })
  })

  test('a failure is shown with its attempts, and tried again until it works', async () => {
    const { taken, uploadData } = backend()
    let failures = 2
    const daemon = await connected({
      uploadData: async (call) => {
        if (failures-- > 0) throw new Error('The backend is away.')
        await uploadData(call)
      },
    })
    await daemon.execute(INSERT, ['a', 'bread'])
    const { upload, uploadError } = await until(daemon, ({ upload: { attempts } }) => attempts === 2)
    expect(uploadError).toMatchObject({ message: 'The backend is away.' })
    expect(upload).toMatchObject({ entries: 1, uploading: false })
    await uploaded(daemon)
    expect(taken).toEqual([['a']])
    expect((await until(daemon, (status) => status.uploadError === null)).upload.attempts).toBe(0)
  })

  test('a call that completes nothing is a failure', async () => {
    const daemon = await connected({
      uploadData: async ({ getNextTransaction }) => void (await getNextTransaction()),
    })
    await daemon.execute(INSERT, ['a', 'bread'])
    const { uploadError } = await until(daemon, (status) => status.uploadError !== null)
    expect(uploadError).toMatchObject({ code: 'no_progress' })
  })

  test('getTransactions and getBatch give what waits, and completing one completes those before it', async () => {
    const seen: unknown[] = []
    const daemon = await fixture.open({
      uploadData: async ({ getBatch, getTransactions }) => {
        const batch = await getBatch(3)
        seen.push(
          batch?.crud.map(({ rowId }) => rowId),
          batch?.haveMore,
        )
        for await (const { crud, transactionId, complete } of getTransactions()) {
          seen.push([transactionId, ...crud.map(({ rowId }) => rowId)])
          if (transactionId === 3) await complete()
        }
      },
    })
    await daemon.batch([
      [INSERT, ['a', '1']],
      [INSERT, ['b', '2']],
    ])
    await daemon.batch([
      [INSERT, ['c', '3']],
      [INSERT, ['d', '4']],
    ])
    await daemon.execute(INSERT, ['e', '5'])
    await daemon.connect()
    await uploaded(daemon)
    expect(seen).toEqual([['a', 'b', 'c'], true, [1, 'a', 'b'], [2, 'c', 'd'], [3, 'e']])
  })

  test('never runs twice at a time, and a disconnect aborts it', async () => {
    const calls: AbortSignal[] = []
    let running = 0
    let most = 0
    const daemon = await connected({
      uploadData: async ({ signal, getNextTransaction }) => {
        most = Math.max(most, ++running)
        calls.push(signal)
        if (calls.length === 1) await new Promise((resolve) => void signal.addEventListener('abort', resolve))
        await (await getNextTransaction())?.complete()
        running--
      },
    })
    await daemon.execute(INSERT, ['a', 'bread'])
    await expect.poll(() => calls.length).toBe(1)
    await daemon.execute(INSERT, ['b', 'milk'])
    await daemon.disconnect()
    await expect.poll(() => calls[0]?.aborted).toBe(true)
    await daemon.connect({ uploadThrottleMs: 0 })
    await uploaded(daemon)
    expect(most).toBe(1)
  })

  test('what the backend accepted after the abort still leaves the queue', async () => {
    const read = Promise.withResolvers<void>()
    const accepted = Promise.withResolvers<void>()
    let completed: Promise<void> | undefined
    const daemon = await connected({
      uploadData: async ({ getNextTransaction }) => {
        const transaction = await getNextTransaction()
        read.resolve()
        await accepted.promise
        completed = transaction?.complete()
        await completed
      },
    })
    await daemon.execute(INSERT, ['a', 'bread'])
    await read.promise
    await daemon.disconnect()
    accepted.resolve()
    await until(daemon, ({ upload }) => upload.entries === 0)
    await completed
  })

  test('a call that runs while everything is cleared completes nothing', async () => {
    const read = Promise.withResolvers<void>()
    const cleared = Promise.withResolvers<void>()
    const outcome = Promise.withResolvers<unknown>()
    const daemon = await connected({
      uploadData: async ({ getNextTransaction }) => {
        const transaction = await getNextTransaction()
        read.resolve()
        await cleared.promise
        await transaction?.complete().catch(outcome.resolve)
      },
    })
    await daemon.execute(INSERT, ['a', 'bread'])
    await read.promise
    await daemon.disconnectAndClear()
    cleared.resolve()
    expect(await outcome.promise).toMatchObject({ code: 'upload_cancelled' })
  })

  test('hold: a rejected transaction waits, and all behind it, until somebody retries', async () => {
    const rejections: unknown[] = []
    let isRejecting = true
    const { taken, uploadData } = backend()
    const daemon = await connected({
      uploadData: async (call) => {
        if (isRejecting) throw new UploadRejected('The title is too long.')
        await uploadData(call)
      },
      onUploadRejected: ({ transactionId, crud, error, attempts }) => {
        rejections.push([transactionId, crud.map(({ rowId }) => rowId), error.message, attempts])
        return 'hold'
      },
    })
    await daemon.execute(INSERT, ['a', 'bread'])
    const { upload, uploadError } = await until(
      daemon,
      ({ upload: { heldTransaction } }) => heldTransaction !== null,
    )
    expect(upload).toMatchObject({ heldTransaction: 1, attempts: 1, retryAt: null, uploading: false })
    expect(uploadError).toEqual({ code: 'upload_rejected', message: 'The title is too long.' })
    await daemon.execute(INSERT, ['b', 'milk'])
    expect(rejections).toEqual([[1, ['a'], 'The title is too long.', 1]])
    isRejecting = false
    await daemon.retryUploads()
    await uploaded(daemon)
    expect(taken).toEqual([['a'], ['b']])
    expect(daemon.status.upload.heldTransaction).toBeNull()
  })

  test("discard: it becomes a dead letter, the rest goes on, and the row is the service's again", async () => {
    const { taken, uploadData } = backend()
    const daemon = await fixture.synced(
      { a: 'bread' },
      {
        uploadData: async (call) => {
          const transaction = await call.getNextTransaction()
          if (transaction?.crud[0]?.opData?.['description'] === 'bad') throw new UploadRejected('No.')
          await uploadData(call)
        },
        onUploadRejected: () => 'discard',
      },
    )
    await daemon.execute('UPDATE todos SET description = ? WHERE id = ?', ['bad', 'a'])
    await daemon.execute(INSERT, ['b', 'milk'])
    await uploaded(daemon)
    expect(taken).toEqual([['b']])
    expect(await daemon.deadLetters()).toEqual([
      {
        transactionId: 1,
        crud: [expect.objectContaining({ op: 'PATCH', rowId: 'a', opData: { description: 'bad' } })],
        error: { code: 'upload_rejected', message: 'No.' },
        attempts: 1,
        discardedAt: expect.any(Number),
      },
    ])
    await expect.poll(() => fixture.service.checkpointsAsked.length).toBeGreaterThan(0)
    fixture.service.streams[0]!.say(
      ...writeCheckpointDiff('1', String(fixture.service.checkpointsAsked.length)),
    )
    await expect.poll(() => todosOf(daemon)).toEqual({ a: 'bread' })
    await daemon.deleteDeadLetter(1)
    expect(await daemon.deadLetters()).toEqual([])
  })

  test('discardUpload gives up the oldest transaction only', async () => {
    const daemon = await fixture.open()
    await daemon.execute(INSERT, ['a', 'bread'])
    await daemon.execute(INSERT, ['b', 'milk'])
    await expect(daemon.discardUpload(2)).rejects.toMatchObject({ code: 'not_the_oldest' })
    await daemon.discardUpload(1)
    expect(await daemon.uploadQueue()).toMatchObject([{ rowId: 'b' }])
    expect(await daemon.deadLetters()).toMatchObject([{ transactionId: 1, attempts: 0 }])
  })

  test('of the transactions that were given up, the newest come where there is a limit, oldest first', async () => {
    const daemon = await fixture.open()
    for (const id of ['a', 'b', 'c']) await daemon.execute(INSERT, [id, 'bread'])
    for (const transaction of [1, 2, 3]) await daemon.discardUpload(transaction)
    const idsOf = async (options?: { limit: number }) =>
      (await daemon.deadLetters(options)).map(({ transactionId }) => transactionId)
    expect(await idsOf()).toEqual([1, 2, 3])
    expect(await idsOf({ limit: 2 })).toEqual([2, 3])
    expect(await idsOf({ limit: 5 })).toEqual([1, 2, 3])
  })

  test('requestCheckpoint resolves once a checkpoint with its id was applied', async () => {
    const daemon = await fixture.synced({ a: 'bread' })
    const request = await daemon.requestCheckpoint()
    expect(request).toMatchObject({ id: 1n, hasSynced: false })
    await expect(request.waitForSync({ signal: AbortSignal.timeout(10) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    const waiting = request.waitForSync()
    fixture.service.streams[0]!.say(...writeCheckpointDiff('1', '1'))
    await waiting
    expect(request.hasSynced).toBe(true)
    const next = await daemon.requestCheckpoint()
    const never = next.waitForSync()
    await Promise.all([expect(never).rejects.toMatchObject({ code: 'closed' }), daemon.close()])
  })

  test('requestCheckpoint needs a connection that is wanted', async () => {
    const daemon = await fixture.open()
    await expect(daemon.requestCheckpoint()).rejects.toMatchObject({ code: 'not_connected' })
  })

  test('the daemon closes within 2 s while the app uploads for ever', async () => {
    const daemon = await connected({ uploadData: () => new Promise(() => undefined) })
    await daemon.execute(INSERT, ['a', 'bread'])
    await until(daemon, ({ upload }) => upload.uploading)
    const began = performance.now()
    await daemon.close()
    expect(performance.now() - began).toBeLessThan(2000)
  })

  test('a recorded trace uploads the same again', async () => {
    const { uploadData } = backend()
    const daemon = await fixture.open({ uploadData }, { traceBytes: 1_000_000 })
    await daemon.execute(INSERT, ['a', 'bread'])
    await daemon.connect({ uploadThrottleMs: 0 })
    await expect.poll(() => fixture.service.checkpointsAsked).toHaveLength(1)
    await uploaded(daemon)
    await daemon.disconnect()
    await daemon.execute(INSERT, ['b', 'milk'])
    const queue = await daemon.uploadQueue()
    const printed = (await replay(`${await daemon.trace()}{"do":"dump"}\n`)).map(
      (line) => JSON.parse(line) as object,
    )
    expect(printed.filter((line) => 'error' in line)).toEqual([])
    expect(printed.at(-1)).toMatchObject({ crud: queue.map(({ rowId }) => ({ id: rowId })) })
  })
})

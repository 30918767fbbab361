/**
 * The upload loop against a queue in memory and an app that does everything an app may do, by seeded chance: takes
 * one transaction or a batch, fails before or after the backend has accepted, completes twice, completes nothing.
 * Meanwhile more is written and the connection comes and goes.
 *
 * Whatever happens: the backend gets every transaction at least once, in order, and the loop does not rest while
 * something waits.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { UploadBoard } from '../../src/engine/upload/board.ts'
import { UploadLoop } from '../../src/engine/upload/loop.ts'
import type { UploadOutcome } from '../../src/engine/face.ts'
import { EMPTY_STATUS } from '../../src/status/status.ts'
import type { UploadStatus } from '../../src/status/status.ts'
import type { CrudEntry } from '../../src/storage/storage.ts'
import { Random } from '../sync/random.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** By the timers of the test; those of `node:timers/promises` are the real ones. */
const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))

class World {
  readonly random: Random
  queue: CrudEntry[] = []
  /** Transactions as the backend accepted them, repetitions included. */
  readonly accepted: number[] = []
  readonly discarded: number[] = []
  status: UploadStatus = EMPTY_STATUS.upload
  needsCheckpoint = false
  checkpoints = 0
  running = 0
  written = 0
  #ids = 0
  readonly loop: UploadLoop

  constructor(
    seed: number,
    app: (world: World, attempt: number, signal: AbortSignal) => Promise<UploadOutcome>,
  ) {
    this.random = new Random(seed)
    const board = new UploadBoard({
      count: () => ({ entries: this.queue.length, transactions: 0 }),
      tell: ({ upload }) => void (this.status = upload ?? this.status),
    })
    this.loop = new UploadLoop({
      board,
      head: () => Promise.resolve(this.queue[0] ?? null),
      needsWriteCheckpoint: () => Promise.resolve(this.needsCheckpoint && this.queue.length === 0),
      requestWriteCheckpoint: async () => {
        await sleep(this.random.below(50))
        if (this.random.chance(0.3)) throw new Error('The service is away.')
        if (this.queue.length > 0) return
        this.needsCheckpoint = false
        this.checkpoints++
      },
      uploadData: async (attempt, signal) => {
        expect(++this.running, 'never twice at a time').toBe(1)
        return await app(this, attempt, signal).finally(() => this.running--)
      },
      discard: (transactionId) => {
        this.discarded.push(transactionId)
        this.remove(transactionId)
        return Promise.resolve()
      },
      log: () => undefined,
    })
  }

  write(entries: number): void {
    this.written++
    for (let i = 0; i < entries; i++) {
      const id = ++this.#ids
      this.queue.push({
        id,
        transactionId: this.written,
        op: 'PUT',
        table: 't',
        rowId: `r${id}`,
        data: '{}',
        previousValues: null,
        metadata: null,
        queuedAt: null,
      })
    }
    this.needsCheckpoint = true
    this.loop.poke()
  }

  /** The backend has all up to this transaction. */
  accept(transactionId: number): void {
    for (const id of new Set(this.queue.map((entry) => entry.transactionId))) {
      if (id <= transactionId) this.accepted.push(id)
    }
  }

  remove(transactionId: number): void {
    this.queue = this.queue.filter((entry) => entry.transactionId > transactionId)
  }
}

/** An app with bad habits. */
async function app(world: World, _attempt: number, signal: AbortSignal): Promise<UploadOutcome> {
  const { random } = world
  const threw = { kind: 'threw', error: { code: 'internal', message: 'no' } } as const
  const transaction = world.queue[Math.min(world.queue.length - 1, random.below(6))]?.transactionId ?? 0
  await sleep(random.below(30))
  if (signal.aborted || random.chance(0.2)) return threw
  world.accept(transaction)
  if (random.chance(0.15)) return threw
  await sleep(random.below(10))
  if (random.chance(0.1)) return { kind: 'returned' }
  world.remove(transaction)
  if (random.chance(0.2)) world.remove(transaction)
  return random.chance(0.1) ? threw : { kind: 'returned' }
}

describe('property', () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))('history %i', async (seed) => {
    const world = new World(seed, app)
    const { random } = world
    world.loop.start(0)
    for (let i = 0; i < 40; i++) {
      if (random.chance(0.6)) world.write(1 + random.below(4))
      if (random.chance(0.1)) {
        world.loop.stop()
        // As in the daemon, whose next call waits for the one before.
        while (world.running > 0) await vi.advanceTimersByTimeAsync(10)
        world.loop.start(random.below(2) * 100)
      }
      await vi.advanceTimersByTimeAsync(random.below(2000))
    }
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(world.queue).toEqual([])
    expect(world.needsCheckpoint).toBe(false)
    const firsts = [...new Set(world.accepted)]
    expect(firsts).toEqual(Array.from({ length: world.written }, (_, index) => index + 1))
    expect(world.status).toMatchObject({ uploading: false, attempts: 0, retryAt: null })
  })
})

describe('beginnings', () => {
  const takeAll = async (world: World): Promise<UploadOutcome> => {
    world.accept(world.written)
    world.remove(world.written)
    return { kind: 'returned' }
  }

  test('writes within the throttle go out together, the first at once', async () => {
    const calls: number[] = []
    const world = new World(1, async (inside) => {
      calls.push(inside.queue.length)
      return await takeAll(inside)
    })
    world.loop.start(1000)
    world.write(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(calls).toEqual([1])
    for (let i = 0; i < 5; i++) world.write(1)
    await vi.advanceTimersByTimeAsync(800)
    expect(calls).toEqual([1])
    await vi.advanceTimersByTimeAsync(500)
    expect(calls).toEqual([1, 5])
  })

  test('a write while a failure waits does not shorten the wait, a retry ends it', async () => {
    let calls = 0
    const world = new World(1, async () => {
      calls++
      return { kind: 'threw', error: { code: 'internal', message: 'no' } }
    })
    world.loop.start(0)
    world.write(1)
    // The waits grow with each failure, so that one is surely under way.
    await vi.advanceTimersByTimeAsync(600_000)
    while (world.status.retryAt === null || world.status.retryAt - Date.now() < 1000) {
      await vi.advanceTimersByTimeAsync(1000)
    }
    const before = calls
    world.write(1)
    await vi.advanceTimersByTimeAsync(500)
    expect(calls).toBe(before)
    world.loop.retry()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls).toBe(before + 1)
    world.loop.stop()
  })

  test('a transaction that is rejected and discarded lets those behind it pass', async () => {
    const world = new World(1, async (inside) => {
      const [head] = inside.queue
      if (head?.transactionId === 2) return { ...REJECTED, transactionId: 2, policy: 'discard' }
      inside.accept(head!.transactionId)
      inside.remove(head!.transactionId)
      return { kind: 'returned' }
    })
    for (let i = 0; i < 3; i++) world.write(2)
    world.loop.start(0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(world).toMatchObject({ accepted: [1, 3], discarded: [2], queue: [] })
    expect(world.checkpoints).toBe(1)
  })

  test.each(['discard', 'hold'] as const)(
    'one that somebody else gives up while the app decides: what the app says, %s, is not for the next one',
    async (policy) => {
      const world = new World(1, async (inside) => {
        const { transactionId } = inside.queue[0]!
        if (transactionId === 1) {
          inside.remove(1)
          return { ...REJECTED, transactionId, policy }
        }
        inside.accept(transactionId)
        inside.remove(transactionId)
        return { kind: 'returned' }
      })
      for (let i = 0; i < 2; i++) world.write(1)
      world.loop.start(0)
      await vi.advanceTimersByTimeAsync(60_000)
      expect(world).toMatchObject({ accepted: [2], discarded: [], queue: [] })
      expect(world.status.heldTransaction).toBe(null)
      world.loop.stop()
    },
  )
})

const REJECTED = { kind: 'rejected', error: { code: 'upload_rejected', message: 'no' } } as const

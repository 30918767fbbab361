/**
 * Uploads by the engine over a real database, with an app that does everything that an app may do: takes one
 * transaction, several or a batch; fails before or after its backend has accepted; completes twice, or nothing;
 * rejects; dies between the backend's answer and `complete`. Meanwhile it writes, and connections come and go.
 *
 * Whatever happens: transactions are handed out whole, the backend gets every change at least once, each only
 * after all before it, what was given up is kept as a dead letter, and in the end nothing waits.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connector } from '../../src/connector/connector.ts'
import { UploadRejected } from '../../src/connector/upload.ts'
import type { CrudEntry, CrudTransaction, UploadCall } from '../../src/connector/upload.ts'
import { AppUploads } from '../../src/daemon/uploads.ts'
import { inProcess } from '../../src/engine/in-process.ts'
import type { EngineFace } from '../../src/engine/face.ts'

/** How one call of `uploadData` goes. */
interface Habit {
  readonly take: 'transaction' | 'transactions' | 'batch'
  readonly limit: number
  readonly end:
    | 'well'
    | 'twice'
    | 'before'
    | 'accepted'
    | 'dies'
    | 'incomplete'
    | 'retry'
    | 'hold'
    | 'discard'
  /** How many rows are written while it runs. */
  readonly writes: number
}

type Action =
  | { readonly do: 'write'; readonly rows: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'reconnect' | 'retry' | 'restart' }

const habit: fc.Arbitrary<Habit> = fc.record({
  take: fc.constantFrom('transaction', 'transactions', 'batch'),
  limit: fc.integer({ min: 1, max: 4 }),
  end: fc.constantFrom(
    'well',
    'twice',
    'before',
    'accepted',
    'dies',
    'incomplete',
    'retry',
    'hold',
    'discard',
  ),
  writes: fc.integer({ min: 0, max: 2 }),
})

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write'), rows: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.integer({ min: 0, max: 5000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reconnect', 'retry', 'restart') }) },
)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

class World {
  readonly #folder = mkdtempSync(join(tmpdir(), 'headwater-uploads-'))
  readonly #habits: Habit[]
  #engine!: EngineFace
  /** Rows in the order in which they were written, each with its transaction, counted from 1. */
  readonly written: { readonly row: string; readonly transaction: number }[] = []
  #transactions = 0
  /** So many rows have left the queue. */
  #gone = 0
  /** So many rows were accepted or given up at least once. */
  #settled = 0
  readonly #contents = new Map<number, string>()
  /** Transactions that the app wanted to be rid of. */
  readonly #unwanted = new Set<number>()
  /** Counts the processes; null: none is there. */
  #life: number | null = null
  #lives = 0
  readonly #faults: Error[] = []
  #dying: Promise<void> | null = null

  constructor(habits: readonly Habit[]) {
    this.#habits = [...habits]
  }

  /** A process begins. */
  async start(): Promise<void> {
    const life = ++this.#lives
    let running = 0
    let engine: EngineFace
    const connector: Connector = {
      fetchCredentials: () => Promise.resolve({ endpoint: 'https://sync.example.com', token: 't' }),
      uploadData: async (call) => {
        expect(++running, 'never twice at a time').toBe(1)
        try {
          await this.#upload(call, this.#habits.shift(), life)
        } catch (error) {
          // To the engine it is one failure of the app among others.
          if (error instanceof Error && error.name === 'AssertionError') this.#faults.push(error)
          throw error
        } finally {
          running--
        }
      },
      onUploadRejected: ({ error }) => error.message as 'retry' | 'hold' | 'discard',
    }
    engine = await inProcess(
      {
        path: join(this.#folder, 'app.db'),
        schema: { tables: { t: { columns: { v: 'text' } } } },
        queries: {},
        nativeBinding: null,
        encryption: null,
        traceBytes: 0,
      },
      {
        fetchCredentials: connector.fetchCredentials,
        uploadData: new AppUploads(connector, () => engine).port,
        transport: {
          open: ({ signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason as Error))
            }),
          requestCheckpoint: () => Promise.resolve(1n),
        },
        onStatus: () => undefined,
        onReached: () => undefined,
        onTables: () => undefined,
        onLog: () => undefined,
        onFailed: (error) => {
          throw error
        },
      },
    )
    this.#engine = engine
    this.#life = life
    await this.#connect()
  }

  async act(action: Action): Promise<void> {
    switch (action.do) {
      case 'write':
        await this.#write(action.rows)
        break
      case 'wait':
        await vi.advanceTimersByTimeAsync(action.ms)
        break
      case 'retry':
        await this.#engine.retryUploads()
        break
      case 'reconnect':
        await this.#engine.disconnect()
        await this.#connect()
        break
      case 'restart':
        await this.#restart()
        break
      default:
        action satisfies never
    }
    await this.#dying
  }

  /** Everything that has begun comes to its end. */
  async settle(): Promise<void> {
    for (let round = 0; round < 100 && (await this.#waiting()) > 0; round++) {
      await this.#dying
      await this.#engine.retryUploads()
      await vi.advanceTimersByTimeAsync(120_000)
    }
    await this.#dying
    if (this.#faults.length > 0) throw this.#faults[0]!
    expect(await this.#waiting()).toBe(0)
    await this.#passOver(this.written.length)
    expect(this.#settled).toBe(this.written.length)
  }

  async close(): Promise<void> {
    await this.#dying
    await this.#engine.close()
    rmSync(this.#folder, { recursive: true })
  }

  #connect(): Promise<void> {
    return this.#engine.connect({
      parameters: {},
      appMetadata: {},
      includeDefaults: true,
      checkpointMode: 'legacy',
      uploadThrottleMs: 0,
    })
  }

  async #restart(): Promise<void> {
    this.#life = null
    await this.#engine.close()
    await this.start()
  }

  async #write(rows: number): Promise<void> {
    if (this.#life === null) return
    const transaction = ++this.#transactions
    const ids = Array.from({ length: rows }, (_, index) => `r${this.written.length + index}`)
    for (const row of ids) this.written.push({ row, transaction })
    await this.#engine.batch(
      ids.map((id) => ['INSERT INTO t(id) VALUES (?)', [id]] as const),
      1000,
    )
  }

  async #waiting(): Promise<number> {
    return (await this.#engine.readQueue({ limit: 1000, wholeTransactions: false })).length
  }

  async #upload(call: UploadCall, habit: Habit | undefined, life: number): Promise<void> {
    const { take = 'transaction', limit = 1, end = 'well', writes = 0 } = habit ?? {}
    const taken = await this.#take(call, take, limit)
    if (taken === null) return
    if (writes > 0) await this.#write(writes)
    if (this.#life !== life) return await never()
    if (end === 'before') throw new Error('The backend is away.')
    if (end === 'retry' || end === 'hold' || end === 'discard') {
      if (end === 'discard') this.#unwanted.add(taken.crud[0]!.transactionId)
      throw new UploadRejected(end)
    }
    this.#accept(taken.crud)
    if (end === 'accepted') throw new Error('The answer was lost.')
    if (end === 'incomplete') return
    if (end === 'dies') {
      this.#dying = this.#restart().finally(() => (this.#dying = null))
      return await never()
    }
    await taken.complete()
    this.#gone = Math.max(this.#gone, this.#after(taken.crud))
    if (end === 'twice') await taken.complete()
  }

  /** Checks that what is handed out is the oldest, whole. */
  async #take(call: UploadCall, take: Habit['take'], limit: number) {
    if (take === 'batch') {
      // It is read at once; more may be written before it is looked at.
      const total = this.written.length
      const batch = await call.getBatch(limit)
      if (batch === null) return null
      await this.#passOver(this.#place(batch.crud[0]!))
      const until = Math.min(total, this.#gone + limit)
      expect(rowsOf(batch.crud)).toEqual(this.#rowsFrom(this.#gone, until))
      expect(batch.haveMore).toBe(until < total)
      return batch
    }
    let from = 0
    const taken: CrudEntry[] = []
    let last: CrudTransaction | null = null
    for await (const transaction of oldest(call, take === 'transaction' ? 1 : limit)) {
      if (last === null) {
        await this.#passOver(this.#place(transaction.crud[0]!))
        from = this.#gone
      }
      const { transaction: number } = this.written[from]!
      const until = this.written.findLastIndex((written) => written.transaction === number) + 1
      expect(transaction.transactionId).toBe(number)
      expect(rowsOf(transaction.crud)).toEqual(this.#rowsFrom(from, until))
      this.#sameAsEver(transaction.crud)
      from = until
      taken.push(...transaction.crud)
      last = transaction
    }
    return last && { complete: last.complete, crud: taken }
  }

  #accept(crud: readonly CrudEntry[]): void {
    expect(this.#place(crud[0]!), 'nothing before all that comes before it').toBeLessThanOrEqual(
      this.#settled,
    )
    this.#settled = Math.max(this.#settled, this.#after(crud))
  }

  /** The oldest row in the queue is this one: those before it were completed, or are kept as dead letters. */
  async #passOver(until: number): Promise<void> {
    expect(until).toBeGreaterThanOrEqual(this.#gone)
    const letters = await this.#engine.deadLetters(null)
    const kept = new Set(letters.flatMap(({ entries }) => entries.map(({ rowId }) => rowId)))
    for (const { row, transaction } of this.written.slice(this.#gone, until)) {
      expect(kept).toContain(row)
      expect(this.#unwanted).toContain(transaction)
    }
    this.#gone = until
    this.#settled = Math.max(this.#settled, until)
  }

  /** Transaction id and entry name a change at the backend, so they must mean the same each time. */
  #sameAsEver(crud: readonly CrudEntry[]): void {
    for (const { id, transactionId, rowId } of crud) {
      const content = `${transactionId} ${rowId}`
      expect(this.#contents.get(id) ?? content).toBe(content)
      this.#contents.set(id, content)
    }
  }

  #place({ rowId }: CrudEntry): number {
    return this.written.findIndex(({ row }) => row === rowId)
  }

  #after(crud: readonly CrudEntry[]): number {
    return this.#place(crud.at(-1)!) + 1
  }

  #rowsFrom(from: number, until: number): string[] {
    return this.written.slice(from, until).map(({ row }) => row)
  }
}

async function* oldest(call: UploadCall, limit: number) {
  if (limit === 1) {
    const transaction = await call.getNextTransaction()
    if (transaction !== null) yield transaction
    return
  }
  let count = 0
  for await (const transaction of call.getTransactions()) {
    yield transaction
    if (++count >= limit) return
  }
}

/** What a process that is gone waits for. */
function never(): Promise<never> {
  return new Promise(() => undefined)
}

function rowsOf(crud: readonly CrudEntry[]): string[] {
  return crud.map(({ rowId }) => rowId)
}

test('property: at least once, in order, whole, and nothing is stranded', async () => {
  const history = fc.asyncProperty(
    fc.array(action, { minLength: 1, maxLength: 15 }),
    fc.array(habit, { maxLength: 12 }),
    async (actions, habits) => {
      const world = new World(habits)
      try {
        await world.start()
        for (const action of actions) await world.act(action)
        await world.settle()
      } finally {
        await world.close()
      }
    },
  )
  await fc.assert(history, { numRuns: 40 })
}, 300_000)

/**
 * The write gate and crashes: the process dies right after its nth commit, for every n from the local write to the
 * service's version of the row, and begins anew. Nothing that was decided with that commit goes outward any more.
 *
 * Whatever the commit was, two keepalives later the row is the service's, nothing waits, and the gate is open.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Connector, Transport } from '../../src/connector/connector.ts'
import { UploadRejected } from '../../src/connector/upload.ts'
import { AppUploads } from '../../src/daemon/uploads.ts'
import { Engine } from '../../src/engine/engine.ts'
import { TraceRecorder } from '../../src/engine/trace.ts'
import { openStorage } from '../../src/storage/open.ts'
import { openReader } from '../../src/storage/reader.ts'
import { finish, oneSlice } from '../../src/storage/slices.ts'
import type { Storage } from '../../src/storage/storage.ts'

/** From one keepalive to the next, in milliseconds. */
const KEEPALIVE_MS = 20_000

/** Who names the write checkpoint, or that the app gives the change up. */
type Way = 'legacy' | 'requests' | 'the backend' | 'discard'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A sync service with one row, whose backend makes what it gets upper case. */
class Service {
  readonly #values = ['first']
  #writeCheckpoint = 0n
  #say: ((...lines: object[]) => void) | null = null

  readonly transport: Transport = {
    open: ({ request, signal }) => {
      const queue: string[] = []
      let wake = () => undefined as void
      this.#say = (...lines) => {
        queue.push(...lines.map((line) => `${JSON.stringify(line)}\n`))
        wake()
      }
      signal.addEventListener('abort', () => wake())
      const chunks = (async function* () {
        while (!signal.aborted) {
          const text = queue.splice(0).join('')
          if (text !== '') yield new TextEncoder().encode(text)
          else await new Promise<void>((resolve) => (wake = resolve))
        }
      })()
      this.#say({ checkpoint: { ...this.#checkpoint(), buckets: [this.#bucket()], streams: STREAMS } })
      this.#sayRest(Number(request.buckets[0]?.after ?? 0))
      return Promise.resolve({ format: 'ndjson', chunks })
    },
    requestCheckpoint: ({ id }) => Promise.resolve(this.nextCheckpoint(id)),
  }

  /** The backend has this value. */
  take(value: string): void {
    if (this.#values.at(-1) !== value.toUpperCase()) this.#values.push(value.toUpperCase())
    this.#sayDiff()
  }

  nextCheckpoint(wanted: bigint | null): bigint {
    this.#writeCheckpoint = wanted ?? this.#writeCheckpoint + 1n
    this.#sayDiff()
    return this.#writeCheckpoint
  }

  keepalive(): void {
    this.#say?.({ token_expires_in: 3600 })
  }

  /** The connection is gone. */
  drop(): void {
    this.#say = null
  }

  #sayDiff(): void {
    this.#say?.({
      checkpoint_diff: { ...this.#checkpoint(), updated_buckets: [this.#bucket()], removed_buckets: [] },
    })
    this.#sayRest(this.#values.length - 1)
  }

  #sayRest(after: number): void {
    const last = String(this.#values.length)
    const data = this.#values.slice(after).map((v, index) => ({
      op_id: String(after + index + 1),
      op: 'PUT',
      object_type: 't',
      object_id: 'row',
      subkey: '',
      checksum: 1,
      data: JSON.stringify({ id: 'row', v }),
    }))
    this.#say?.(
      { data: { bucket: 'b', after: String(after), has_more: false, next_after: last, data } },
      { checkpoint_complete: { last_op_id: last } },
    )
  }

  #checkpoint() {
    return { last_op_id: String(this.#values.length), write_checkpoint: String(this.#writeCheckpoint) }
  }

  #bucket() {
    const count = this.#values.length
    return { bucket: 'b', checksum: count, count, priority: 3, subscriptions: [{ default: 0 }] }
  }
}

const STREAMS = [{ name: 's', is_default: true, errors: [] }]

class World {
  readonly #folder = mkdtempSync(join(tmpdir(), 'headwater-gate-'))
  readonly #path = join(this.#folder, 'app.db')
  readonly #service = new Service()
  readonly #way: Way
  #engine: Engine | null = null
  /** How many commits the process still survives; null: all. */
  left: number | null = null

  constructor(way: Way) {
    this.#way = way
  }

  async start(): Promise<void> {
    const storage = openStorage({
      path: this.#path,
      schema: { tables: { t: { columns: { v: 'text' } } } },
    })
    const connector: Connector = {
      fetchCredentials: () => Promise.resolve({ endpoint: 'https://sync.example.com', token: 't' }),
      uploadData: async ({ getNextTransaction }) => {
        const transaction = await getNextTransaction()
        if (transaction === null) return
        if (this.#way === 'discard') throw new UploadRejected('never')
        this.#service.take(String(transaction.crud[0]?.opData?.['v']))
        await transaction.complete(
          this.#way === 'the backend' ? this.#service.nextCheckpoint(null) : undefined,
        )
      },
      onUploadRejected: () => 'discard',
    }
    const engine: Engine = new Engine(this.#mortal(storage), new TraceRecorder(0), {
      fetchCredentials: connector.fetchCredentials,
      transport: this.#service.transport,
      uploadData: new AppUploads(connector, () => engine).port,
      onStatus: () => undefined,
      onReached: () => undefined,
      onTables: () => undefined,
      onLog: () => undefined,
      onLongLog: () => undefined,
    })
    this.#engine = engine
    const checkpointMode = this.#way === 'requests' ? 'requests' : 'legacy'
    await this.#unlessDead(
      engine.connect({
        parameters: {},
        appMetadata: {},
        includeDefaults: true,
        checkpointMode,
        uploadThrottleMs: 0,
      }),
    )
  }

  async write(v: string): Promise<void> {
    const statement = ['UPDATE t SET v = ? WHERE id = ?', [v, 'row']] as const
    await this.#unlessDead(this.#engine!.batch([statement], 1000))
  }

  /** Nothing of this process goes on. */
  die(): void {
    this.#service.drop()
    // It is dead to storage, so this stores nothing; it stops the timers.
    this.#engine?.close()
    this.left = null
  }

  keepalive(): void {
    this.#service.keepalive()
  }

  isSettled(): boolean {
    const reader = openReader(this.#path)
    try {
      const [row] = reader.query(`
        SELECT (SELECT v FROM t WHERE id = 'row') AS v, (SELECT count(*) FROM ps_crud) AS waiting,
          (SELECT count(*) FROM ps_updated_rows) AS changed,
          coalesce((SELECT value FROM ps_kv WHERE key = 'write_target'), 0)
            <= coalesce((SELECT value FROM ps_kv WHERE key = 'write_seen'), 0) AS open`)
      const wanted = this.#way === 'discard' ? 'first' : 'MINE'
      return row?.['v'] === wanted && row['waiting'] === 0 && row['changed'] === 0 && row['open'] === 1
    } finally {
      reader.close()
    }
  }

  get isDead(): boolean {
    return this.left === 0
  }

  close(): void {
    this.#engine?.close()
    rmSync(this.#folder, { recursive: true })
  }

  /** Storage that commits so many times, and then never answers as it should again. */
  #mortal(storage: Storage): Storage {
    const counting = <T>(commit: () => T): T => {
      if (this.isDead) throw new Error('This process is dead.')
      const value = commit()
      if (this.left !== null) this.left--
      if (this.isDead) throw new Error('The process dies after this commit.')
      return value
    }
    return new Proxy(storage, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        const call = value.bind(target) as (...args: unknown[]) => unknown
        if (name === 'keepDeadLetter') return (...args: unknown[]) => counting(() => call(...args))
        if (name === 'slicedTurn') {
          return (work: () => Generator<void, unknown>) =>
            oneSlice(() => counting(() => finish(target.slicedTurn(work))))
        }
        if (name !== 'beginLocal') return call
        return () => {
          const transaction = target.beginLocal()
          const commit = transaction.commit.bind(transaction)
          return Object.assign(transaction, { commit: () => counting(commit) })
        }
      },
    })
  }

  async #unlessDead(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => {
      if (!this.isDead) throw error
    })
  }
}

/** Writes, dies after so many commits, and begins anew. How many keepalives it took then; null: it did not die. */
async function keepalivesAfter(way: Way, commits: number): Promise<number | null> {
  const world = new World(way)
  try {
    await world.start()
    await vi.advanceTimersByTimeAsync(1000)
    world.left = commits
    await world.write('mine')
    for (let n = 0; n < 3 && !world.isDead; n++) {
      await vi.advanceTimersByTimeAsync(KEEPALIVE_MS)
      world.keepalive()
    }
    if (!world.isDead) {
      expect(world.isSettled()).toBe(true)
      return null
    }
    world.die()
    await world.start()
    await vi.advanceTimersByTimeAsync(KEEPALIVE_MS)
    for (let keepalives = 0; keepalives < 10; keepalives++) {
      if (world.isSettled()) return keepalives
      world.keepalive()
      await vi.advanceTimersByTimeAsync(KEEPALIVE_MS)
    }
    return Infinity
  } finally {
    world.close()
  }
}

describe.each(['legacy', 'requests', 'the backend', 'discard'] as const)('write checkpoints: %s', (way) => {
  test('dead after any commit, it needs two keepalives at most', async () => {
    const needed: number[] = []
    for (;;) {
      const keepalives = await keepalivesAfter(way, needed.length + 1)
      if (keepalives === null) break
      needed.push(keepalives)
    }
    // The write, what leaves the queue, the checkpoint that brings the row back: more than one commit each.
    expect(needed.length).toBeGreaterThanOrEqual(way === 'discard' ? 3 : 4)
    expect(Math.max(...needed)).toBeLessThanOrEqual(2)
  })
})

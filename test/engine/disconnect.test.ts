/** A disconnect is never refused: whatever storage says, the stream ends and the daemon is offline. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Engine } from '../../src/engine/engine.ts'
import { TraceRecorder } from '../../src/engine/trace.ts'
import { applyDelta } from '../../src/status/delta.ts'
import { EMPTY_STATUS } from '../../src/status/status.ts'
import { StorageError, type Storage, type StorageErrorCode } from '../../src/storage/storage.ts'
import { Fixture } from '../storage/fixture.ts'

let db: Fixture
let engine: Engine
let status = EMPTY_STATUS
let logged: string[] = []
let opened: AbortSignal[] = []
/** What storage says to every turn; null: it takes it. */
let refusal: StorageErrorCode | null = null

beforeEach(() => {
  db = new Fixture()
  refusal = null
  ;[status, logged, opened] = [EMPTY_STATUS, [], []]
  engine = new Engine(refusing(db.storage), new TraceRecorder(100_000), {
    fetchCredentials: () => Promise.resolve({ endpoint: 'https://sync.example.com', token: 't' }),
    uploadData: null,
    transport: {
      open({ signal }) {
        opened.push(signal)
        const chunks = (async function* () {
          await new Promise((resolve) => void signal.addEventListener('abort', resolve))
          yield new Uint8Array()
        })()
        return Promise.resolve({ format: 'ndjson', chunks })
      },
    },
    onStatus: (delta) => void (status = applyDelta(status, delta)),
    onReached: () => undefined,
    onTables: () => undefined,
    onLog: (_severity, text) => void logged.push(text),
    onLongLog: () => undefined,
  })
})
afterEach(() => {
  engine.close()
  db[Symbol.dispose]()
})

function refusing(storage: Storage): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name === 'slicedTurn' && refusal !== null) {
        return () => {
          throw new StorageError(refusal!, 'Storage takes nothing.')
        }
      }
      return value.bind(target) as unknown
    },
  })
}

async function connect(): Promise<void> {
  await engine.connect({
    parameters: {},
    appMetadata: {},
    includeDefaults: true,
    checkpointMode: 'legacy',
    uploadThrottleMs: 0,
  })
  await expect.poll(() => status.connection.state).toBe('connected')
}

const datesOf = () => db.query('SELECT expires_at FROM ps_stream_subscriptions')

test.each(['database_full', 'database_busy', 'database_corrupt', 'database_failed'] as const)(
  'storage says %s: the stream ends all the same, and the next connection works',
  async (code) => {
    // What is held has a date that a disconnect renews, so there is something to store.
    await engine.subscribe({ name: 'todos', params: null, ttl: 60_000, priority: null, holder: 'app' })
    await connect()
    const before = datesOf()
    refusal = code
    await engine.disconnect()
    expect(opened.map((signal) => signal.aborted)).toEqual([true])
    expect(status.connection).toEqual({ state: 'offline' })
    expect(logged).toContain('Storage takes nothing.')
    expect(datesOf()).toEqual(before)
    await engine.disconnect()
    refusal = null
    await connect()
    expect(opened.map((signal) => signal.aborted)).toEqual([true, false])
  },
)

test('a clear that storage refuses says so, and has disconnected', async () => {
  await connect()
  refusal = 'database_full'
  await expect(engine.clear({ clearLocal: true, soft: false })).rejects.toMatchObject({
    code: 'database_full',
  })
  expect(opened.map((signal) => signal.aborted)).toEqual([true])
  expect(status.connection).toEqual({ state: 'offline' })
})

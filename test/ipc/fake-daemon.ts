/**
 * A daemon without an engine: the test says what happens (`report`, `changeTables`), the face behaves as
 * promised in `daemon.ts`. Holds are real, so a test can see which are alive.
 */
import {
  DaemonError,
  type BucketPage,
  type BucketQuery,
  type ConnectOptions,
  type CrudEntry,
  type DeadLetter,
  type LiveHandle,
  type LogLine,
  type QueryResult,
  type SqlValue,
  type SubscribeOptions,
  type SyncStream,
  type SyncStreamSubscription,
  type WindowSql,
} from '../../src/daemon/daemon.ts'
import { fakeLive } from './fake-live.ts'
import type { ServedDaemon } from '../../src/ipc/router.ts'
import { applyDelta } from '../../src/status/delta.ts'
import { canonicalParameters, parseParameters, type StreamParameters } from '../../src/status/parameters.ts'
import { EMPTY_STATUS, type Status, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'

export interface FakeDaemon extends ServedDaemon {
  /** Change the status and tell the listeners. */
  report(delta: StatusDelta): void
  /** Tell the listeners that these tables changed. */
  changeTables(tables: readonly string[]): void
  /** Tell the listeners this line. */
  log(line: LogLine): void
  /** Live holds as `holder stream parameters`, in the order in which they came. */
  readonly holds: readonly string[]
  /** Options of the live holds, in the same order. */
  readonly holdOptions: readonly SubscribeOptions[]
  /** Drop all holds, as `unsubscribeAll` of others does. */
  endHolds(reason: DaemonError): void
  /** How many listeners there are, of all kinds. */
  readonly listeners: number
  /** What was called: `connect`, `disconnect`. */
  readonly calls: readonly string[]
}

export interface FakeDaemonOptions {
  /** Answers SQL of windows; default: it is refused. */
  readonly windowSql?: Partial<WindowSql>
  /** The upload queue as live rows; default: empty. */
  readonly uploads?: () => LiveHandle
  /** Entries of the upload queue, and the dead letters. */
  readonly queue?: readonly CrudEntry[]
  readonly letters?: readonly DeadLetter[]
  readonly epoch?: string
  readonly status?: Status
  /** Answers named queries; default: every name is unknown. */
  readonly query?: (name: string, params: { readonly [name: string]: SqlValue }) => QueryResult
  /** Answers `inspectBuckets`; default: it is refused. */
  readonly buckets?: (query: BucketQuery) => BucketPage
  /** Answers to `subscribe` wait until it resolves. Default: at once. */
  readonly beforeHold?: () => Promise<void>
}

interface FakeHold {
  readonly text: string
  readonly options: SubscribeOptions
  readonly ended: AbortController
}

export function fakeDaemon(options: FakeDaemonOptions = {}): FakeDaemon {
  let status = options.status ?? EMPTY_STATUS
  const onStatus = new Set<(delta: StatusDelta) => void>()
  const onTables = new Set<(tables: readonly string[]) => void>()
  const onLog = new Set<(line: LogLine) => void>()
  const holds = new Map<symbol, FakeHold>()
  const calls: string[] = []

  const listen = <T>(listeners: Set<T>, listener: T) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  const subscribe = async (
    name: string,
    params: StreamParameters,
    wish: SubscribeOptions = {},
  ): Promise<SyncStreamSubscription> => {
    await options.beforeHold?.()
    if (wish.ttl !== undefined && !(wish.ttl >= 0)) {
      throw new DaemonError('invalid_ttl', 'The TTL must be zero or more seconds.')
    }
    const key = Symbol(name)
    const text = canonicalParameters(params)
    const ended = new AbortController()
    holds.set(key, { text: `${wish.holder ?? 'app'} ${name} ${text ?? '{}'}`, options: wish, ended })
    return {
      name,
      params: parseParameters(text),
      get status(): StreamStatus | null {
        const same = [...status.streams.values()].find(
          (stream) => stream.name === name && canonicalParameters(stream.params) === text,
        )
        return same ?? null
      },
      ended: ended.signal,
      waitForFirstSync: () => Promise.resolve(),
      unsubscribe: () => {
        holds.delete(key)
        ended.abort(new DaemonError('unsubscribed', 'It was given back.'))
      },
    }
  }

  return {
    epoch: options.epoch ?? 'epoch-1',
    get status() {
      return status
    },
    onStatus: (listener) => listen(onStatus, listener),
    onTables: (listener) => listen(onTables, listener),
    onLog: (listener) => listen(onLog, listener),
    connect: (_options?: ConnectOptions) => {
      calls.push('connect')
      return Promise.resolve()
    },
    disconnect: () => {
      calls.push('disconnect')
      return Promise.resolve()
    },
    syncStream: (name, params): SyncStream => ({
      name,
      params,
      subscribe: (wish) => subscribe(name, params, wish),
      unsubscribeAll: () => Promise.resolve(),
    }),
    query: async (name, params = {}) => {
      if (options.query === undefined)
        throw new DaemonError('unknown_query', `There is no query named ${name}.`)
      return options.query(name, params)
    },
    windowSql: { ...refusingSql, ...options.windowSql },
    watchUploads: options.uploads ?? (() => fakeLive({ columns: ['id'], rows: [] }).handle()),
    uploadQueue: async ({ after = 0, limit = 100 } = {}) =>
      (options.queue ?? []).filter(({ id }) => id > after).slice(0, limit),
    retryUploads: async () => void calls.push('retryUploads'),
    discardUpload: async (transactionId) => void calls.push(`discardUpload ${transactionId}`),
    deadLetters: async ({ limit = Infinity } = {}) => (options.letters ?? []).slice(-limit),
    deleteDeadLetter: async (transactionId) => void calls.push(`deleteDeadLetter ${transactionId}`),
    inspectBuckets: async (query) => {
      if (options.buckets === undefined) throw new DaemonError('closed', 'This daemon has no buckets.')
      return options.buckets(query)
    },
    report(delta) {
      status = applyDelta(status, delta)
      for (const listener of onStatus) listener(delta)
    },
    changeTables(tables) {
      for (const listener of onTables) listener(tables)
    },
    log(line) {
      for (const listener of onLog) listener(line)
    },
    endHolds(reason) {
      const ending = [...holds.values()]
      holds.clear()
      for (const { ended } of ending) ended.abort(reason)
    },
    get holds() {
      return Array.from(holds.values(), (hold) => hold.text)
    },
    get holdOptions() {
      return Array.from(holds.values(), (hold) => hold.options)
    },
    get listeners() {
      return onStatus.size + onTables.size + onLog.size
    },
    calls,
  }
}

const refuse = (): never => {
  throw new DaemonError('sql_refused', 'This daemon runs no SQL.')
}

const refusingSql: WindowSql = { query: refuse, write: refuse, watch: refuse }

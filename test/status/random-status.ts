/** Statuses and deltas as a seed has them: every part, every state, ids that come and go. */
import type {
  ConnectionStatus,
  ErrorInfo,
  PriorityStatus,
  Status,
  StatusDelta,
  StreamStatus,
} from '../../src/status/status.ts'
import { Random } from '../sync/random.ts'

type Change<T> = { -readonly [K in keyof T]?: T[K] }

export class RandomStatus {
  readonly chance: Random
  #nextId = 1

  constructor(seed: number) {
    this.chance = new Random(seed)
  }

  status(streamCount: number): Status {
    const streams = Array.from({ length: streamCount }, () => this.stream(this.#nextId++))
    return { ...this.#summary(), streams: new Map(streams.map((stream) => [stream.id, stream])) }
  }

  /** A delta as the engine makes them: partial only for streams that are known. */
  delta(before: Status): StatusDelta {
    const delta: Change<StatusDelta> = this.#some(this.#summary())
    if (this.chance.chance(0.3)) delta.synced = this.#synced()
    if (this.chance.chance(0.7)) delta.streams = this.#streamChanges(before)
    return delta
  }

  stream(id: number): StreamStatus {
    const { chance } = this
    return {
      id,
      // Two streams never have name and parameters in common.
      name: `${chance.pick(['project_issues', 'naïve "stream"', ''])}${id}`,
      params: chance.pick([null, { project: 'p', $: 'bigint', nested: [{ a: [1, null, true] }] }]),
      priority: chance.pick([null, 0, 3]),
      active: chance.chance(0.5),
      isDefault: chance.chance(0.5),
      hasExplicitSubscription: chance.chance(0.5),
      expiresAt: chance.pick([null, 0, 1_795_000_000_000]),
      lastSyncedAt: chance.pick([null, 1_795_000_000_001]),
      progress: chance.pick([null, { total: 0, downloaded: 0 }, { total: 900, downloaded: 120 }]),
      error: this.#error(),
      holders: chance.pick([[], ['main 1'], ['main 1', 'main 1', 'tab 2']]),
    }
  }

  #streamChanges(before: Status): ReadonlyMap<number, StreamStatus | Partial<StreamStatus> | null> {
    const { chance } = this
    const changes = new Map<number, StreamStatus | Partial<StreamStatus> | null>()
    for (const id of before.streams.keys()) {
      if (!chance.chance(0.3)) continue
      const { id: _id, name: _name, params: _params, ...changing } = this.stream(id)
      const { priority, active, error, lastSyncedAt, ...others } = changing
      const standing = { priority, active, error, lastSyncedAt }
      const part = { ...this.#some(others), ...(chance.chance(0.4) && standing) }
      if (chance.chance(0.2)) changes.set(id, null)
      else if (chance.chance(0.1)) changes.set(id, this.stream(id))
      else if (Object.keys(part).length > 0) changes.set(id, part)
    }
    if (chance.chance(0.3)) {
      const id = this.#nextId++
      changes.set(id, this.stream(id))
    }
    return changes
  }

  #synced(): readonly PriorityStatus[] {
    const at = () => ({ lastSyncedAt: this.chance.below(2 ** 41) })
    return this.chance.pick([
      [{ priority: 2147483647, ...at() }],
      [{ priority: 0, ...at() }],
      [
        { priority: 2147483647, ...at() },
        { priority: 1, ...at() },
      ],
    ])
  }

  #summary(): Omit<Status, 'streams'> {
    const { chance } = this
    const byPriority = [1, 3].map((priority) => ({ priority, total: 10, downloaded: chance.below(11) }))
    return {
      connection: this.#connection(),
      downloading: chance.pick([null, { total: 20, downloaded: chance.below(21), byPriority }]),
      priorities: chance.pick([[], [{ priority: 2147483647, lastSyncedAt: chance.below(2 ** 41) }]]),
      downloadError: this.#error(),
      upload: {
        entries: chance.below(1000),
        transactions: chance.below(10),
        uploading: chance.chance(0.5),
        attempts: chance.below(3),
        retryAt: chance.pick([null, 1_795_000_000_002]),
        heldTransaction: chance.pick([null, 7]),
        lastUploadedAt: chance.pick([null, 1_795_000_000_003]),
      },
      uploadError: this.#error(),
    }
  }

  #connection(): ConnectionStatus {
    const reason = { code: 'unreachable', message: 'The service does not answer.' }
    return this.chance.pick<ConnectionStatus>([
      { state: 'offline' },
      { state: 'connecting' },
      { state: 'connected' },
      { state: 'waiting', reason, retryAt: 0 },
    ])
  }

  #error(): ErrorInfo | null {
    return this.chance.pick([null, { code: 'x', message: 'It "broke".' }])
  }

  #some<T extends object>(whole: T): Change<T> {
    return Object.fromEntries(Object.entries(whole).filter(() => this.chance.chance(0.3))) as Change<T>
  }
}

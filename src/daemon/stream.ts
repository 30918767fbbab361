/** A stream in the app's hands: holds on it, and what is known of it. */
import { randomUUID } from 'node:crypto'
import type { EngineFace, StreamKey } from '../engine/face.ts'
import type { StreamParameters } from '../status/parameters.ts'
import { findStream } from '../status/read.ts'
import type { StreamStatus } from '../status/status.ts'
import { coded } from './coded.ts'
import { DaemonError } from './daemon.ts'
import type { Daemon, SubscribeOptions, SyncStream, SyncStreamSubscription } from './daemon.ts'
import type { Holds } from './holds.ts'
import { checkParameters, checkSubscribe } from './options.ts'
import { waitUntil } from './wait.ts'

interface StreamContext {
  readonly name: string
  readonly params: StreamParameters
  readonly engine: EngineFace
  readonly daemon: Daemon
  readonly holds: Holds
}

export function openSyncStream(context: StreamContext): SyncStream {
  const { name, params, engine, holds } = context
  const key: StreamKey = { name, params: checkParameters(params) }
  return {
    name,
    params,
    async subscribe(options: SubscribeOptions = {}) {
      const checked = checkSubscribe(options)
      // Two holds of the same name are two holders: the name is for people, the suffix for counting.
      const holder = `${options.holder ?? 'app'}#${randomUUID()}`
      const hold = new Hold(context, key, holder)
      try {
        await coded(engine.subscribe({ ...key, ...checked, holder }))
      } catch (error) {
        hold.end(error)
        throw error
      }
      return hold
    },
    async unsubscribeAll() {
      // The engine takes calls in their order: it knows of these, and of none that comes later.
      const known = holds.of(key)
      await coded(engine.unsubscribeAll(key))
      for (const hold of known) hold.end(unsubscribed())
    },
  }
}

class Hold implements SyncStreamSubscription {
  readonly name: string
  readonly params: StreamParameters
  readonly #context: StreamContext
  readonly #key: StreamKey
  readonly #holder: string
  /** Found once; a stream keeps its id as long as its row lives. */
  #id: number | null = null
  readonly #ended = new AbortController()

  constructor(context: StreamContext, key: StreamKey, holder: string) {
    this.name = context.name
    this.params = context.params
    this.#context = context
    this.#key = key
    this.#holder = holder
    context.holds.add(key, this)
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  get status(): StreamStatus | null {
    const { status } = this.#context.daemon
    const known = this.#id === null ? undefined : status.streams.get(this.#id)
    if (known !== undefined) return known
    const found = findStream(status, this.name, this.params)
    this.#id = found?.id ?? null
    return found
  }

  async waitForFirstSync({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { daemon } = this.#context
    await waitUntil({
      isDone: () => this.#hasSynced(),
      listen: (changed) => daemon.onStatus(changed),
      signals: [signal, this.#ended.signal],
    })
  }

  unsubscribe(): void {
    if (this.#ended.signal.aborted) return
    this.end(unsubscribed())
    // A daemon that is closed or broken holds nothing any more.
    this.#context.engine.release(this.#key, this.#holder).catch(() => undefined)
  }

  end(reason: unknown): void {
    this.#context.holds.delete(this.#key, this)
    this.#ended.abort(reason)
  }

  /** Throws when nobody can bring it any more. */
  #hasSynced(): boolean {
    const { status } = this
    // Its row was there before the hold was.
    if (status === null) throw unsubscribed()
    return status.lastSyncedAt !== null
  }
}

function unsubscribed(): DaemonError {
  return new DaemonError('unsubscribed', 'The stream was unsubscribed before its first sync.')
}

/** A stream in the app's hands: holds on it, and what is known of it. */
import { randomUUID } from 'node:crypto'
import type { EngineFace } from '../engine/face.ts'
import type { StreamParameters } from '../status/parameters.ts'
import { findStream } from '../status/read.ts'
import type { StreamStatus } from '../status/status.ts'
import { coded } from './coded.ts'
import { DaemonError } from './daemon.ts'
import type { Daemon, SubscribeOptions, SyncStream, SyncStreamSubscription } from './daemon.ts'
import { checkParameters, checkSubscribe } from './options.ts'
import { waitUntil } from './wait.ts'

interface StreamContext {
  readonly name: string
  readonly params: StreamParameters
  readonly engine: EngineFace
  readonly daemon: Daemon
  /** Aborted, with the reason, when the daemon closes or its engine stops. */
  readonly ended: AbortSignal
}

export function openSyncStream(context: StreamContext): SyncStream {
  const { name, params, engine } = context
  const key = { name, params: checkParameters(params) }
  return {
    name,
    params,
    async subscribe(options: SubscribeOptions = {}) {
      const checked = checkSubscribe(options)
      // Two holds of the same name are two holders: the name is for people, the suffix for counting.
      const holder = `${options.holder ?? 'app'}#${randomUUID()}`
      await coded(engine.subscribe({ ...key, ...checked, holder }))
      return new Hold(context, key.params, holder)
    },
    async unsubscribeAll() {
      await coded(engine.unsubscribeAll(key))
    },
  }
}

class Hold implements SyncStreamSubscription {
  readonly name: string
  readonly params: StreamParameters
  readonly #context: StreamContext
  readonly #canonical: string | null
  readonly #holder: string
  /** Found once; a stream keeps its id as long as its row lives. */
  #id: number | null = null
  readonly #released = new AbortController()

  constructor(context: StreamContext, canonical: string | null, holder: string) {
    this.name = context.name
    this.params = context.params
    this.#context = context
    this.#canonical = canonical
    this.#holder = holder
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
    const { daemon, ended } = this.#context
    await waitUntil({
      isDone: () => this.#hasSynced(),
      listen: (changed) => daemon.onStatus(changed),
      signals: [signal, this.#released.signal, ended],
    })
  }

  unsubscribe(): void {
    if (this.#released.signal.aborted) return
    this.#released.abort(unsubscribed())
    const { name, engine } = this.#context
    // A daemon that is closed or broken holds nothing any more.
    engine.release({ name, params: this.#canonical }, this.#holder).catch(() => undefined)
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

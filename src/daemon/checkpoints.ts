/** Checkpoint requests: ids that the service was asked for, and those that applied checkpoints have carried. */
import type { CheckpointRequest } from './daemon.ts'
import { Listeners } from './listeners.ts'
import { waitUntil } from './wait.ts'

export class Checkpoints {
  /** Ids grow, so the highest stands for all below it. */
  #reached = 0n
  readonly #listeners = new Listeners<bigint>()

  /** An applied checkpoint carried this id. */
  reach(id: bigint): void {
    if (id <= this.#reached) return
    this.#reached = id
    this.#listeners.tell(id)
  }

  /** `ended` aborts when the daemon closes or its engine stops. */
  requested(id: bigint, ended: AbortSignal): CheckpointRequest {
    const isDone = () => this.#reached >= id
    return {
      id,
      get hasSynced() {
        return isDone()
      },
      waitForSync: ({ signal } = {}) =>
        waitUntil({ isDone, listen: (changed) => this.#listeners.add(changed), signals: [ended, signal] }),
    }
  }
}

/**
 * Which tables changed: one watch for the document, shared by all of its queries.
 */
import { keepSubscribed, type Lasting, type Observer } from './lasting.ts'

export type WatchTables = (observer: Observer<readonly string[]>) => { unsubscribe(): void }

/** Names of the tables that changed, or null: any may have, for changes may have been missed. */
export type ChangedTables = readonly string[] | null

export class TableChanges {
  readonly #listeners = new Set<(tables: ChangedTables) => void>()
  readonly #watch: Lasting

  constructor(watch: WatchTables) {
    this.#watch = keepSubscribed<readonly string[]>((observer) => watch(observer), {
      onData: (tables) => this.tell(tables),
    })
  }

  onChange(listener: (tables: ChangedTables) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(tables: ChangedTables): void {
    for (const listener of this.#listeners) listener(tables)
  }

  close(): void {
    this.#watch.stop()
  }
}

/**
 * Which tables changed: one watch for the document, shared by all of its queries.
 */
import type { TablesMessage } from '../watch-tables.ts'
import { keepWatching, type AckedSource } from './acked.ts'
import type { Lasting } from './lasting.ts'

/** Names of the tables that changed, or null: any may have, for changes may have been missed. */
export type ChangedTables = readonly string[] | null

export class TableChanges {
  readonly #listeners = new Set<(tables: ChangedTables) => void>()
  readonly #watch: Lasting

  constructor(
    watch: Pick<AckedSource<TablesMessage>, 'open' | 'ack'>,
    onRefused: (error: unknown) => void = () => {},
  ) {
    this.#watch = keepWatching<TablesMessage>(
      { ...watch, sequenceOf: ([sequence]) => sequence, beginsAnew: ([, tables]) => tables === null },
      { onData: ([, tables]) => this.tell(tables), onRefused },
    )
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

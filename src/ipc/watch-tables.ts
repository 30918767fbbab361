/** One document's watch of the tables: the names of those that changed, each once a message. */
import type { Daemon } from '../daemon/daemon.ts'
import { Flow } from './flow.ts'

/** Null: any table may have changed, for a message was missed. */
export type TablesMessage = [sequence: number, tables: string[] | null]

export class TablesWatch {
  readonly flow: Flow
  readonly #daemon: Pick<Daemon, 'onTables'>
  #waiting: Set<string> | null = new Set()
  #end = () => {}

  constructor(daemon: Pick<Daemon, 'onTables'>, interval: number, send: (message: TablesMessage) => void) {
    this.#daemon = daemon
    this.flow = new Flow({
      interval,
      send: (sequence) => {
        const tables = this.#waiting
        this.#waiting = new Set()
        send([sequence, tables === null ? null : [...tables]])
      },
      onLost: () => {
        this.#waiting = null
        this.flow.due()
      },
    })
  }

  start(): void {
    this.#end = this.#daemon.onTables((tables) => {
      for (const table of tables) this.#waiting?.add(table)
      this.flow.due()
    })
  }

  stop(): void {
    this.#end()
  }
}

/** A machine and a database driven by hand: what the engine does, without threads, clocks and sockets. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Turns } from '../../src/engine/turn.ts'
import type { Schema } from '../../src/schema/schema.ts'
import { applyDelta } from '../../src/status/delta.ts'
import { EMPTY_STATUS } from '../../src/status/status.ts'
import type { Status } from '../../src/status/status.ts'
import { openStorage } from '../../src/storage/open.ts'
import { openReader } from '../../src/storage/reader.ts'
import type { Storage } from '../../src/storage/storage.ts'
import type { OutwardCommand, StreamOptions, SyncEvent } from '../../src/sync/event.ts'
import { decodeLine } from '../../src/wire/decode.ts'
import type { Payload } from '../../src/wire/line.ts'

export const defaultOptions: StreamOptions = { parameters: {}, appMetadata: {}, includeDefaults: true }

export class Session implements Disposable {
  readonly path: string
  readonly outward: OutwardCommand[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'headwater-test-'))
  readonly #storage: Storage
  readonly #turns: Turns
  status: Status = EMPTY_STATUS
  generation = 0
  now = 1_772_000_000_000

  constructor(schema: Schema = { tables: {} }) {
    this.path = join(this.#folder, 'test.db')
    this.#storage = openStorage({ path: this.path, schema })
    this.#turns = new Turns(this.#storage)
    this.act({ kind: 'loaded', loaded: this.#storage.load() })
  }

  connect(options: Partial<StreamOptions> = {}): void {
    this.act({ kind: 'started', now: this.now, options: { ...defaultOptions, ...options } })
  }

  /** Decode and take one line, in a turn of its own. */
  line(payload: Payload | object): void {
    const raw =
      typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload)
    this.act({ kind: 'line', generation: this.generation, line: decodeLine(raw), now: this.now, random: 0.5 })
  }

  act(...events: SyncEvent[]): void {
    for (const command of this.#turns.run(events).outward) {
      this.outward.push(command)
      if (command.do === 'open') this.generation = command.generation
      if (command.do === 'report') this.status = applyDelta(this.status, command.delta)
    }
  }

  /** The commands of this kind so far, oldest first. */
  did<D extends OutwardCommand['do']>(kind: D): Extract<OutwardCommand, { do: D }>[] {
    return this.outward.filter(
      (command): command is Extract<OutwardCommand, { do: D }> => command.do === kind,
    )
  }

  query(sql: string): readonly Readonly<Record<string, unknown>>[] {
    const reader = openReader(this.path)
    try {
      return reader.query(sql, {})
    } finally {
      reader.close()
    }
  }

  [Symbol.dispose](): void {
    this.#storage.close()
    rmSync(this.#folder, { recursive: true })
  }
}

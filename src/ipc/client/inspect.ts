/** What an inspector watches besides the status. Each watch lives only while somebody listens. */
import type { LogLine } from '../../daemon/daemon.ts'
import type { LogMessage } from '../inspect.ts'
import type { MeterMessage, MeterRow } from '../meter.ts'
import { keepWatching, type AckedSource } from './acked.ts'
import type { Lasting } from './lasting.ts'
import { Cell, type Readable } from './readable.ts'

/** The lines from now on, in order. `dropped`: so many were left out before them. Returns the way to stop. */
export function watchLogs(
  source: Pick<AckedSource<LogMessage>, 'open' | 'ack'>,
  listener: (lines: readonly LogLine[], dropped: number) => void,
  onRefused: (error: unknown) => void = () => {},
): () => void {
  const watch = keepWatching<LogMessage>(
    { ...source, sequenceOf: ({ sequence }) => sequence, beginsAnew: () => true },
    { onData: ({ lines, dropped }) => listener(lines, dropped), onRefused },
  )
  return () => watch.stop()
}

/** The meter's rows, counted from when somebody began to read. Rows that do not change keep their identity. */
export class MeterStore implements Readable<readonly MeterRow[]> {
  readonly #source: Pick<AckedSource<MeterMessage>, 'open' | 'ack'>
  readonly #onRefused: (error: unknown) => void
  readonly #cell = new Cell<readonly MeterRow[]>([])
  #rows = new Map<string, MeterRow>()
  #watch: Lasting | null = null
  #readers = 0

  constructor(
    source: Pick<AckedSource<MeterMessage>, 'open' | 'ack'>,
    onRefused: (error: unknown) => void = () => {},
  ) {
    this.#source = source
    this.#onRefused = onRefused
  }

  readonly getSnapshot = this.#cell.getSnapshot

  readonly subscribe = (listener: () => void): (() => void) => {
    const unsubscribe = this.#cell.subscribe(listener)
    if (this.#readers++ === 0) this.#begin()
    return () => {
      unsubscribe()
      if (--this.#readers === 0) this.close()
    }
  }

  close(): void {
    this.#watch?.stop()
  }

  #begin(): void {
    this.#watch = keepWatching<MeterMessage>(
      { ...this.#source, sequenceOf: ({ sequence }) => sequence, beginsAnew: ({ whole }) => whole },
      { onData: (message) => this.#take(message), onRefused: this.#onRefused },
    )
  }

  #take({ whole, rows, gone }: MeterMessage): void {
    if (whole) this.#rows = new Map()
    for (const [key, { document }] of this.#rows) if (gone.includes(document)) this.#rows.delete(key)
    for (const row of rows) this.#rows.set(`${row.document} ${row.procedure}`, row)
    this.#cell.set([...this.#rows.values()])
  }
}

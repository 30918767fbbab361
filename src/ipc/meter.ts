/**
 * What crosses to the windows, counted by document and procedure: messages, and bytes of their payloads as JSON.
 *
 * Invariant: nothing is counted, and so nothing measured, while nobody looks; a document's counts go with it.
 */
import { encode } from './codec.ts'
import type { DocumentState } from './document-state.ts'
import type { WindowRole } from './window.ts'

export interface Counts {
  messagesIn: number
  bytesIn: number
  messagesOut: number
  bytesOut: number
}

/** One document's use of one procedure. */
export interface MeterRow extends Readonly<Counts> {
  /** Names the document: another one after a reload. */
  readonly document: string
  readonly window: string
  readonly role: WindowRole
  readonly procedure: string
  /** Messages of its watches that are not acknowledged: one a watch at most. */
  readonly unacknowledged: number
  /** Changes that went with another one's message, since its watches began. */
  readonly coalesced: number
}

export interface MeterMessage {
  readonly sequence: number
  /** What was told before does not count any more. */
  readonly whole: boolean
  /** Those that changed since the last message; all when it is whole. */
  readonly rows: readonly MeterRow[]
  /** Documents that ended. */
  readonly gone: readonly string[]
}

/** The meter does not count itself: it would never come to rest. */
const uncounted: ReadonlySet<string> = new Set(['inspect.meter', 'inspect.ack'])

export class Meter {
  /** Documents that have a live subscription. */
  readonly #documents = new Set<DocumentState>()
  #readers = 0

  /** Called when a document's first subscription begins, and when its last has ended. */
  admit(document: DocumentState): void {
    this.#documents.add(document)
  }

  dismiss(document: DocumentState): void {
    this.#documents.delete(document)
    document.counts.clear()
  }

  count(document: DocumentState, procedure: string, direction: 'in' | 'out', payload: unknown): void {
    if (this.#readers === 0 || uncounted.has(procedure) || !this.#documents.has(document)) return
    const counts = document.counts.get(procedure) ?? {
      messagesIn: 0,
      bytesIn: 0,
      messagesOut: 0,
      bytesOut: 0,
    }
    document.counts.set(procedure, counts)
    const bytes = sizeOf(payload)
    if (direction === 'in') {
      counts.messagesIn++
      counts.bytesIn += bytes
    } else {
      counts.messagesOut++
      counts.bytesOut += bytes
    }
  }

  /** Count from now on. */
  open(): MeterReading {
    this.#readers++
    return new MeterReading(
      () => this.#rows(),
      () => {
        if (--this.#readers === 0) for (const { counts } of this.#documents) counts.clear()
      },
    )
  }

  *#rows(): Iterable<MeterRow> {
    for (const document of this.#documents) {
      const { id, name, role } = document.window
      for (const procedure of new Set([...document.counts.keys(), ...document.watchedProcedures()])) {
        if (uncounted.has(procedure)) continue
        const counts = document.counts.get(procedure)
        yield {
          document: id,
          window: name,
          role,
          procedure,
          messagesIn: counts?.messagesIn ?? 0,
          bytesIn: counts?.bytesIn ?? 0,
          messagesOut: counts?.messagesOut ?? 0,
          bytesOut: counts?.bytesOut ?? 0,
          ...document.flowOf(procedure),
        }
      }
    }
  }
}

function sizeOf(payload: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(encode(payload)) ?? '')
  } catch {
    return 0 // It has no encoding, and is refused elsewhere.
  }
}

/** What one reader of the meter has been told. */
export class MeterReading {
  readonly #rows: () => Iterable<MeterRow>
  readonly close: () => void
  #told: ReadonlyMap<string, MeterRow> = new Map()
  #isWhole = true

  constructor(rows: () => Iterable<MeterRow>, close: () => void) {
    this.#rows = rows
    this.close = close
  }

  /** Everything is told anew. */
  forget(): void {
    this.#told = new Map()
    this.#isWhole = true
  }

  /** Whether `next` would tell anything. */
  hasNews(): boolean {
    const { rows, gone } = this.#news(this.#read())
    return rows.length + gone.length > 0
  }

  /** What changed since the last call. */
  next(): Omit<MeterMessage, 'sequence'> {
    const now = this.#read()
    const news = this.#news(now)
    const whole = this.#isWhole
    this.#told = now
    this.#isWhole = false
    return { whole, ...news }
  }

  #read(): ReadonlyMap<string, MeterRow> {
    return new Map(Array.from(this.#rows(), (row) => [`${row.document} ${row.procedure}`, row]))
  }

  #news(now: ReadonlyMap<string, MeterRow>): Pick<MeterMessage, 'rows' | 'gone'> {
    const rows = [...now].filter(([key, row]) => !isSame(this.#told.get(key), row)).map(([, row]) => row)
    const gone = documentsOf(this.#told)
    for (const document of documentsOf(now)) gone.delete(document)
    return { rows, gone: [...gone] }
  }
}

function documentsOf(rows: ReadonlyMap<string, MeterRow>): Set<string> {
  return new Set(Array.from(rows.values(), ({ document }) => document))
}

function isSame(a: MeterRow | undefined, b: MeterRow): boolean {
  return a !== undefined && (Object.keys(b) as (keyof MeterRow)[]).every((key) => a[key] === b[key])
}

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
    const counts = document.countsOf(procedure)
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
    return new MeterReading(this.#documents, () => {
      if (--this.#readers === 0) for (const { counts } of this.#documents) counts.clear()
    })
  }
}

const NOTHING: Counts = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 }

function rowsOf(document: DocumentState): ReadonlyMap<string, MeterRow> {
  const { id, name, role } = document.window
  const procedures = new Set([...document.counts.keys(), ...document.watchedProcedures()])
  const rows = new Map<string, MeterRow>()
  for (const procedure of procedures) {
    if (uncounted.has(procedure)) continue
    const counts = document.counts.get(procedure) ?? NOTHING
    rows.set(procedure, {
      document: id,
      window: name,
      role,
      procedure,
      ...counts,
      ...document.flowOf(procedure),
    })
  }
  return rows
}

function sizeOf(payload: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(encode(payload)) ?? '')
  } catch {
    return 0 // It has no encoding, and is refused elsewhere.
  }
}

interface Told {
  readonly version: number
  readonly rows: ReadonlyMap<string, MeterRow>
}

/** What one reader of the meter has been told. Only documents that changed since then are looked at again. */
export class MeterReading {
  readonly #documents: ReadonlySet<DocumentState>
  readonly close: () => void
  #told = new Map<DocumentState, Told>()
  #isWhole = true

  constructor(documents: ReadonlySet<DocumentState>, close: () => void) {
    this.#documents = documents
    this.close = close
  }

  /** Everything is told anew. */
  forget(): void {
    this.#told = new Map()
    this.#isWhole = true
  }

  /** Whether `next` may tell anything. */
  hasNews(): boolean {
    // A document that went makes the numbers differ, or came with another one, which was not told.
    if (this.#told.size !== this.#documents.size) return true
    for (const document of this.#documents) {
      if (this.#told.get(document)?.version !== document.version) return true
    }
    return false
  }

  /** What changed since the last call. */
  next(): Omit<MeterMessage, 'sequence'> {
    const whole = this.#isWhole
    this.#isWhole = false
    const gone = [...this.#told.keys()].filter((document) => !this.#documents.has(document))
    for (const document of gone) this.#told.delete(document)
    const rows: MeterRow[] = []
    for (const document of this.#documents) {
      const before = this.#told.get(document)
      const { version } = document
      if (before?.version === version) continue
      const now = rowsOf(document)
      this.#told.set(document, { version, rows: now })
      for (const [procedure, row] of now) if (!isSame(before?.rows.get(procedure), row)) rows.push(row)
    }
    return { whole, rows, gone: gone.map(({ window }) => window.id) }
  }
}

function isSame(a: MeterRow | undefined, b: MeterRow): boolean {
  return a !== undefined && (Object.keys(b) as (keyof MeterRow)[]).every((key) => a[key] === b[key])
}

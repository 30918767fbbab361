/**
 * The journal of a service with a directory: one file of JSON lines, a header and then, in order, every commit
 * and every write checkpoint. Replayed over the same base data it gives the same ops with the same ids, so the
 * positions that clients keep stay valid across restarts.
 *
 * Invariants: an entry is written before anyone hears of it. A torn last line is cut off at open, a broken line
 * elsewhere is an error, never a guess.
 *
 * Growth: a file that has grown by more than 8 MiB is rewritten at the next start. The new file keeps what
 * people wrote (the last version of each row that an upload touched, and which uploads are known), drops what
 * the simulation made up, and counts the generation up, so clients download all buckets once.
 */
import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'

import type { RowChange } from './tables.ts'

/** Says which base data the entries build on. */
export interface JournalHeader {
  readonly headwaterDemo: 1
  readonly seed: number
  readonly base: string
  /** The number in front of bucket names. */
  readonly generation: number
  /** Bytes of entries that the last rewrite kept. */
  readonly keptBytes: number
}

export type Author = 'upload' | 'simulation' | 'test'

export type JournalEntry =
  | {
      readonly kind: 'commit'
      readonly by: Author
      readonly changes: readonly RowChange[]
      /** The client's transaction, for an upload. */
      readonly transaction?: { readonly client: string; readonly id: string }
    }
  | {
      readonly kind: 'write_checkpoint'
      readonly userId: string
      readonly clientId: string
      readonly id: string
    }

export interface Journal {
  readonly generation: number
  readonly append: (entry: JournalEntry) => void
  readonly close: () => void
}

export class JournalDamaged extends Error {
  readonly code = 'journal_damaged'
}

const growthBytes = 8 * 1024 * 1024

/** A journal that keeps nothing, for a service without a directory. */
export const noJournal: Journal = { generation: 1, append: () => {}, close: () => {} }

/**
 * Opens or creates the journal in `path`. `expected` is the base that the service has generated; entries over
 * another base are kept like those of a file that grew too large. Throws `JournalDamaged`.
 */
export function openJournal(
  path: string,
  expected: { readonly seed: number; readonly base: string },
): { readonly journal: Journal; readonly entries: readonly JournalEntry[] } {
  const found = readJournal(path)
  if (found === null) return begin(path, { ...expected, generation: 1 }, [])
  const { header } = found
  const sameBase = header.seed === expected.seed && header.base === expected.base
  if (!sameBase || found.bytes > header.keptBytes + growthBytes) {
    const generation = header.generation + 1
    return begin(path, { ...expected, generation }, whatPeopleWrote(found.entries))
  }
  const file = openSync(path, 'r+')
  ftruncateSync(file, found.bytes)
  closeSync(file)
  return { journal: appendTo(path, header.generation), entries: found.entries }
}

function begin(
  path: string,
  base: Pick<JournalHeader, 'seed' | 'base' | 'generation'>,
  entries: readonly JournalEntry[],
) {
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  const header: JournalHeader = { headwaterDemo: 1, ...base, keptBytes: Buffer.byteLength(lines) }
  writeFileSync(`${path}.new`, `${JSON.stringify(header)}\n${lines}`)
  renameSync(`${path}.new`, path)
  return { journal: appendTo(path, base.generation), entries }
}

function appendTo(path: string, generation: number): Journal {
  const file = openSync(path, 'a')
  return {
    generation,
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  }
}

/** Null when there is no journal, or only a torn header. `bytes` is the length up to the last whole line. */
function readJournal(path: string) {
  let content: Buffer
  try {
    content = readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const bytes = content.lastIndexOf(0x0a) + 1
  if (bytes === 0) return null
  const lines = content.toString('utf8', 0, bytes).trimEnd().split('\n')
  const [header, ...entries] = lines.map((line, index): unknown => {
    try {
      return JSON.parse(line)
    } catch (cause) {
      throw new JournalDamaged(`Line ${index + 1} of the demo's journal is not JSON`, { cause })
    }
  })
  if ((header as Partial<JournalHeader> | null)?.headwaterDemo !== 1) {
    throw new JournalDamaged('The file is not a journal of the demo service')
  }
  return { header: header as JournalHeader, entries: entries as JournalEntry[], bytes }
}

/** The rows that uploads touched in their last version, the latest write checkpoints, and the known uploads. */
function whatPeopleWrote(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const theirs = new Set<string>()
  const rows = new Map<string, RowChange>()
  const transactions = new Map<string, JournalEntry>()
  const checkpoints = new Map<string, JournalEntry>()
  for (const entry of entries) {
    switch (entry.kind) {
      case 'write_checkpoint':
        checkpoints.set(JSON.stringify([entry.userId, entry.clientId]), entry)
        break
      case 'commit':
        for (const change of entry.changes) {
          rows.set(`${change.table}/${change.id}`, change)
          if (entry.by !== 'simulation') theirs.add(`${change.table}/${change.id}`)
        }
        if (entry.transaction !== undefined) {
          transactions.set(JSON.stringify(entry.transaction), { ...entry, changes: [] })
        }
        break
    }
  }
  for (const key of theirs) {
    const row = rows.get(key)?.row
    if (key.startsWith('comments/')) theirs.add(`issues/${row?.['issue_id']}`)
  }
  const changes = [...theirs].flatMap((key) => rows.get(key) ?? [])
  return [...transactions.values(), { kind: 'commit', by: 'upload', changes }, ...checkpoints.values()]
}

/** A change that was given up, in words, pure: what somebody wrote stays readable to the last line. */
import { priorityWords, statusWords } from './issue-words.ts'
import { labelsOf } from './rows.ts'

type Value = string | number | bigint | null | undefined
type Values = { readonly [column: string]: Value }

/** An entry of the transaction, as the queue had it. */
export interface GivenUpEntry {
  readonly op: 'PUT' | 'PATCH' | 'DELETE'
  readonly table: string
  readonly rowId: string
  readonly opData: Values | null
  readonly previousValues: Values | null
}

export interface GivenUpLine {
  readonly what: string
  /** What it was before; null where there was nothing, or it is too long to repeat. */
  readonly before: string | null
  /** What was written. */
  readonly text: string
}

/** The lines of all entries; `personName` turns ids into names. */
export function givenUpLines(
  entries: readonly GivenUpEntry[],
  personName: (id: string) => string | null,
): readonly GivenUpLine[] {
  return entries.flatMap(({ op, table, opData, previousValues }) => {
    if (op === 'DELETE') return [{ what: `Delete from ${table}`, before: null, text: '' }]
    return Object.entries(columns).flatMap(([column, shown]) => {
      const value = opData?.[column]
      // A new issue has all its columns; those that nobody filled in are not worth a line.
      if (value === undefined || (op === 'PUT' && String(value ?? '') === '')) return []
      const words = (of: Value) => shown.words(of, personName)
      const before = previousValues?.[column]
      const isShort = before !== undefined && String(before).length <= 200
      return [{ what: shown.name, before: isShort ? words(before) : null, text: words(value) }]
    })
  })
}

/** Whether the issue itself was among what was given up: a later change of it does not bring it back. */
export function isOfNewIssue(entries: readonly GivenUpEntry[]): boolean {
  return entries.some(({ op, table }) => op === 'PUT' && table === 'issues')
}

/** For the clipboard. */
export function givenUpText(lines: readonly GivenUpLine[]): string {
  return lines.map(({ what, text }) => `${what}: ${text}`).join('\n')
}

interface Column {
  readonly name: string
  readonly words: (value: Value, personName: (id: string) => string | null) => string
}

const asText = (value: Value) => String(value ?? '')

/** What users write, in the order in which they read it. The others are the app's and the service's own business. */
const columns: { readonly [column: string]: Column } = {
  title: { name: 'Title', words: asText },
  description: { name: 'Description', words: asText },
  body: { name: 'Comment', words: asText },
  status: { name: 'Status', words: (value) => statusWords(asText(value)) },
  priority: { name: 'Priority', words: (value) => priorityWords(Number(value)) },
  labels: { name: 'Labels', words: (value) => labelsOf(asText(value)).join(', ') || 'none' },
  assignee_id: {
    name: 'Assignee',
    words: (value, personName) =>
      value == null ? 'nobody' : (personName(asText(value)) ?? 'somebody who is not here'),
  },
}

/** The upload queue in words, pure. */
import type { QueuedChange } from '../../src/ipc/client/index.ts'
import type { Status } from '../../src/status/status.ts'
import { number } from '../parts/Bar.tsx'
import type { Tone } from '../parts/connection-words.ts'
import { secondsUntil } from '../parts/time.ts'

export interface QueueState {
  readonly tone: Tone
  /** `Idle`, `Uploading`, `Waiting`, `Held`, `Stopped`. */
  readonly label: string
  /** Why, or what comes next; null when the label says it all. */
  readonly text: string | null
  /** Whether asking for another attempt now changes anything. */
  readonly canRetry: boolean
}

/** What the upload loop does. */
export function queueState(
  { connection, upload }: Pick<Status, 'connection' | 'upload'>,
  now: number,
): QueueState {
  const { entries, uploading, retryAt, heldTransaction } = upload
  if (heldTransaction !== null) {
    const text = `The back end rejects transaction ${heldTransaction}. It and all behind it wait for a decision.`
    return { tone: 'bad', label: 'Held', text, canRetry: true }
  }
  if (uploading) return { tone: 'busy', label: 'Uploading', text: null, canRetry: false }
  if (retryAt !== null) {
    const seconds = secondsUntil(retryAt, now)
    const next = seconds === 0 ? 'trying now' : `next try in ${seconds} s`
    const text = entries === 0 ? `All is uploaded, but its write checkpoint is missing: ${next}` : next
    return { tone: 'bad', label: 'Waiting', text, canRetry: true }
  }
  if (entries === 0) return { tone: 'good', label: 'Idle', text: null, canRetry: false }
  if (connection.state === 'offline') {
    return { tone: 'off', label: 'Stopped', text: 'Uploads go on with the next connection.', canRetry: false }
  }
  return { tone: 'busy', label: 'Waiting', text: 'for the next upload', canRetry: false }
}

/** `12 changes in 3 transactions`. */
export function queueSize({ entries, transactions }: Status['upload']): string {
  return `${count(entries, 'change')} in ${count(transactions, 'transaction')}`
}

/** How many changes of which tables: `issues (2), comments (1)`. */
export function tablesText(entries: readonly Pick<QueuedChange, 'table'>[]): string {
  const counts = new Map<string, number>()
  for (const { table } of entries) counts.set(table, (counts.get(table) ?? 0) + 1)
  return [...counts].map(([table, times]) => `${table} (${number.format(times)})`).join(', ')
}

/** A column that an entry wrote, and what stood there before; null: not known. */
export interface ColumnChange {
  readonly column: string
  readonly before: string | null
  /** Null: the row was deleted, or only the value before is known. */
  readonly written: string | null
}

/** Columns in the order in which they were written. */
export function columnChanges({ opData, previousValues }: QueuedChange): readonly ColumnChange[] {
  const columns = new Set([...Object.keys(opData ?? {}), ...Object.keys(previousValues ?? {})])
  const at = (values: QueuedChange['opData'], column: string) =>
    values === null || !Object.hasOwn(values, column) ? null : valueText(values[column] ?? null)
  return [...columns].map((column) => ({
    column,
    before: at(previousValues, column),
    written: at(opData, column),
  }))
}

/** Columns that one line names; the rest are counted. */
const NAMED = 4

/** `title: "Old" → "New", status: "done"`. */
export function changeText(entry: QueuedChange): string {
  if (entry.op === 'DELETE') return 'the row is deleted'
  const changes = columnChanges(entry).filter(({ written }) => written !== null)
  const named = changes.slice(0, NAMED).map(({ column, before, written }) => {
    const values = [before, written].filter((value) => value !== null)
    return `${column}: ${values.join(' → ')}`
  })
  if (changes.length > NAMED) named.push(`${changes.length - NAMED} more`)
  return named.length === 0 ? 'no columns' : named.join(', ')
}

export function count(amount: number, unit: string): string {
  return `${number.format(amount)} ${unit}${amount === 1 ? '' : 's'}`
}

function valueText(value: string | number | bigint | null): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

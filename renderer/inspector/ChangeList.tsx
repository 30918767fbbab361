/** Changes in short, for a question about them. */
import type { QueuedChange } from '../../src/ipc/client/index.ts'
import { changeText, count } from './queue-words.ts'

/** Changes that are listed; the rest are counted. */
const LISTED = 6

export interface ChangeListProps {
  readonly entries: readonly QueuedChange[]
  /** Whether these are all. */
  readonly isWhole: boolean
}

export function ChangeList({ entries, isWhole }: ChangeListProps) {
  const more = entries.length - LISTED
  return (
    <ul className="change-list">
      {entries.slice(0, LISTED).map((entry) => (
        <li key={entry.id}>
          <Op op={entry.op} /> {entry.table} <code>{entry.rowId}</code>
          <span className="change-list-values">{changeText(entry)}</span>
        </li>
      ))}
      {more > 0 && (
        <li>
          and {!isWhole && 'at least '}
          {count(more, 'more change')}
        </li>
      )}
    </ul>
  )
}

export function Op({ op }: { readonly op: QueuedChange['op'] }) {
  return (
    <span className="op" data-op={op}>
      {op}
    </span>
  )
}

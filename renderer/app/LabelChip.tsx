/** A label, with its colour as a drop. */
import { useRows } from './rows.ts'

export function LabelChip({ name }: { readonly name: string }) {
  const { rows: labels } = useRows('labels')
  const label = labels.find((row) => row.name === name)
  // Before the labels have been read nothing is known of its colour.
  const unknown = labels.length === 0 ? 'transparent' : 'var(--ink-faint)'
  return (
    <span className="label" style={{ '--label': label?.color ?? unknown }}>
      {name}
    </span>
  )
}

/** A label, with its colour as a drop. */
import { useRows } from './rows.ts'

export function LabelChip({ name }: { readonly name: string }) {
  const label = useRows('labels').rows.find((row) => row.name === name)
  return (
    <span className="label" style={{ '--label': label?.color ?? 'var(--ink-faint)' }}>
      {name}
    </span>
  )
}

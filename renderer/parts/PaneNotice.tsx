/** A line above a list that qualifies what it shows. */
import type { ReactNode } from 'react'

export function PaneNotice({ children }: { readonly children: ReactNode }) {
  return (
    <p className="pane-notice" role="status">
      {children}
    </p>
  )
}

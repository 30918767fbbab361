/** The middle of a pane that has no rows: says why, and what happens or can be done next. */
import type { ReactNode } from 'react'
import { Ripples } from './icons.tsx'

export interface BlankProps {
  readonly title: string
  readonly text?: string | null
  /** Something is on its way: the picture moves. */
  readonly busy?: boolean
  readonly children?: ReactNode
}

export function Blank({ title, text = null, busy = false, children }: BlankProps) {
  return (
    <div className="blank" data-busy={busy || undefined}>
      <Ripples />
      {/* What moves, such as a bar, stays out of what is read aloud. */}
      <div role="status">
        <p className="blank-title">{title}</p>
        {text !== null && <p className="blank-text">{text}</p>}
      </div>
      {children}
    </div>
  )
}

/** What all panels share: a heading for those who cannot see the tabs, a line of tools, and the rest below. */
import type { ReactNode } from 'react'

export interface PanelProps {
  readonly title: string
  readonly tools: ReactNode
  readonly children: ReactNode
}

export function Panel({ title, tools, children }: PanelProps) {
  return (
    <div className="panel">
      <h2 className="visually-hidden">{title}</h2>
      <div className="panel-tools">{tools}</div>
      {children}
    </div>
  )
}

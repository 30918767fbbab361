/** The search of a panel: `/` leads to it, arrow down and Escape to the table. */
import { Search } from '../parts/Search.tsx'
import { focusOn } from './shortcuts.ts'

export interface PanelSearchProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

export function PanelSearch(props: PanelSearchProps) {
  return <Search {...props} onLeave={() => focusOn('table')} shortcut="/" focusName="search" />
}

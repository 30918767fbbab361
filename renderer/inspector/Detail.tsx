/** What stands beside a table when one of its rows is chosen. */
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { CloseIcon } from '../parts/icons.tsx'
import { focusOn } from './shortcuts.ts'

export interface DetailProps {
  readonly title: ReactNode
  /** For screen readers. */
  readonly label: string
  readonly onClose: () => void
  readonly children: ReactNode
}

export function Detail({ title, label, onClose, children }: DetailProps) {
  const close = () => {
    onClose()
    focusOn('table')
  }
  return (
    <aside className="detail-pane" aria-label={label}>
      <header className="message-header">
        <h3 className="message-title">{title}</h3>
        <Button className="icon-button" aria-label="Close" onPress={close}>
          <CloseIcon />
        </Button>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <div className="detail-body" tabIndex={0} role="group" aria-label={label}>
        {children}
      </div>
    </aside>
  )
}

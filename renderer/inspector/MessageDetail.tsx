/** One status message: as it was sent, and the whole status after it, with what it changed marked. */
import { useMemo } from 'react'
import { Button } from 'react-aria-components'
import { bytesInWords } from '../parts/bytes.ts'
import { CloseIcon } from '../parts/icons.tsx'
import type { HeardMessage } from './records.ts'
import { focusOn } from './shortcuts.ts'
import { ValueTree } from './ValueTree.tsx'
import { jsonBytes } from './value-tree.ts'

export interface MessageDetailProps {
  readonly message: HeardMessage
  readonly onClose: () => void
}

export function MessageDetail({ message, onClose }: MessageDetailProps) {
  const { heard, before, words } = message
  const whole = useMemo(() => jsonBytes(heard.status), [heard.status])
  const close = () => {
    onClose()
    focusOn('table')
  }
  return (
    <aside className="message" aria-label={`Message ${heard.sequence}`} data-testid="message-detail">
      <header className="message-header">
        <h3 className="message-title">
          {heard.kind === 'snapshot' ? 'Snapshot' : 'Delta'} {heard.sequence}{' '}
          <span className="count">of run {heard.epoch.slice(0, 8)}</span>
        </h3>
        <Button className="icon-button" aria-label="Close the message" onPress={close}>
          <CloseIcon />
        </Button>
      </header>
      <p className="message-words">{words}</p>
      <h4 className="message-part">
        As it was sent <span className="count">{bytesInWords(heard.bytes)}</span>
      </h4>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <pre className="wire" tabIndex={0} aria-label="The message as JSON">
        {JSON.stringify(heard.wire)}
      </pre>
      <h4 className="message-part">
        The status after it <span className="count">{bytesInWords(whole)} as JSON</span>
      </h4>
      <ValueTree
        label="The status after the message"
        value={heard.status}
        before={heard.kind === 'delta' ? before : heard.status}
      />
    </aside>
  )
}

/** Whether the sync is connected, why not, and when it tries again; with the button that ends a wait. */
import { Button } from 'react-aria-components'
import type { LinkState } from '../../src/ipc/client/index.ts'
import { useLink, useStatus } from '../../src/ipc/client/react.tsx'
import type { Status } from '../../src/status/status.ts'
import { useClock } from './clock.ts'
import { connectionWords } from './connection-words.ts'
import { useOnline } from './online.ts'

export function Connection() {
  const link = useLink()
  const connection = useStatus((status) => status.connection)
  const now = useClock((time) => time)
  const { goOnline } = useOnline()
  const { tone, label, reason, next } = connectionWords(link, connection, now)
  const canConnect = link === 'open' && (connection.state === 'offline' || connection.state === 'waiting')
  return (
    <div className="connection" data-tone={tone}>
      <span className="drop" aria-hidden="true" />
      {/* The countdown stays out of the live region: nobody wants to hear every second. */}
      <span role="status" className="connection-words">
        <span
          className="connection-label"
          data-testid="connection-state"
          data-state={stateName(link, connection)}
        >
          {label}
        </span>
        {reason !== null && <span className="connection-reason">{reason}</span>}
      </span>
      {next !== null && <span className="connection-next">{next}</span>}
      {canConnect && (
        <Button className="button button-small" onPress={goOnline}>
          {connection.state === 'offline' ? 'Go online' : 'Try now'}
        </Button>
      )}
    </div>
  )
}

/** For tests and style sheets: the link's state while it is not open, else the sync's. */
function stateName(link: LinkState, { state }: Status['connection']): string {
  return link === 'open' ? state : link
}

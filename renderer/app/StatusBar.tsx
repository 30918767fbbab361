/** What the sync is doing, in one line at the foot of the window: connection, downloads, and when it last synced. */
import { Button } from 'react-aria-components'
import { useLink, useStatus } from '../../src/ipc/client/react.tsx'
import { FULL_SYNC, type Status } from '../../src/status/status.ts'
import { Bar } from '../parts/Bar.tsx'
import { useClock } from '../parts/clock.ts'
import { ago } from '../parts/time.ts'
import { isDownloading, type Downloading } from './downloads.ts'
import { HelpButton } from './HelpButton.tsx'
import { SimulationToggle } from './SimulationToggle.tsx'
import { StreamName } from './StreamName.tsx'
import { StreamsButton } from './StreamsButton.tsx'
import { ThemeToggle } from './ThemeToggle.tsx'
import { useOnline } from './online.ts'
import { connectionWords } from './words.ts'

export function StatusBar() {
  return (
    <footer className="status-bar" data-testid="status-bar" aria-label="Sync status">
      <Connection />
      <Downloads />
      <LastSynced />
      <div className="status-tools">
        <StreamsButton />
        <SimulationToggle />
        <ThemeToggle />
        <HelpButton />
      </div>
    </footer>
  )
}

function Connection() {
  const link = useLink()
  const connection = useStatus((status) => status.connection)
  const now = useClock((time) => time)
  const { goOnline } = useOnline()
  const { tone, label, reason, next } = connectionWords(link, connection, now)
  const canConnect = link === 'open' && (connection.state === 'offline' || connection.state === 'waiting')
  return (
    <div className="connection" data-tone={tone}>
      <span className="connection-dot" aria-hidden="true" />
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
function stateName(link: 'opening' | 'open' | 'lost', { state }: Status['connection']): string {
  return link === 'open' ? state : link
}

const SHOWN = 2

function Downloads() {
  const downloads = useStatus(downloadsOf, sameItems)
  if (downloads.length === 0) return null
  return (
    <div className="downloads">
      {downloads.slice(0, SHOWN).map((stream) => (
        <StreamName key={stream.id} stream={stream}>
          {(name) => <Bar label={name} progress={stream.progress} shape="line" />}
        </StreamName>
      ))}
      {downloads.length > SHOWN && (
        <span className="downloads-more">and {downloads.length - SHOWN} more</span>
      )}
    </div>
  )
}

function LastSynced() {
  const lastSyncedAt = useStatus(lastFullSync)
  const words = useClock((now) =>
    lastSyncedAt === null ? 'Never synced' : `Synced ${ago(lastSyncedAt, now)}`,
  )
  return <span className="last-synced">{words}</span>
}

function lastFullSync({ priorities }: Status): number | null {
  return priorities.find(({ priority }) => priority === FULL_SYNC)?.lastSyncedAt ?? null
}

function downloadsOf({ streams, connection }: Status): readonly Downloading[] {
  return connection.state === 'connected' ? [...streams.values()].filter(isDownloading) : []
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}

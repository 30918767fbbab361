/**
 * What the sync is doing, in one line at the foot of the window: connection, the user's own changes, downloads, and
 * when it last synced.
 */
import { useStatus } from '../../src/ipc/client/react.tsx'
import { FULL_SYNC, type Status } from '../../src/status/status.ts'
import { Bar } from '../parts/Bar.tsx'
import { useClock } from '../parts/clock.ts'
import { Connection } from '../parts/Connection.tsx'
import { KeyboardHelp } from '../parts/KeyboardHelp.tsx'
import { ThemeToggle } from '../parts/ThemeToggle.tsx'
import { ago } from '../parts/time.ts'
import { isDownloading, type Downloading } from './downloads.ts'
import { shortcuts } from './shortcuts.ts'
import { SimulationToggle } from './SimulationToggle.tsx'
import { StreamName } from './StreamName.tsx'
import { StreamsButton } from './StreamsButton.tsx'
import { Uploads } from './Uploads.tsx'

export function StatusBar() {
  return (
    <footer className="status-bar" data-testid="status-bar" aria-label="Sync status">
      <Connection />
      <Uploads />
      <Downloads />
      <LastSynced />
      <div className="status-tools">
        <StreamsButton />
        <SimulationToggle />
        <ThemeToggle />
        <KeyboardHelp shortcuts={shortcuts} />
      </div>
    </footer>
  )
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

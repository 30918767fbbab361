/** What the sync is doing, above all panels: the connection, the download, and when each priority last synced. */
import { useSyncExternalStore } from 'react'
import { Button } from 'react-aria-components'
import { useClient, useLink, useStatus } from '../../src/ipc/client/react.tsx'
import { FULL_SYNC, type PriorityStatus } from '../../src/status/status.ts'
import { Bar } from '../parts/Bar.tsx'
import { useClock } from '../parts/clock.ts'
import { Connection } from '../parts/Connection.tsx'
import { KeyboardHelp } from '../parts/KeyboardHelp.tsx'
import logo from '../parts/headwater.svg'
import { useOnline } from '../parts/online.ts'
import { ThemeToggle } from '../parts/ThemeToggle.tsx'
import { ago, exactly } from '../parts/time.ts'
import { usePlace } from './place.ts'
import { shortcuts } from './shortcuts.ts'

export function Overview() {
  return (
    <header className="overview">
      <div className="overview-line">
        <img src={logo} alt="" width="22" height="22" />
        <h1 className="overview-title">Sync Inspector</h1>
        <Connection />
        <div className="overview-tools">
          <OfflineButton />
          <ThemeToggle />
          <KeyboardHelp shortcuts={shortcuts} />
        </div>
      </div>
      <div className="overview-line overview-facts">
        <LastSyncs />
        <Refusal />
        <Errors />
        <Download />
      </div>
    </header>
  )
}

/** Going online is offered beside the connection's state. */
function OfflineButton() {
  const link = useLink()
  const isOffline = useStatus((status) => status.connection.state === 'offline')
  const { goOffline } = useOnline()
  if (isOffline || link !== 'open') return null
  return (
    <Button className="button button-small" onPress={goOffline}>
      Go offline
    </Button>
  )
}

function LastSyncs() {
  const priorities = useStatus((status) => status.priorities)
  return (
    <dl className="syncs" aria-label="Last synced" data-testid="last-syncs">
      {priorities.length === 0 && (
        <div className="sync">
          <dt>Never synced</dt>
        </div>
      )}
      {[...priorities].reverse().map((synced) => (
        <LastSync key={synced.priority} {...synced} />
      ))}
    </dl>
  )
}

function LastSync({ priority, lastSyncedAt }: PriorityStatus) {
  const age = useClock((now) => ago(lastSyncedAt, now))
  return (
    <div className="sync">
      <dt>{priority === FULL_SYNC ? 'All synced' : `Priority ${priority}`}</dt>
      <dd title={exactly(lastSyncedAt)}>{age}</dd>
    </div>
  )
}

/** A panel that is not allowed to watch would stay empty without a word. */
function Refusal() {
  const { refusal } = useClient()
  const refused = useSyncExternalStore(refusal.subscribe, refusal.getSnapshot)
  if (refused === null) return null
  return (
    <p className="overview-error" role="alert">
      This window may not watch everything: {refused.message} <code>{refused.code}</code>
    </p>
  )
}

function Errors() {
  const download = useStatus((status) => status.downloadError)
  const upload = useStatus((status) => status.uploadError)
  // The panel of the uploads says it itself.
  const isSaid = usePlace().panel === 'uploads'
  return (
    <>
      {download !== null && (
        <p className="overview-error">
          Download: {download.message} <code>{download.code}</code>
        </p>
      )}
      {upload !== null && !isSaid && (
        <p className="overview-error">
          Upload: {upload.message} <code>{upload.code}</code>
        </p>
      )}
    </>
  )
}

function Download() {
  const downloading = useStatus((status) => status.downloading)
  // Of nothing when a checkpoint only waits for the user's own changes to be sent.
  if (downloading === null || downloading.total === 0) return null
  const parts = downloading.byPriority.filter(({ downloaded, total }) => downloaded < total)
  return (
    <div className="overview-download" data-testid="download">
      <Bar label="Downloading" progress={downloading} shape="line" />
      {parts.length > 0 && downloading.byPriority.length > 1 && (
        <span className="overview-parts">
          {parts.map(({ priority, total, downloaded }) => (
            <span key={priority}>
              priority {priority}: {Math.floor((100 * downloaded) / total)} %
            </span>
          ))}
        </span>
      )}
    </div>
  )
}

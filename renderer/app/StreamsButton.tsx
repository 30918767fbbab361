/** Every stream that this computer knows, with its state; and the switch between online and offline. */
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components'
import { useStatus } from '../../src/ipc/client/react.tsx'
import type { StreamStatus } from '../../src/status/status.ts'
import { Bar, number } from '../parts/Bar.tsx'
import { useClock } from '../parts/clock.ts'
import { StreamsIcon } from '../parts/icons.tsx'
import { useOnline } from '../parts/online.ts'
import { ago } from '../parts/time.ts'
import { isDownloading } from './downloads.ts'
import { StreamName } from './StreamName.tsx'

export function StreamsButton() {
  const count = useStatus((status) => status.streams.size)
  return (
    <DialogTrigger>
      <Button className="tool" aria-label={`Streams: ${count}`}>
        <StreamsIcon />
        <span className="tool-count">{number.format(count)}</span>
      </Button>
      <Popover className="popover" placement="top end">
        <Dialog className="dialog streams">
          <Heading slot="title" className="dialog-title">
            Streams on this computer
          </Heading>
          <StreamItems />
          <OnlineSwitch />
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}

function StreamItems() {
  const streams = useStatus((status) => status.streams)
  if (streams.size === 0) return <p className="dialog-text">None yet: they come with the first connection.</p>
  return (
    <ul className="stream-list">
      {[...streams.values()].sort(byImportance).map((stream) => (
        <li key={stream.id} className="stream">
          <StreamName stream={stream}>{(name) => <StreamItem name={name} stream={stream} />}</StreamName>
        </li>
      ))}
    </ul>
  )
}

function StreamItem({ name, stream }: { readonly name: string; readonly stream: StreamStatus }) {
  const words = useClock((now) =>
    stream.lastSyncedAt === null ? 'never synced' : `synced ${ago(stream.lastSyncedAt, now)}`,
  )
  if (isDownloading(stream)) return <Bar label={name} progress={stream.progress} />
  return (
    <>
      <span className="stream-name">{name}</span>
      <span className="stream-age">{words}</span>
      {stream.error !== null && <span className="stream-error">{stream.error.message}</span>}
      {stream.error === null && !isUsed(stream) && <span className="stream-kept">{keptWords(stream)}</span>}
    </>
  )
}

function OnlineSwitch() {
  const { goOnline, goOffline } = useOnline()
  const isOffline = useStatus((status) => status.connection.state === 'offline')
  return (
    <div className="dialog-actions">
      {isOffline ? (
        <Button className="button" onPress={goOnline}>
          Go online
        </Button>
      ) : (
        <Button className="button" onPress={goOffline}>
          Work offline
        </Button>
      )}
    </div>
  )
}

function isUsed({ isDefault, holders }: StreamStatus): boolean {
  return isDefault || holders.length > 0
}

const clockTime = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' })

function keptWords({ expiresAt }: StreamStatus): string {
  return expiresAt === null ? 'kept' : `not open, kept until ${clockTime.format(expiresAt)}`
}

/** Downloads first, then what is in use, then the rest, each by id. */
function byImportance(a: StreamStatus, b: StreamStatus): number {
  return rank(a) - rank(b) || a.id - b.id
}

function rank(stream: StreamStatus): number {
  return isDownloading(stream) ? 0 : isUsed(stream) ? 1 : 2
}

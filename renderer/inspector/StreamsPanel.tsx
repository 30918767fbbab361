/** Every stream that this computer knows: why it is here, how far it has come, and when it goes. */
import { useMemo, useState } from 'react'
import { Button, type SortDescriptor } from 'react-aria-components'
import { useLink, useStatus } from '../../src/ipc/client/react.tsx'
import type { StreamStatus } from '../../src/status/status.ts'
import { Bar, number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { useClock } from '../parts/clock.ts'
import { DataTable, type DataColumn } from '../parts/DataTable.tsx'
import { Segments } from '../parts/Segments.tsx'
import { ago, exactly } from '../parts/time.ts'
import { remaining } from './countdown.ts'
import { goTo } from './place.ts'
import { PanelSearch } from './PanelSearch.tsx'
import { searchWords, sorted } from './sorted.ts'
import {
  matchesStream,
  paramsText,
  sortValue,
  streamFlags,
  streamState,
  type StreamSort,
} from './stream-words.ts'

type Shown = 'all' | 'held' | 'downloading' | 'error'

const shownStreams: { readonly [shown in Shown]: (stream: StreamStatus) => boolean } = {
  all: () => true,
  held: ({ holders }) => holders.length > 0,
  downloading: (stream) => streamState(stream).label === 'Downloading',
  error: ({ error }) => error !== null,
}

export function StreamsPanel() {
  const streams = useStatus((status) => status.streams)
  const [wanted, setWanted] = useState('')
  const [shown, setShown] = useState<Shown>('all')
  const [sort, setSort] = useState<SortDescriptor>({ column: 'name', direction: 'ascending' })
  const rows = useMemo(() => {
    const words = searchWords(wanted)
    const some = [...streams.values()].filter(
      (stream) => shownStreams[shown](stream) && matchesStream(stream, words),
    )
    return sorted(some, (stream) => sortValue(stream, sort.column as StreamSort), sort.direction)
  }, [streams, wanted, shown, sort])
  const count = (of: Shown) => [...streams.values()].filter(shownStreams[of]).length
  return (
    <section className="panel" aria-label="Streams">
      <div className="panel-tools">
        <PanelSearch label="Filter streams" value={wanted} onChange={setWanted} />
        <Segments
          label="Which streams"
          choices={[
            { id: 'all', label: 'All', count: streams.size },
            { id: 'held', label: 'Held', count: count('held') },
            { id: 'downloading', label: 'Downloading', count: count('downloading') },
            { id: 'error', label: 'Errors', count: count('error') },
          ]}
          chosen={shown}
          onChoose={setShown}
        />
      </div>
      <DataTable
        label="Streams"
        columns={columns}
        rows={rows}
        idOf={({ id }) => id}
        rowHeight="fit"
        sort={sort}
        onSort={setSort}
        empty={<NoStreams isFiltered={streams.size > 0} />}
      />
    </section>
  )
}

function NoStreams({ isFiltered }: { readonly isFiltered: boolean }) {
  const link = useLink()
  if (isFiltered) return <Blank title="No such stream" />
  if (link === 'opening') return <Blank busy title="Asking the daemon" />
  return (
    <Blank
      title="No streams yet"
      text="They come with the first connection, or when a window subscribes to one."
    />
  )
}

const columns: readonly DataColumn<StreamStatus>[] = [
  {
    id: 'name',
    label: 'Stream',
    width: '1fr',
    minWidth: 170,
    isRowHeader: true,
    allowsSorting: true,
    cell: (stream) => <StreamCell stream={stream} />,
  },
  {
    id: 'state',
    label: 'State',
    width: 128,
    allowsSorting: true,
    cell: (stream) => <StateCell stream={stream} />,
  },
  {
    id: 'priority',
    label: 'Priority',
    width: 66,
    align: 'end',
    allowsSorting: true,
    cell: ({ priority }) => priority ?? <span className="faint">–</span>,
  },
  {
    id: 'progress',
    label: 'Progress',
    width: 140,
    allowsSorting: true,
    cell: ({ progress, name }) =>
      progress === null || progress.total === 0 ? (
        <span className="faint">–</span>
      ) : (
        <Bar label={`Download of ${name}`} progress={progress} shape="cell" />
      ),
  },
  {
    id: 'holders',
    label: 'Held by',
    width: 118,
    allowsSorting: true,
    cell: ({ holders }) => <Holders holders={holders} />,
  },
  {
    id: 'kept',
    label: 'Runs out',
    width: 112,
    allowsSorting: true,
    cell: (stream) => <KeptCell stream={stream} />,
  },
  {
    id: 'synced',
    label: 'Synced',
    width: 84,
    allowsSorting: true,
    cell: ({ lastSyncedAt }) =>
      lastSyncedAt === null ? <span className="faint">never</span> : <Age at={lastSyncedAt} />,
  },
]

function StreamCell({ stream }: { readonly stream: StreamStatus }) {
  const { id, name, error } = stream
  const params = paramsText(stream)
  return (
    <>
      <Button
        className="link"
        aria-label={`Buckets of ${name} ${params}`}
        onPress={() => goTo({ panel: 'buckets', stream: id })}
      >
        {name}
      </Button>
      {params !== '' && <code className="cell-more">{params}</code>}
      {error !== null && (
        <span className="cell-error">
          {error.message} <code>{error.code}</code>
        </span>
      )}
    </>
  )
}

function StateCell({ stream }: { readonly stream: StreamStatus }) {
  const { tone, label } = streamState(stream)
  return (
    <>
      <span className="state" data-tone={tone}>
        <span className="drop" aria-hidden="true" />
        {label}
      </span>
      <span className="cell-more">{streamFlags(stream)}</span>
    </>
  )
}

/** Windows by name; one that holds a stream several times says how often. */
function Holders({ holders }: { readonly holders: readonly string[] }) {
  if (holders.length === 0) return <span className="faint">nobody</span>
  const names = [...new Set(holders)]
  return (
    <ul className="tags">
      {names.map((name) => {
        const times = holders.filter((holder) => holder === name).length
        return (
          <li key={name} className="tag">
            {name}
            {times > 1 && <span className="count"> ×{number.format(times)}</span>}
          </li>
        )
      })}
    </ul>
  )
}

function KeptCell({
  stream: { expiresAt, holders, hasExplicitSubscription },
}: {
  readonly stream: StreamStatus
}) {
  if (expiresAt !== null) return <Countdown at={expiresAt} />
  if (holders.length > 0) return <span className="faint">not while held</span>
  return <span className="faint">{hasExplicitSubscription ? 'never' : 'the service’s'}</span>
}

function Countdown({ at }: { readonly at: number }) {
  const words = useClock((now) => remaining(at - now).words)
  const percent = useClock((now) => Math.round(remaining(at - now).fraction * 1000) / 10)
  const round = useClock((now) => remaining(at - now).round)
  return (
    <span className="countdown" data-round={round} title={exactly(at)}>
      {words}
      <span className="bar-track">
        <span className="countdown-fill" style={{ inlineSize: `${percent}%` }} />
      </span>
    </span>
  )
}

function Age({ at }: { readonly at: number }) {
  const age = useClock((now) => ago(at, now))
  return <span title={exactly(at)}>{age}</span>
}

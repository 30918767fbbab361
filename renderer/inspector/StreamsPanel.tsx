/** Every stream that this computer knows: why it is here, how far it has come, and when it goes. */
import { useMemo, useState } from 'react'
import type { SortDescriptor } from 'react-aria-components'
import { useLink, useStatus } from '../../src/ipc/client/react.tsx'
import { Blank } from '../parts/Blank.tsx'
import { DataTable } from '../parts/DataTable.tsx'
import { Segments } from '../parts/Segments.tsx'
import { Panel } from './Panel.tsx'
import { PanelSearch } from './PanelSearch.tsx'
import { searchWords } from './sorted.ts'
import { streamColumns } from './stream-cells.tsx'
import { countStreams, StreamRows, type ShownStreams, type StreamRow } from './stream-rows.ts'
import type { StreamSort } from './stream-words.ts'

export function StreamsPanel() {
  const streams = useStatus((status) => status.streams)
  const [wanted, setWanted] = useState('')
  const [shown, setShown] = useState<ShownStreams>('all')
  const [sort, setSort] = useState<SortDescriptor>({ column: 'name', direction: 'ascending' })
  const [streamRows] = useState(() => new StreamRows())
  const words = useMemo(() => searchWords(wanted), [wanted])
  const { column, direction } = sort
  const rows = streamRows.list(streams, { shown, words, sort: column as StreamSort, direction })
  const counts = countStreams(streams)
  return (
    <Panel
      title="Streams"
      tools={
        <>
          <PanelSearch label="Filter streams" value={wanted} onChange={setWanted} />
          <Segments
            label="Which streams"
            choices={[
              { id: 'all', label: 'All', count: counts.all },
              { id: 'held', label: 'Held', count: counts.held },
              { id: 'downloading', label: 'Downloading', count: counts.downloading },
              { id: 'error', label: 'Errors', count: counts.error },
            ]}
            chosen={shown}
            onChoose={setShown}
          />
        </>
      }
    >
      <DataTable
        label="Streams"
        columns={streamColumns}
        rows={rows}
        idOf={idOf}
        rowHeight="fit"
        sort={sort}
        onSort={setSort}
        empty={streams.size > 0 ? noneFound : noneYet}
      />
    </Panel>
  )
}

const idOf = ({ id }: StreamRow) => id
const noneFound = <Blank title="No such stream" />
const noneYet = <NoStreams />

function NoStreams() {
  const link = useLink()
  if (link === 'opening') return <Blank busy title="Asking the daemon" />
  return (
    <Blank
      title="No streams yet"
      text="They come with the first connection, or when a window subscribes to one."
    />
  )
}

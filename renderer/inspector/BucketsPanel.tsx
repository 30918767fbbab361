/** Buckets page by page: what each has to hold, what came of it, and which streams it comes by. */
import { useDeferredValue, useMemo, useState } from 'react'
import { Button, type SortDescriptor } from 'react-aria-components'
import { useStatus } from '../../src/ipc/client/react.tsx'
import { Bar, number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { DataTable, type DataColumn } from '../parts/DataTable.tsx'
import { BUCKETS, useBucketPages, type Bucket, type BucketFilter } from './bucket-pages.ts'
import type { Pages } from './pages.ts'
import { NotCurrent, Paging } from './Paging.tsx'
import { Panel } from './Panel.tsx'
import { goTo } from './place.ts'
import { PanelSearch } from './PanelSearch.tsx'
import { haveSameNames, streamNames, type StreamName } from './stream-names.ts'
import { paramsText } from './stream-words.ts'
import { StreamChoice } from './StreamChoice.tsx'

/** @param stream id of the stream whose buckets are shown; null: those of all. */
export function BucketsPanel({ stream }: { readonly stream: number | null }) {
  const names = useStatus(streamNames, haveSameNames)
  const [wanted, setWanted] = useState('')
  const text = useDeferredValue(wanted.trim())
  const [sort, setSort] = useState<SortDescriptor>({ column: 'name', direction: 'ascending' })
  const pages = useBucketPages({
    sort: sort.column as BucketFilter['sort'],
    descending: sort.direction === 'descending',
    ...(stream !== null && { stream }),
    ...(text !== '' && { text }),
  })
  const columns = useMemo(() => columnsFor(new Map(names.map((one) => [one.id, one]))), [names])
  const dependencies = useMemo(() => [columns], [columns])
  const { error, isLoading } = pages
  const isFiltered = stream !== null || text !== ''
  const empty = useMemo(
    () => <NoBuckets error={error} isLoading={isLoading} isFiltered={isFiltered} />,
    [error, isLoading, isFiltered],
  )
  return (
    <Panel
      title="Buckets"
      tools={
        <>
          <PanelSearch label="Part of a bucket’s name" value={wanted} onChange={setWanted} />
          <StreamChoice streams={names} chosen={stream} />
          <NotCurrent error={pages.error} />
          <Paging range={rangeOf(pages)} onPrevious={pages.onPrevious} onNext={pages.onNext} />
        </>
      }
    >
      <DataTable
        label="Buckets"
        columns={columns}
        rows={pages.rows}
        idOf={idOf}
        sort={sort}
        onSort={setSort}
        dependencies={dependencies}
        empty={empty}
      />
    </Panel>
  )
}

function rangeOf({ rows, before, total }: Pages<Bucket>): string | null {
  if (rows.length === 0) return null
  const first = before * BUCKETS + 1
  const range = `${number.format(first)}–${number.format(first + rows.length - 1)}`
  return total === null ? range : `${range} of ${number.format(total)}`
}

const idOf = ({ name }: Bucket) => name

interface NoBucketsProps extends Pick<Pages<Bucket>, 'error' | 'isLoading'> {
  readonly isFiltered: boolean
}

function NoBuckets({ error, isLoading, isFiltered }: NoBucketsProps) {
  if (error !== null) return <Blank title="Buckets could not be read" text={error.message} />
  if (isLoading) return <Blank busy title="Reading buckets" />
  return (
    <Blank title={isFiltered ? 'No such bucket' : 'No buckets yet: they come with the first checkpoint'} />
  )
}

type Streams = ReadonlyMap<number, StreamName>

function columnsFor(streams: Streams): readonly DataColumn<Bucket>[] {
  return [
    {
      id: 'name',
      label: 'Bucket',
      width: '2fr',
      minWidth: 180,
      isRowHeader: true,
      allowsSorting: true,
      cell: ({ name }) => <code title={name}>{name}</code>,
    },
    {
      id: 'priority',
      label: 'Priority',
      width: 70,
      align: 'end',
      allowsSorting: true,
      cell: ({ priority }) => priority ?? <span title="The last checkpoint does not list it">gone</span>,
    },
    {
      id: 'operations',
      label: 'Operations',
      width: 92,
      align: 'end',
      allowsSorting: true,
      cell: ({ operations }) => (operations === null ? '–' : number.format(operations)),
    },
    {
      id: 'downloaded',
      label: 'Downloaded',
      width: 126,
      align: 'end',
      allowsSorting: true,
      cell: (bucket) => <Downloaded bucket={bucket} />,
    },
    {
      id: 'checksum',
      label: 'Checksum',
      width: 116,
      cell: (bucket) => <Checksum bucket={bucket} />,
    },
    {
      id: 'streams',
      label: 'Comes by',
      width: '1fr',
      minWidth: 150,
      cell: ({ streams: ids }) => <CausedBy ids={ids} streams={streams} />,
    },
  ]
}

/** A bar while ops are missing, else their number. (A compacted bucket counts fewer than came.) */
function Downloaded({ bucket: { name, operations, downloaded } }: { readonly bucket: Bucket }) {
  if (operations === null || downloaded >= operations) return number.format(downloaded)
  return <Bar label={`Download of ${name}`} progress={{ downloaded, total: operations }} shape="cell" />
}

function Checksum({ bucket }: { readonly bucket: Bucket }) {
  const { checksum, expectedChecksum, operations, downloaded } = bucket
  const text = hexadecimal(checksum)
  if (expectedChecksum === null) return <code className="faint">{text}</code>
  if (expectedChecksum === checksum) {
    return (
      <code title="As the checkpoint says">
        {text} <span className="good">✓</span>
      </code>
    )
  }
  const isWhole = operations === null || downloaded >= operations
  return (
    <code
      className={isWhole ? 'bad' : 'faint'}
      title={`${isWhole ? 'The checkpoint says' : 'Once downloaded:'} ${hexadecimal(expectedChecksum)}`}
    >
      {text} {isWhole ? '≠' : '…'}
    </code>
  )
}

function hexadecimal(checksum: number): string {
  return (checksum >>> 0).toString(16).padStart(8, '0')
}

function CausedBy({ ids, streams }: { readonly ids: readonly number[]; readonly streams: Streams }) {
  return ids.map((id) => {
    const stream = streams.get(id)
    const params = stream === undefined ? '' : paramsText(stream)
    return (
      <Button
        key={id}
        className="link"
        aria-label={`Buckets of ${stream?.name ?? id} ${params}`}
        onPress={() => goTo({ panel: 'buckets', stream: id })}
      >
        {stream?.name ?? `stream ${id}`} {params !== '' && <code>{params}</code>}
      </Button>
    )
  })
}

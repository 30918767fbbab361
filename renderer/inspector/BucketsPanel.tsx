/** Buckets page by page: what each has to hold, what came of it, and which streams it comes by. */
import { useDeferredValue, useMemo, useState } from 'react'
import {
  Button,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  type SortDescriptor,
} from 'react-aria-components'
import { useStatus } from '../../src/ipc/client/react.tsx'
import type { Status } from '../../src/status/status.ts'
import { Bar, number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { DataTable, type DataColumn } from '../parts/DataTable.tsx'
import { useBucketPages, type Bucket, type BucketFilter, type BucketPages } from './bucket-pages.ts'
import { goTo } from './place.ts'
import { PanelSearch } from './PanelSearch.tsx'
import { paramsText } from './stream-words.ts'

type Streams = Status['streams']

/** @param stream id of the stream whose buckets are shown; null: those of all. */
export function BucketsPanel({ stream }: { readonly stream: number | null }) {
  const streams = useStatus((status) => status.streams)
  const [wanted, setWanted] = useState('')
  const text = useDeferredValue(wanted.trim())
  const [sort, setSort] = useState<SortDescriptor>({ column: 'name', direction: 'ascending' })
  const pages = useBucketPages({
    sort: sort.column as BucketFilter['sort'],
    descending: sort.direction === 'descending',
    ...(stream !== null && { stream }),
    ...(text !== '' && { text }),
  })
  // Only their names are shown, and those never change.
  const names = [...streams.keys()].join()
  const columns = useMemo(() => columnsFor(streams), [names]) // oxlint-disable-line react/exhaustive-deps
  return (
    <section className="panel" aria-label="Buckets">
      <div className="panel-tools">
        <PanelSearch label="Part of a bucket’s name" value={wanted} onChange={setWanted} />
        <StreamChoice streams={streams} chosen={stream} />
        <Paging pages={pages} />
      </div>
      <DataTable
        label="Buckets"
        columns={columns}
        rows={pages.rows}
        idOf={({ name }) => name}
        sort={sort}
        onSort={setSort}
        dependencies={[columns]}
        empty={<NoBuckets pages={pages} isFiltered={stream !== null || text !== ''} />}
      />
    </section>
  )
}

function NoBuckets({ pages, isFiltered }: { readonly pages: BucketPages; readonly isFiltered: boolean }) {
  if (pages.error !== null) return <Blank title="Buckets could not be read" text={pages.error.message} />
  if (pages.isLoading) return <Blank busy title="Reading buckets" />
  return (
    <Blank title={isFiltered ? 'No such bucket' : 'No buckets yet: they come with the first checkpoint'} />
  )
}

function Paging({ pages }: { readonly pages: BucketPages }) {
  const { rows, total, before, onNext, onPrevious } = pages
  return (
    <div className="paging" role="group" aria-label="Pages">
      {rows.length > 0 && (
        <span className="count" data-testid="bucket-range">
          {number.format(before + 1)}–{number.format(before + rows.length)}
          {total !== null && ` of ${number.format(total)}`}
        </span>
      )}
      <Button className="button button-small" isDisabled={onPrevious === null} onPress={() => onPrevious?.()}>
        Previous
      </Button>
      <Button className="button button-small" isDisabled={onNext === null} onPress={() => onNext?.()}>
        Next
      </Button>
    </div>
  )
}

const ALL = 'all'

function StreamChoice({ streams, chosen }: { readonly streams: Streams; readonly chosen: number | null }) {
  const items = [
    { id: ALL, name: 'All streams', params: '' },
    ...[...streams.values()].map((stream) => ({
      id: String(stream.id),
      name: stream.name,
      params: paramsText(stream),
    })),
  ]
  return (
    <Select
      className="select"
      aria-label="Buckets of"
      value={chosen === null ? ALL : String(chosen)}
      onChange={(key) => goTo({ panel: 'buckets', stream: key === ALL ? null : Number(key) })}
    >
      <Button className="button select-button">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <ListBox className="select-list" items={items}>
          {({ id, name, params }) => (
            <ListBoxItem id={id} className="select-item" textValue={`${name} ${params}`}>
              {name} {params !== '' && <code>{params}</code>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  )
}

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

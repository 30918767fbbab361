/** What crosses between the daemon and each window, by procedure, live. */
import { useMemo, useState } from 'react'
import type { SortDescriptor } from 'react-aria-components'
import type { MeterRow, Readable } from '../../src/ipc/client/index.ts'
import { number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { bytesInWords } from '../parts/bytes.ts'
import { DataTable, type DataColumn } from '../parts/DataTable.tsx'
import { Panel } from './Panel.tsx'
import { PanelSearch } from './PanelSearch.tsx'
import { rowKey, useMeterReadings, type MeterReading } from './rates.ts'
import { searchWords, sorted } from './sorted.ts'

export function MeterPanel({ meter }: { readonly meter: Readable<readonly MeterRow[]> }) {
  const readings = useMeterReadings(meter)
  const [wanted, setWanted] = useState('')
  const [sort, setSort] = useState<SortDescriptor>({ column: 'window', direction: 'ascending' })
  const rows = useMemo(() => {
    const words = searchWords(wanted)
    const some = readings.filter(({ row }) => {
      const text = `${row.window} ${row.role} ${row.procedure}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
    return sorted(some, sortValues[sort.column as Sort], sort.direction)
  }, [readings, wanted, sort])
  const sum = (of: (reading: MeterReading) => number) => rows.reduce((all, reading) => all + of(reading), 0)
  return (
    <Panel
      title="IPC"
      tools={
        <>
          <PanelSearch label="Window or procedure" value={wanted} onChange={setWanted} />
          <span className="count" data-testid="meter-total">
            {number.format(sum(({ row }) => row.messagesIn + row.messagesOut))} messages,{' '}
            {bytesInWords(sum(({ row }) => row.bytesIn + row.bytesOut))},{' '}
            {bytesInWords(sum(({ bytesPerSecond }) => bytesPerSecond))}/s
          </span>
          <span className="panel-note">Since the inspector opened. Sizes are those of the JSON.</span>
        </>
      }
    >
      <DataTable
        label="Traffic by window and procedure"
        columns={columns}
        rows={rows}
        idOf={({ row }) => rowKey(row)}
        sort={sort}
        onSort={setSort}
        empty={
          <Blank title={readings.length === 0 ? 'Nothing has crossed yet' : 'No such window or procedure'} />
        }
      />
    </Panel>
  )
}

const sortValues = {
  window: ({ row }: MeterReading) => `${row.window} ${row.document} ${row.procedure}`,
  procedure: ({ row }: MeterReading) => `${row.procedure} ${row.window}`,
  messagesIn: ({ row }: MeterReading) => row.messagesIn,
  bytesIn: ({ row }: MeterReading) => row.bytesIn,
  messagesOut: ({ row }: MeterReading) => row.messagesOut,
  bytesOut: ({ row }: MeterReading) => row.bytesOut,
  rate: ({ bytesPerSecond }: MeterReading) => bytesPerSecond,
  unacknowledged: ({ row }: MeterReading) => row.unacknowledged,
  coalesced: ({ row }: MeterReading) => row.coalesced,
}

type Sort = keyof typeof sortValues

const columns: readonly DataColumn<MeterReading>[] = [
  {
    id: 'window',
    label: 'Window',
    width: '1fr',
    minWidth: 110,
    isRowHeader: true,
    allowsSorting: true,
    cell: ({ row }) => (
      <>
        {row.window} <span className="faint">{row.role}</span>
      </>
    ),
  },
  {
    id: 'procedure',
    label: 'Procedure',
    width: '1fr',
    minWidth: 130,
    allowsSorting: true,
    cell: ({ row }) => <code>{row.procedure}</code>,
  },
  amount('messagesIn', 'In', 56, ({ row }) => row.messagesIn),
  size('bytesIn', 'Bytes in', 78, ({ row }) => row.bytesIn),
  amount('messagesOut', 'Out', 56, ({ row }) => row.messagesOut),
  size('bytesOut', 'Bytes out', 84, ({ row }) => row.bytesOut),
  {
    id: 'rate',
    label: 'Now',
    width: 80,
    align: 'end',
    allowsSorting: true,
    cell: ({ bytesPerSecond }) => (bytesPerSecond === 0 ? dash : `${bytesInWords(bytesPerSecond)}/s`),
  },
  amount('unacknowledged', 'Unacknowledged', 130, ({ row }) => row.unacknowledged),
  amount('coalesced', 'Coalesced', 86, ({ row }) => row.coalesced),
]

const dash = <span className="faint">–</span>

function amount(id: Sort, label: string, width: number, of: (reading: MeterReading) => number) {
  const cell = (reading: MeterReading) => (of(reading) === 0 ? dash : number.format(of(reading)))
  return { id, label, width, align: 'end', allowsSorting: true, cell } as const
}

function size(id: Sort, label: string, width: number, of: (reading: MeterReading) => number) {
  const cell = (reading: MeterReading) => (of(reading) === 0 ? dash : bytesInWords(of(reading)))
  return { id, label, width, align: 'end', allowsSorting: true, cell } as const
}

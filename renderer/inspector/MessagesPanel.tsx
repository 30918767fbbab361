/** The messages of this window's status watch: what each changed, what it cost, and the status that it stands for. */
import { useMemo, useState } from 'react'
import { number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { bytesInWords } from '../parts/bytes.ts'
import { DataTable, type DataColumn } from '../parts/DataTable.tsx'
import { clockTime } from '../parts/time.ts'
import { useFollow } from './follow.ts'
import { MessageDetail } from './MessageDetail.tsx'
import { PanelSearch } from './PanelSearch.tsx'
import { usePausable } from './paused.ts'
import type { Recent } from './recent.ts'
import type { HeardMessage } from './records.ts'
import { RecordTools } from './RecordTools.tsx'
import { searchWords } from './sorted.ts'

export function MessagesPanel({ messages }: { readonly messages: Recent<HeardMessage> }) {
  const record = usePausable(messages)
  const [wanted, setWanted] = useState('')
  const [chosen, setChosen] = useState<HeardMessage | null>(null)
  const end = useFollow()
  const rows = useMemo(() => {
    const words = searchWords(wanted)
    return record.entries.filter(({ words: text }) =>
      words.every((word) => text.toLowerCase().includes(word)),
    )
  }, [record.entries, wanted])
  const bytes = rows.reduce((sum, { heard }) => sum + heard.bytes, 0)
  return (
    <section className="panel" aria-label="Status deltas">
      <div className="panel-tools">
        <PanelSearch label="Filter by what changed" value={wanted} onChange={setWanted} />
        <span className="count">
          {number.format(rows.length)} messages, {bytesInWords(bytes)}
        </span>
        <RecordTools {...record} />
      </div>
      <div className="split" data-detail={chosen === null ? 'closed' : 'open'}>
        <DataTable
          ref={end}
          label="Status messages, the newest last"
          columns={columns}
          rows={rows}
          idOf={({ id }) => id}
          rowHeight={26}
          chosen={chosen?.id ?? null}
          onChoose={(id) => setChosen(rows.find((message) => message.id === id) ?? null)}
          empty={
            <Blank
              title={record.entries.length === 0 ? 'Nothing has changed yet' : 'No such message'}
              text={
                record.entries.length === 0 ? 'Each change of the status is listed here as it comes.' : null
              }
            />
          }
        />
        {chosen !== null && <MessageDetail message={chosen} onClose={() => setChosen(null)} />}
      </div>
    </section>
  )
}

const columns: readonly DataColumn<HeardMessage>[] = [
  {
    id: 'sequence',
    label: 'No.',
    width: 58,
    align: 'end',
    cell: ({ heard }) => number.format(heard.sequence),
  },
  { id: 'time', label: 'Time', width: 106, cell: ({ at }) => <code>{clockTime(at)}</code> },
  { id: 'bytes', label: 'Size', width: 66, align: 'end', cell: ({ heard }) => bytesInWords(heard.bytes) },
  {
    id: 'change',
    label: 'What changed',
    width: '1fr',
    minWidth: 160,
    isRowHeader: true,
    cell: ({ words, heard }) => (
      <span title={words} data-kind={heard.kind}>
        {words}
      </span>
    ),
  },
]

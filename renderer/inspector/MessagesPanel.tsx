/** The messages of this window's status watch: what each changed, what it cost, and the status that it stands for. */
import { useCallback, useMemo, useState } from 'react'
import type { Key } from 'react-aria-components'
import { number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { bytesInWords } from '../parts/bytes.ts'
import { DataTable, type DataColumn } from '../parts/DataTable.tsx'
import { clockTime } from '../parts/time.ts'
import { useFollow } from './follow.ts'
import { MessageDetail } from './MessageDetail.tsx'
import { Panel } from './Panel.tsx'
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
  const onChoose = useCallback(
    (id: Key | null) => setChosen(rows.find((message) => message.id === id) ?? null),
    [rows],
  )
  const bytes = rows.reduce((sum, { heard }) => sum + heard.bytes, 0)
  return (
    <Panel
      title="Status deltas"
      tools={
        <>
          <PanelSearch label="Filter by what changed" value={wanted} onChange={setWanted} />
          <span className="count">
            {number.format(rows.length)} messages, {bytesInWords(bytes)}
          </span>
          <RecordTools {...record} />
        </>
      }
    >
      <div className="split" data-detail={chosen === null ? 'closed' : 'open'}>
        <DataTable
          ref={end}
          label="Status messages, the newest last"
          columns={columns}
          rows={rows}
          idOf={idOf}
          rowHeight={26}
          chosen={chosen?.id ?? null}
          onChoose={onChoose}
          empty={record.entries.length === 0 ? nothingYet : noneFound}
        />
        {chosen !== null && <MessageDetail message={chosen} onClose={() => setChosen(null)} />}
      </div>
    </Panel>
  )
}

const idOf = ({ id }: HeardMessage) => id
const noneFound = <Blank title="No such message" />
const nothingYet = (
  <Blank title="Nothing has changed yet" text="Each change of the status is listed here as it comes." />
)

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

/** What the daemon says of itself, since this window opened. */
import { useMemo, useState } from 'react'
import type { LogLine } from '../../src/ipc/client/index.ts'
import { number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { DataTable, type DataColumn } from '../parts/DataTable.tsx'
import { Segments } from '../parts/Segments.tsx'
import { clockTime } from '../parts/time.ts'
import { useFollow } from './follow.ts'
import { Panel } from './Panel.tsx'
import { PanelSearch } from './PanelSearch.tsx'
import { usePausable } from './paused.ts'
import type { Recent } from './recent.ts'
import type { LogEntry } from './records.ts'
import { RecordTools } from './RecordTools.tsx'
import { searchWords } from './sorted.ts'

type Severity = LogLine['severity']

const ranks: { readonly [severity in Severity]: number } = { debug: 0, info: 1, warning: 2 }

export function LogPanel({ log }: { readonly log: Recent<LogEntry> }) {
  const record = usePausable(log)
  const [wanted, setWanted] = useState('')
  const [least, setLeast] = useState<Severity>('debug')
  const end = useFollow()
  const rows = useMemo(() => {
    const words = searchWords(wanted)
    return record.entries.filter(
      (entry) =>
        entry.kind === 'dropped' ||
        (ranks[entry.severity] >= ranks[least] &&
          words.every((word) => entry.text.toLowerCase().includes(word))),
    )
  }, [record.entries, wanted, least])
  return (
    <Panel
      title="Log"
      tools={
        <>
          <PanelSearch label="Search the log" value={wanted} onChange={setWanted} />
          <Segments
            label="Which lines"
            choices={[
              { id: 'debug', label: 'All' },
              { id: 'info', label: 'Info' },
              { id: 'warning', label: 'Warnings' },
            ]}
            chosen={least}
            onChoose={setLeast}
          />
          <span className="count">{number.format(rows.length)} lines</span>
          <RecordTools {...record} />
        </>
      }
    >
      <DataTable
        ref={end}
        label="Log lines, the newest last"
        columns={columns}
        rows={rows}
        idOf={idOf}
        rowHeight="fit"
        empty={record.entries.length === 0 ? nothingYet : noneFound}
      />
    </Panel>
  )
}

const idOf = ({ id }: LogEntry) => id
const noneFound = <Blank title="No such line" />
const nothingYet = (
  <Blank
    title="The daemon has said nothing yet"
    text="Lines are shown from the moment when this window opened."
  />
)

const columns: readonly DataColumn<LogEntry>[] = [
  { id: 'time', label: 'Time', width: 106, cell: ({ at }) => <code>{clockTime(at)}</code> },
  {
    id: 'level',
    label: 'Level',
    width: 78,
    cell: (entry) => (entry.kind === 'dropped' ? '' : <Level severity={entry.severity} />),
  },
  {
    id: 'text',
    label: 'Line',
    width: '1fr',
    minWidth: 200,
    isRowHeader: true,
    cell: (entry) => <span className="log-text">{textOf(entry)}</span>,
  },
]

function Level({ severity }: { readonly severity: Severity }) {
  return (
    <span className="level" data-severity={severity}>
      {severity}
    </span>
  )
}

function textOf(entry: LogEntry): string {
  if (entry.kind === 'line') return entry.text
  return `${number.format(entry.count)} lines are missing here: they came faster than they could be shown.`
}

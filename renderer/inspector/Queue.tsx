/** The upload queue, change by change; a chosen one with its values. */
import { useCallback, useMemo, useState } from 'react'
import type { Key } from 'react-aria-components'
import type { QueuedChange } from '../../src/ipc/client/index.ts'
import { Blank } from '../parts/Blank.tsx'
import { DataTable } from '../parts/DataTable.tsx'
import { ChangeDetail } from './ChangeDetail.tsx'
import { Detail } from './Detail.tsx'
import type { Pages } from './pages.ts'
import { queueColumns } from './queue-columns.tsx'

export function Queue({ pages }: { readonly pages: Pages<QueuedChange> }) {
  const { rows, before, isLoading, error } = pages
  const [chosen, setChosen] = useState<QueuedChange | null>(null)
  const onChoose = useCallback(
    (id: Key | null) => setChosen(rows.find((entry) => entry.id === id) ?? null),
    [rows],
  )
  const empty = useMemo(() => {
    if (error !== null) return <Blank title="The queue could not be read" text={error.message} />
    if (isLoading) return <Blank busy title="Reading the queue" />
    return (
      <Blank title="Nothing waits for upload" text="Local changes stand here until the back end has them." />
    )
  }, [error, isLoading])
  const oldest = rows[0]?.id ?? Infinity
  const hasLeft = chosen !== null && before === 0 && !isLoading && chosen.id < oldest
  return (
    <div className="split" data-detail={chosen === null ? 'closed' : 'open'}>
      <DataTable
        label="Changes that wait for upload, the oldest first"
        columns={queueColumns}
        rows={rows}
        idOf={idOf}
        rowHeight={26}
        chosen={chosen?.id ?? null}
        onChoose={onChoose}
        empty={empty}
      />
      {chosen !== null && (
        <Detail title={`Change ${chosen.id}`} label={`Change ${chosen.id}`} onClose={() => setChosen(null)}>
          {hasLeft && (
            <p className="detail-note" role="status">
              It has left the queue: it was uploaded or given up.
            </p>
          )}
          <ChangeDetail change={chosen} />
        </Detail>
      )}
    </div>
  )
}

const idOf = ({ id }: QueuedChange) => id

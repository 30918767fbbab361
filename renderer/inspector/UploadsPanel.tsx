/** Local changes on their way out: what waits, why it does not get on, and what was given up. */
import { useState } from 'react'
import type { QueuedChange } from '../../src/ipc/client/index.ts'
import { useStatus } from '../../src/ipc/client/react.tsx'
import { Segments } from '../parts/Segments.tsx'
import type { ChangeListProps } from './ChangeList.tsx'
import { GivenUp } from './GivenUp.tsx'
import type { Pages } from './pages.ts'
import { NotCurrent, Paging } from './Paging.tsx'
import { Panel } from './Panel.tsx'
import { Queue } from './Queue.tsx'
import { useGivenUp, useQueuePages } from './upload-pages.ts'
import { UploadState } from './UploadState.tsx'

export function UploadsPanel() {
  const entries = useStatus((status) => status.upload.entries)
  const [shown, setShown] = useState<'queue' | 'given-up'>('queue')
  const [deleted, setDeleted] = useState(0)
  const queue = useQueuePages()
  const givenUp = useGivenUp(deleted)
  return (
    <Panel
      title="Uploads"
      tools={
        <>
          <Segments
            label="Which changes"
            choices={[
              { id: 'queue', label: 'Waiting', count: entries },
              { id: 'given-up', label: 'Given up', count: givenUp.rows.length },
            ]}
            chosen={shown}
            onChoose={setShown}
          />
          <NotCurrent error={shown === 'queue' ? queue.error : givenUp.error} />
          {shown === 'queue' && (queue.onNext ?? queue.onPrevious) !== null && (
            <Paging range={null} onPrevious={queue.onPrevious} onNext={queue.onNext} />
          )}
        </>
      }
    >
      <div className="uploads">
        <UploadState oldest={oldestOf(queue)} />
        {shown === 'queue' ? (
          <Queue pages={queue} />
        ) : (
          <GivenUp pages={givenUp} onDeleted={() => setDeleted(deleted + 1)} />
        )}
      </div>
    </Panel>
  )
}

/** The oldest transaction stands on the first page only, and may go on on the next. */
function oldestOf({ rows, before, isLoading, onNext }: Pages<QueuedChange>): ChangeListProps | null {
  const [first] = rows
  if (first === undefined || before > 0 || isLoading) return null
  const entries = rows.filter(({ transactionId }) => transactionId === first.transactionId)
  return { entries, isWhole: entries.length < rows.length || onNext === null }
}

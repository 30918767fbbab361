/** Transactions that the back end would not have and that were given up; they stay until somebody deletes them. */
import { useCallback, useMemo, useState } from 'react'
import type { Key } from 'react-aria-components'
import type { RejectedTransaction } from '../../src/ipc/client/index.ts'
import { useClient } from '../../src/ipc/client/react.tsx'
import { announce } from '../parts/Announcer.tsx'
import { Blank } from '../parts/Blank.tsx'
import { DataTable } from '../parts/DataTable.tsx'
import { exactly } from '../parts/time.ts'
import { ChangeDetail } from './ChangeDetail.tsx'
import { ChangeList } from './ChangeList.tsx'
import { ConfirmButton } from './ConfirmButton.tsx'
import { Detail } from './Detail.tsx'
import type { Pages } from './pages.ts'
import { givenUpColumns } from './queue-columns.tsx'
import { count } from './queue-words.ts'

export interface GivenUpProps {
  readonly pages: Pages<RejectedTransaction>
  readonly onDeleted: () => void
}

export function GivenUp({ pages: { rows, isLoading, error }, onDeleted }: GivenUpProps) {
  const [chosenId, setChosenId] = useState<Key | null>(null)
  const chosen = rows.find(({ transactionId }) => transactionId === chosenId) ?? null
  const onChoose = useCallback((id: Key | null) => setChosenId(id), [])
  const empty = useMemo(() => {
    if (error !== null) return <Blank title="They could not be read" text={error.message} />
    if (isLoading) return <Blank busy title="Reading" />
    return (
      <Blank
        title="Nothing was given up"
        text="Transactions that the back end rejects and somebody discards are kept here."
      />
    )
  }, [error, isLoading])
  return (
    <div className="split" data-detail={chosen === null ? 'closed' : 'open'}>
      <DataTable
        label="Transactions that were given up, the newest first"
        columns={givenUpColumns}
        rows={rows}
        idOf={idOf}
        rowHeight={26}
        chosen={chosen?.transactionId ?? null}
        onChoose={onChoose}
        empty={empty}
      />
      {chosen !== null && <Letter letter={chosen} onClose={() => setChosenId(null)} onDeleted={onDeleted} />}
    </div>
  )
}

const idOf = ({ transactionId }: RejectedTransaction) => transactionId

/** Changes with all their values; the rest are counted. */
const SHOWN = 50

interface LetterProps {
  readonly letter: RejectedTransaction
  readonly onClose: () => void
  readonly onDeleted: () => void
}

function Letter({ letter, onClose, onDeleted }: LetterProps) {
  const { transactionId, crud, error, attempts, discardedAt } = letter
  const { uploads } = useClient()
  const title = `Transaction ${transactionId}`
  return (
    <Detail title={title} label={title} onClose={onClose}>
      <p className="cell-error">
        {error.message} <code>{error.code}</code>
      </p>
      <p className="change-facts">
        {count(attempts, 'attempt')}, given up {exactly(discardedAt)}
      </p>
      <ConfirmButton
        label={`Delete transaction ${transactionId}`}
        question={`Delete transaction ${transactionId}?`}
        onConfirm={async () => {
          await uploads.forget(transactionId)
          announce(`Transaction ${transactionId} is deleted`)
          onDeleted()
        }}
      >
        <p className="dialog-text">
          These changes were already undone on this computer. What was written is then gone for good:
        </p>
        <ChangeList entries={crud} isWhole />
      </ConfirmButton>
      {crud.slice(0, SHOWN).map((change) => (
        <ChangeDetail key={change.id} change={change} />
      ))}
      {crud.length > SHOWN && <p className="change-facts">and {count(crud.length - SHOWN, 'more change')}</p>}
    </Detail>
  )
}

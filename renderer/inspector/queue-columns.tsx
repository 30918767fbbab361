/** The columns of the upload queue, and of the transactions that were given up. */
import type { QueuedChange, RejectedTransaction } from '../../src/ipc/client/index.ts'
import { number } from '../parts/Bar.tsx'
import { useClock } from '../parts/clock.ts'
import type { DataColumn } from '../parts/DataTable.tsx'
import { ago, exactly } from '../parts/time.ts'
import { Op } from './ChangeList.tsx'
import { changeText, tablesText } from './queue-words.ts'

export const queueColumns: readonly DataColumn<QueuedChange>[] = [
  { id: 'transaction', label: 'Transaction', width: 96, cell: (entry) => <Transaction {...entry} /> },
  { id: 'age', label: 'Written', width: 88, cell: ({ queuedAt }) => <Age at={queuedAt} /> },
  { id: 'op', label: 'Operation', width: 84, cell: ({ op }) => <Op op={op} /> },
  { id: 'table', label: 'Table', width: 110, cell: ({ table }) => table },
  {
    id: 'row',
    label: 'Row',
    width: '1fr',
    minWidth: 120,
    isRowHeader: true,
    cell: ({ rowId }) => <code title={rowId}>{rowId}</code>,
  },
  {
    id: 'change',
    label: 'What is written',
    width: '2fr',
    minWidth: 180,
    cell: (entry) => <span title={changeText(entry)}>{changeText(entry)}</span>,
  },
]

export const givenUpColumns: readonly DataColumn<RejectedTransaction>[] = [
  {
    id: 'transaction',
    label: 'Transaction',
    width: 96,
    isRowHeader: true,
    cell: (letter) => <Transaction {...letter} />,
  },
  { id: 'age', label: 'Given up', width: 88, cell: ({ discardedAt }) => <Age at={discardedAt} /> },
  {
    id: 'changes',
    label: 'Changes',
    width: '1fr',
    minWidth: 130,
    cell: ({ crud }) => <span title={tablesText(crud)}>{tablesText(crud)}</span>,
  },
  {
    id: 'attempts',
    label: 'Attempts',
    width: 78,
    align: 'end',
    cell: ({ attempts }) => number.format(attempts),
  },
  {
    id: 'error',
    label: 'Why',
    width: '2fr',
    minWidth: 180,
    cell: ({ error }) => <span title={error.message}>{error.message}</span>,
  },
]

/** Neighbours differ in looks, so that the changes of one stand together. */
function Transaction({ transactionId }: Pick<QueuedChange, 'transactionId'>) {
  return (
    <span className="transaction" data-odd={transactionId % 2 === 1 || undefined}>
      {transactionId}
    </span>
  )
}

function Age({ at }: { readonly at: number | null }) {
  const age = useClock((now) => (at === null ? null : ago(at, now)))
  return at === null ? <span className="faint">–</span> : <span title={exactly(at)}>{age}</span>
}

/** One change with all its values: what was written, and what stood there before. */
import type { QueuedChange } from '../../src/ipc/client/index.ts'
import { exactly } from '../parts/time.ts'
import { Op } from './ChangeList.tsx'
import { columnChanges } from './queue-words.ts'

export function ChangeDetail({ change }: { readonly change: QueuedChange }) {
  const { op, table, rowId, transactionId, queuedAt, metadata, previousValues } = change
  const columns = columnChanges(change)
  return (
    <section className="change" aria-label={`${op} ${table} ${rowId}`}>
      <h4 className="change-title">
        <Op op={op} /> {table} <code>{rowId}</code>
      </h4>
      <p className="change-facts">
        Transaction {transactionId}
        {queuedAt !== null && `, written ${exactly(queuedAt)}`}
        {metadata !== null && (
          <>
            , metadata <code>{metadata}</code>
          </>
        )}
      </p>
      {columns.length > 0 && (
        <table className="values">
          <thead>
            <tr>
              <th scope="col">Column</th>
              {previousValues !== null && <th scope="col">Before</th>}
              <th scope="col">Written</th>
            </tr>
          </thead>
          <tbody>
            {columns.map(({ column, before, written }) => (
              <tr key={column}>
                <th scope="row">{column}</th>
                {previousValues !== null && <td>{before ?? <span className="faint">not tracked</span>}</td>}
                <td>
                  {written ?? <span className="faint">{op === 'DELETE' ? 'deleted' : 'as before'}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {previousValues === null && op !== 'PUT' && (
        <p className="change-facts">This table does not track the values before a change.</p>
      )}
    </section>
  )
}

/** What the upload loop does, why it does not get on, and what can be done about it. */
import { Button } from 'react-aria-components'
import { useClient, useStatus } from '../../src/ipc/client/react.tsx'
import { announce } from '../parts/Announcer.tsx'
import { useClock } from '../parts/clock.ts'
import { ago, exactly } from '../parts/time.ts'
import { useAction } from './action.ts'
import { ChangeList, type ChangeListProps } from './ChangeList.tsx'
import { ConfirmButton } from './ConfirmButton.tsx'
import { count, queueSize, queueState } from './queue-words.ts'

/** @param oldest changes of the oldest transaction, as far as they are known; null: they are not in sight. */
export function UploadState({ oldest }: { readonly oldest: ChangeListProps | null }) {
  const upload = useStatus((status) => status.upload)
  const connection = useStatus((status) => status.connection)
  const error = useStatus((status) => status.uploadError)
  const { uploads } = useClient()
  const retry = useAction()
  const { tone, label, canRetry } = queueState({ connection, upload }, 0)
  const text = useClock((now) => queueState({ connection, upload }, now).text)
  const { entries, attempts, lastUploadedAt } = upload
  return (
    <div className="upload-state" data-tone={tone} data-testid="upload-state">
      <div className="upload-line">
        <span className="drop" aria-hidden="true" />
        {/* The countdown stays out of the live region. */}
        <strong role="status">{label}</strong>
        {text !== null && <span className="upload-text">{text}</span>}
        <span className="upload-facts">
          {entries > 0 && <span>{queueSize(upload)}</span>}
          {attempts > 0 && <span>{count(attempts, 'failed attempt')}</span>}
          {lastUploadedAt !== null && <LastUpload at={lastUploadedAt} />}
        </span>
        {canRetry && (
          <Button
            className="button button-small"
            isDisabled={retry.isRunning}
            onPress={() => {
              void retry.run(() => uploads.retry()).then((isDone) => isDone && announce('Trying again'))
            }}
          >
            Retry now
          </Button>
        )}
        {oldest !== null && <Discard oldest={oldest} />}
      </div>
      {[error, retry.error].map(
        (failure, index) =>
          failure !== null && (
            <p key={index} className="upload-error" role={index === 1 ? 'alert' : undefined}>
              {failure.message} <code>{failure.code}</code>
            </p>
          ),
      )}
    </div>
  )
}

function LastUpload({ at }: { readonly at: number }) {
  const age = useClock((now) => ago(at, now))
  return <span title={exactly(at)}>last accepted {age}</span>
}

function Discard({ oldest }: { readonly oldest: ChangeListProps }) {
  const { uploads } = useClient()
  const transaction = oldest.entries[0]!.transactionId
  return (
    <ConfirmButton
      label={`Discard transaction ${transaction}`}
      question={`Discard transaction ${transaction}?`}
      onConfirm={async () => {
        await uploads.discard(transaction)
        announce(`Transaction ${transaction} is discarded`)
      }}
    >
      <p className="dialog-text">
        The back end never gets these changes, and on this computer their rows go back to what the service
        has:
      </p>
      <ChangeList {...oldest} />
      <p className="dialog-text">
        They stay readable under “Given up” until somebody deletes them. The next transaction is uploaded
        then.
      </p>
    </ConfirmButton>
  )
}

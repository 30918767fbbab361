/** The user's own changes in the status bar: how many the service does not have yet, and what stands in their way. */
import { useEffect, useRef, useState } from 'react'
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components'
import { useStatus } from '../../src/ipc/client/react.tsx'
import type { Status } from '../../src/status/status.ts'
import { announce } from '../parts/Announcer.tsx'
import { useClock } from '../parts/clock.ts'
import { WriteFailure } from '../parts/WriteForm.tsx'
import { useGivenUp } from './given-up.ts'
import { GivenUpList } from './GivenUpList.tsx'
import { RefusedChange } from './RefusedChange.tsx'
import { issueKey, useRows } from './rows.ts'
import { WaitingList } from './WaitingList.tsx'
import { countChanges, uploadWords, type UploadWords } from './upload-words.ts'
import { useDeciding, useRefused, type Refused } from './writing.ts'

export function Uploads() {
  const facts = useStatus(factsOf, sameFacts)
  const now = useClock((time) => time)
  const givenUp = useGivenUp()
  const words = uploadWords(facts, now)
  const [isOpen, setIsOpen] = useState(false)
  useAnnounced(facts)
  const given = givenUp.changes.length
  // Who reads what is here is not interrupted when it has gone.
  if (words === null && given === 0 && !isOpen) return null
  const { tone, label } = words ?? {
    tone: 'off',
    label: given === 0 ? 'No changes' : `${countChanges(given)} given up`,
  }
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setIsOpen}>
      <Button className="tool uploads" data-tone={tone} data-testid="upload-state">
        <span className="drop" aria-hidden="true" />
        <span className="uploads-label">{label}</span>
      </Button>
      <Popover className="popover" placement="top start">
        <Dialog className="dialog changes">
          <Heading slot="title" className="dialog-title">
            Your changes
          </Heading>
          <div className="changes-body">
            <Waiting words={words} />
            <GivenUpList {...givenUp} />
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}

function Waiting({ words }: { readonly words: UploadWords | null }) {
  const refused = useRefused()
  const { tryAgain, failure } = useDeciding()
  if (refused !== null) return <OfRow refused={refused} />
  if (words === null) return <p className="dialog-text">Nothing waits to be sent.</p>
  return (
    <>
      <p className="dialog-text">
        {words.text} {words.next !== null && <span className="count">({words.next})</span>}
      </p>
      <WaitingList />
      {words.tone === 'bad' && (
        <div className="dialog-actions">
          <Button className="button" onPress={tryAgain}>
            Try now
          </Button>
        </div>
      )}
      <WriteFailure failure={failure} />
    </>
  )
}

/** Names what was changed; every change of the app touches an issue. */
function OfRow({ refused }: { readonly refused: Refused }) {
  const id = refused.rows.find(({ table }) => table === 'issues')?.rowId ?? ''
  const issue = useRows('issue', { issue: id }).rows[0]
  return <RefusedChange refused={refused} {...(issue !== undefined && { of: issueKey(issue) })} />
}

/** What only eyes would notice: that all has been sent, and that something was refused. */
function useAnnounced({ upload, uploadError }: Facts): void {
  const { entries, heldTransaction } = upload
  const before = useRef({ entries, heldTransaction })
  useEffect(() => {
    const last = before.current
    before.current = { entries, heldTransaction }
    if (heldTransaction !== null && last.heldTransaction !== heldTransaction) {
      announce(`The service refused a change. ${uploadError?.message ?? ''}`)
    } else if (entries === 0 && last.entries > 0 && last.heldTransaction === null) {
      announce('All changes sent')
    }
  }, [entries, heldTransaction, uploadError])
}

type Facts = Pick<Status, 'upload' | 'uploadError' | 'connection'>

function factsOf({ upload, uploadError, connection }: Status): Facts {
  return { upload, uploadError, connection }
}

function sameFacts(a: Facts, b: Facts): boolean {
  return a.upload === b.upload && a.uploadError === b.uploadError && a.connection === b.connection
}

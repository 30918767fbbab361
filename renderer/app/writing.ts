/** Saving what the user did, and the changes of theirs that the service does not have yet. */
import { useMemo, useState } from 'react'
import { failureOf } from '../../src/ipc/client/index.ts'
import { useClient, usePendingChanges, useStatus, useWrite } from '../../src/ipc/client/react.tsx'
import { announce } from '../parts/Announcer.tsx'
import { changeIssue, type IssueFields, type Statement } from './issue-writes.ts'
import { labelsOf, type IssueRow } from './rows.ts'
import { marksOf, type Marks, type PendingRow } from './upload-marks.ts'
import { notSavedWords } from './upload-words.ts'

export interface Saving {
  /**
   * Saves what `write` says for the time now, as one transaction; nothing is saved at once. Whether it is on the
   * disk; never rejects.
   */
  readonly save: (write: (now: string) => readonly Statement[]) => Promise<boolean>
  readonly isSaving: boolean
  /** Why the last save failed, and what is safe; null: it did not. */
  readonly failure: string | null
}

export function useSaving(): Saving {
  const { batch, isPending, error } = useWrite()
  const save = async (write: (now: string) => readonly Statement[]) => {
    const statements = write(new Date().toISOString())
    if (statements.length === 0) return true
    try {
      await batch(statements)
      announce('Saved on this computer')
      return true
    } catch {
      return false // It is in `error`, too.
    }
  }
  return { save, isSaving: isPending, failure: error === null ? null : notSavedWords(error) }
}

export interface IssueChanging extends Pick<Saving, 'failure'> {
  /** The issue as the user has just decided, before the database has said the same. */
  readonly shown: Pick<IssueRow, 'status' | 'priority' | 'assignee_id'> & {
    readonly labels: readonly string[]
  }
  readonly change: (change: Partial<IssueFields>) => void
}

/** Changes of an issue one by one, each saved when it is chosen. */
export function useIssueChanging(issue: IssueRow): IssueChanging {
  const { save, failure } = useSaving()
  // What was chosen holds until the row is another one: a write may wait behind a large download.
  const [chosen, setChosen] = useState<{ readonly over: IssueRow; readonly change: Partial<IssueFields> }>()
  const change = chosen?.over === issue ? chosen.change : {}
  return {
    failure,
    shown: { ...issue, labels: labelsOf(issue.labels), ...change },
    change: (next) => {
      setChosen({ over: issue, change: { ...change, ...next } })
      void save((now) => changeIssue(issue.id, next, now)).then((isSaved) => isSaved || setChosen(undefined))
    },
  }
}

export function useMarks(): Marks {
  const { entries } = usePendingChanges()
  const held = useStatus((status) => status.upload.heldTransaction)
  return useMemo(() => marksOf(entries, held), [entries, held])
}

/** A transaction that the service will not have as it is. */
export interface Refused {
  readonly transactionId: number
  /** The service's own sentence. */
  readonly reason: string
  /** The rows that it changes. */
  readonly rows: readonly PendingRow[]
  /** How many transactions wait behind it. */
  readonly later: number
}

export function useRefused(): Refused | null {
  const { entries } = usePendingChanges()
  const { heldTransaction: held, transactions } = useStatus((status) => status.upload)
  const reason = useStatus((status) => status.uploadError?.message ?? 'It gave no reason.')
  return useMemo(
    () =>
      held === null
        ? null
        : {
            transactionId: held,
            reason,
            rows: entries.filter(({ transactionId }) => transactionId === held),
            later: transactions - 1,
          },
    [entries, held, reason, transactions],
  )
}

export interface Deciding {
  /** Send everything again now. */
  readonly tryAgain: () => void
  readonly giveUp: (transactionId: number) => void
  /** Why the last of them did not work. */
  readonly failure: string | null
}

export function useDeciding(): Deciding {
  const { uploads } = useClient()
  const [failure, setFailure] = useState<string | null>(null)
  const run = (call: Promise<void>, done: string) => {
    call.then(
      () => {
        setFailure(null)
        announce(done)
      },
      (error: unknown) => setFailure(failureOf(error).message),
    )
  }
  return {
    failure,
    tryAgain: () => run(uploads.retry(), 'Trying again'),
    giveUp: (transactionId) =>
      run(uploads.discard(transactionId), 'Given up. The service’s version comes back.'),
  }
}

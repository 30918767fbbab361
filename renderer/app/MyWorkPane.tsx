/** The open issues of the signed-in person. Its stream comes by default: nothing has to be held. */
import { useMemo, useState } from 'react'
import { useStreamStatus } from '../../src/ipc/client/react.tsx'
import { Blank } from '../parts/Blank.tsx'
import { usePaneRows } from './facts.ts'
import { filterIssues } from './IssueFilter.tsx'
import { IssueList } from './IssueList.tsx'
import { IssueSearch } from './IssueSearch.tsx'
import { NewIssueButton } from './NewIssue.tsx'
import { PaneBody } from './PaneBody.tsx'
import type { ListPlace } from './place.ts'

export interface MyWorkPaneProps {
  readonly openIssue: string | null
  readonly onOpen: (issue: string) => void
}

export function MyWorkPane({ openIssue, onOpen }: MyWorkPaneProps) {
  const status = useStreamStatus({ name: 'my_work' })
  const { rows, facts } = usePaneRows('my_work', NO_PARAMS, {
    what: 'issues assigned to you',
    early: 'only issues of projects that you opened are here',
    stream: { status, error: status?.error ?? null },
  })
  const [wanted, setWanted] = useState('')
  const issues = useMemo(() => filterIssues(rows, 'open', wanted), [rows, wanted])
  return (
    <main className="pane" aria-labelledby="pane-heading" tabIndex={-1}>
      <title>My work · Harbourline</title>
      <header className="pane-header">
        <div className="pane-title">
          <h1 id="pane-heading">My work</h1>
          <NewIssueButton list={HERE} />
        </div>
        <p className="pane-about">Open issues assigned to you, the most urgent first.</p>
        <div className="pane-tools">
          <IssueSearch wanted={wanted} onChange={setWanted} found={issues} onOpen={onOpen} />
        </div>
      </header>
      <PaneBody facts={{ ...facts, shownCount: issues.length }}>
        {issues.length === 0 ? (
          <Blank title={`No issue matches “${wanted.trim()}”`} />
        ) : (
          <IssueList label={facts.what} issues={issues} openIssue={openIssue} onOpen={onOpen} />
        )}
      </PaneBody>
    </main>
  )
}

const NO_PARAMS = {}
const HERE: ListPlace = { kind: 'my_work' }

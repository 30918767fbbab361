/** A project's issues: being here holds its stream. */
import { useMemo, useState } from 'react'
import { useSyncStream } from '../../src/ipc/client/react.tsx'
import { Blank } from '../parts/Blank.tsx'
import { Search } from '../parts/Search.tsx'
import { usePaneFacts } from './facts.ts'
import { filterIssues, IssueFilter, type Shown } from './IssueFilter.tsx'
import { IssueList } from './IssueList.tsx'
import { PaneBody } from './PaneBody.tsx'
import { useRows } from './rows.ts'
import { focusOn } from './shortcuts.ts'

export interface ProjectPaneProps {
  readonly project: string
  readonly openIssue: string | null
  readonly onOpen: (issue: string) => void
}

export function ProjectPane({ project: id, openIssue, onOpen }: ProjectPaneProps) {
  const stream = useSyncStream({ name: 'project_issues', params: { project: id } })
  const project = useRows('project', { project: id }).rows[0]
  const query = useRows('project_issues', { project: id })
  const facts = usePaneFacts(`issues of ${project?.name ?? 'this project'}`, query, stream)
  const [wanted, setWanted] = useState('')
  const [shown, setShown] = useState<Shown>('open')
  const issues = useMemo(() => filterIssues(query.rows, shown, wanted), [query.rows, shown, wanted])
  return (
    <main className="pane" aria-labelledby="pane-heading">
      <title>{`${project?.name ?? 'Project'} · Harbourline`}</title>
      <header className="pane-header">
        <div className="pane-title">
          {project !== undefined && <span className="project-dot" style={{ '--project': project.color }} />}
          <h1 id="pane-heading">{project?.name ?? 'Project'}</h1>
          {project !== undefined && <span className="pane-key">{project.key}</span>}
        </div>
        <p className="pane-about">
          {project?.description}
          {project?.lead_name != null && <span className="pane-lead"> Led by {project.lead_name}.</span>}
        </p>
        <div className="pane-tools">
          {query.rows.length > 0 && <IssueFilter issues={query.rows} shown={shown} onChange={setShown} />}
          <Search
            label="Search issues"
            value={wanted}
            onChange={setWanted}
            onLeave={() => focusOn('list')}
            shortcut="/"
            focusName="search"
          />
        </div>
      </header>
      <PaneBody facts={facts}>
        {issues.length === 0 ? (
          <Blank title={nothingMatches(shown, wanted)} />
        ) : (
          <IssueList label={facts.what} issues={issues} openIssue={openIssue} onOpen={onOpen} />
        )}
      </PaneBody>
    </main>
  )
}

function nothingMatches(shown: Shown, wanted: string): string {
  const kind = shown === 'all' ? 'issue' : `${shown} issue`
  return wanted.trim() === '' ? `No ${kind}s` : `No ${kind} matches “${wanted.trim()}”`
}

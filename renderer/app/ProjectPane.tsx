/** A project's issues: being here holds its stream. A project that does not exist holds nothing. */
import { useMemo, useState } from 'react'
import { useStreamStatus, useSyncStream } from '../../src/ipc/client/react.tsx'
import { Blank } from '../parts/Blank.tsx'
import { usePaneRows } from './facts.ts'
import { filterIssues, IssueFilter, type Shown } from './IssueFilter.tsx'
import { IssueList } from './IssueList.tsx'
import { IssueSearch } from './IssueSearch.tsx'
import { NewIssueButton } from './NewIssue.tsx'
import { PaneBody } from './PaneBody.tsx'
import type { ProjectRow } from './rows.ts'

export interface ProjectPaneProps {
  readonly project: string
  readonly openIssue: string | null
  readonly onOpen: (issue: string) => void
}

export function ProjectPane({ project: id, ...issue }: ProjectPaneProps) {
  const workspace = useStreamStatus({ name: 'workspace' })
  const { rows, facts } = usePaneRows(
    'project',
    { project: id },
    { what: 'the project', stream: { status: workspace, error: workspace?.error ?? null } },
  )
  if (rows[0] !== undefined) return <ProjectIssues project={rows[0]} {...issue} />
  return (
    <main className="pane" aria-label="Project" tabIndex={-1}>
      <title>Project · Harbourline</title>
      {facts.isKnownEmpty ? (
        <Blank
          title="There is no such project"
          text="It was deleted, or the address is wrong. The list beside this has all projects."
        />
      ) : (
        <PaneBody facts={facts}>{null}</PaneBody>
      )}
    </main>
  )
}

interface ProjectIssuesProps extends Omit<ProjectPaneProps, 'project'> {
  readonly project: ProjectRow
}

function ProjectIssues({ project, openIssue, onOpen }: ProjectIssuesProps) {
  const parameters = { project: project.id }
  const stream = useSyncStream({ name: 'project_issues', parameters })
  const { rows, facts } = usePaneRows('project_issues', parameters, {
    what: `issues of ${project.name}`,
    early: 'only issues assigned to you are here',
    stream,
  })
  const [wanted, setWanted] = useState('')
  const [shown, setShown] = useState<Shown>('open')
  const issues = useMemo(() => filterIssues(rows, shown, wanted), [rows, shown, wanted])
  return (
    <main className="pane" aria-labelledby="pane-heading" tabIndex={-1}>
      <title>{`${project.name} · Harbourline`}</title>
      <header className="pane-header">
        <div className="pane-title">
          <span className="project-dot" style={{ '--project': project.color }} />
          <h1 id="pane-heading">{project.name}</h1>
          <span className="pane-key">{project.key}</span>
          <NewIssueButton list={{ kind: 'project', project: project.id }} />
        </div>
        <p className="pane-about">
          {project.description}
          {project.lead_name !== null && <span className="pane-lead"> Led by {project.lead_name}.</span>}
        </p>
        <div className="pane-tools">
          {rows.length > 0 && <IssueFilter issues={rows} shown={shown} onChange={setShown} />}
          <IssueSearch wanted={wanted} onChange={setWanted} found={issues} onOpen={onOpen} />
        </div>
      </header>
      <PaneBody facts={{ ...facts, shownCount: issues.length }}>
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

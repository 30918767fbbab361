/** All projects, with a search. A project's count shows once its issues have been synced here. */
import { useMemo, useState } from 'react'
import { ListBox, ListBoxItem } from 'react-aria-components'
import { useLink, useStatus } from '../../src/ipc/client/react.tsx'
import type { Status, StreamStatus } from '../../src/status/status.ts'
import { number } from '../parts/Bar.tsx'
import { Search } from '../parts/Search.tsx'
import { isDownloading } from './downloads.ts'
import { goTo } from './place.ts'
import { useRows, type ProjectRow } from './rows.ts'
import { focusOn } from './shortcuts.ts'

export function ProjectList({ selected }: { readonly selected: string | null }) {
  const { rows, isLoading } = useRows('projects')
  const [wanted, setWanted] = useState('')
  const streams = useStatus(projectStreams, sameEntries)
  const shown = useMemo(() => rows.filter((project) => matches(project, wanted)), [rows, wanted])
  return (
    <section className="projects" aria-labelledby="projects-heading">
      <h2 className="projects-heading" id="projects-heading">
        Projects
        {rows.length > 0 && <span className="count">{number.format(rows.length)}</span>}
      </h2>
      <Search
        label="Find a project"
        value={wanted}
        onChange={setWanted}
        onEnter={() => {
          if (shown.length === 1) {
            openProject(shown[0]!.id)
            setWanted('')
          }
          // Focus goes to the selected line, so that has to be rendered first.
          requestAnimationFrame(() => focusOn('project-list'))
        }}
        onLeave={() => focusOn('project-list')}
        shortcut="P"
        focusName="projects"
      />
      <ListBox
        className="project-list"
        aria-label="Projects"
        data-testid="project-list"
        data-focus="project-list"
        items={shown}
        dependencies={[streams]}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={selected === null ? [] : [selected]}
        onSelectionChange={(keys) => {
          const [project] = keys
          if (keys !== 'all' && project !== undefined) openProject(String(project))
        }}
        renderEmptyState={() => <NoProjects isLoading={isLoading} wanted={wanted} />}
      >
        {(project) => <ProjectLine project={project} stream={streams.get(project.id) ?? null} />}
      </ListBox>
    </section>
  )
}

function openProject(project: string): void {
  goTo({ list: { kind: 'project', project }, issue: null })
}

function ProjectLine({
  project,
  stream,
}: {
  readonly project: ProjectRow
  readonly stream: StreamStatus | null
}) {
  const isHere = stream?.lastSyncedAt != null
  return (
    <ListBoxItem id={project.id} className="project" textValue={project.name}>
      <span className="project-dot" style={{ '--project': project.color }} />
      <span className="project-name">{project.name}</span>
      {isDownloading(stream) ? (
        <span className="project-busy" title="Downloading" />
      ) : (
        isHere && (
          <span className="count" title={`${project.open_count} open of ${project.issue_count} issues`}>
            {number.format(project.open_count)}
          </span>
        )
      )}
    </ListBoxItem>
  )
}

function NoProjects({ isLoading, wanted }: { readonly isLoading: boolean; readonly wanted: string }) {
  const link = useLink()
  const connection = useStatus((status) => status.connection.state)
  return (
    <p className="projects-none">{noProjectsWords(isLoading || link === 'opening', wanted, connection)}</p>
  )
}

function noProjectsWords(
  isLoading: boolean,
  wanted: string,
  connection: Status['connection']['state'],
): string {
  if (wanted !== '') return `No project is called “${wanted}”.`
  if (isLoading) return 'Opening…'
  switch (connection) {
    case 'connected':
      return 'Downloading the projects…'
    case 'connecting':
      return 'Connecting, to download the projects…'
    case 'waiting':
    case 'offline':
      return 'The projects come with the first sync. Right now there is no connection.'
  }
}

function matches({ name, key }: ProjectRow, wanted: string): boolean {
  const text = wanted.trim().toLowerCase()
  return name.toLowerCase().includes(text) || key.toLowerCase().startsWith(text)
}

/** The stream of each project's issues, by project id. */
function projectStreams({ streams }: Status): ReadonlyMap<string, StreamStatus> {
  const found = new Map<string, StreamStatus>()
  for (const stream of streams.values()) {
    const project = stream.name === 'project_issues' ? stream.params?.['project'] : undefined
    if (typeof project === 'string') found.set(project, stream)
  }
  return found
}

function sameEntries<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}

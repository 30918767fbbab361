/** The frame: sidebar, one list, the open issue, and the status bar below. */
import { useLink } from '../../src/ipc/client/react.tsx'
import { Announcer } from '../parts/Announcer.tsx'
import { NoKey } from '../parts/NoKey.tsx'
import { ArchivePane } from './ArchivePane.tsx'
import { IssueDetail } from './IssueDetail.tsx'
import { useKeptFocus } from './kept-focus.ts'
import { MyWorkPane } from './MyWorkPane.tsx'
import { closeIssue, goTo, usePlace, type ListPlace } from './place.ts'
import { ProjectPane } from './ProjectPane.tsx'
import { useShortcuts } from './shortcuts.ts'
import { Sidebar } from './Sidebar.tsx'
import { StatusBar } from './StatusBar.tsx'

export function App() {
  const { list, issue } = usePlace()
  const link = useLink()
  useShortcuts()
  useKeptFocus()
  if (link === 'refused') return <NoKey />
  return (
    <div className="app" data-detail={issue === null ? 'closed' : 'open'}>
      <Sidebar list={list} />
      <ListOf list={list} openIssue={issue} />
      {issue !== null && <IssueDetail key={issue} issue={issue} list={list} onClose={closeIssue} />}
      <StatusBar />
      <Announcer />
    </div>
  )
}

function ListOf({ list, openIssue }: { readonly list: ListPlace; readonly openIssue: string | null }) {
  const open = (issue: string) => goTo({ list, issue })
  switch (list.kind) {
    case 'my_work':
      return <MyWorkPane openIssue={openIssue} onOpen={open} />
    case 'project':
      return <ProjectPane key={list.project} project={list.project} openIssue={openIssue} onOpen={open} />
    case 'archive':
      return <ArchivePane />
  }
}

/** Where one can go: my work, the archive, and the projects. */
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { Avatar } from '../parts/Avatar.tsx'
import { number } from '../parts/Bar.tsx'
import { ArchiveIcon, WorkIcon } from '../parts/icons.tsx'
import logo from '../parts/headwater.svg'
import { goTo, type ListPlace } from './place.ts'
import { ProjectList } from './ProjectList.tsx'
import { useRows } from './rows.ts'

export function Sidebar({ list }: { readonly list: ListPlace }) {
  const { rows: myWork } = useRows('my_work')
  const me = useRows('me').rows[0]
  return (
    <nav className="sidebar" aria-label="Projects and lists">
      <header className="brand">
        <img src={logo} alt="" width="26" height="26" />
        <span className="brand-name">Harbourline</span>
      </header>
      <div className="places">
        <Place place={{ kind: 'my_work' }} isHere={list.kind === 'my_work'}>
          <WorkIcon />
          <span className="place-name">My work</span>
          {myWork.length > 0 && <span className="count">{number.format(myWork.length)}</span>}
        </Place>
        <Place place={{ kind: 'archive' }} isHere={list.kind === 'archive'} testId="archive-button">
          <ArchiveIcon />
          <span className="place-name">Archive</span>
        </Place>
      </div>
      <ProjectList selected={list.kind === 'project' ? list.project : null} />
      {me !== undefined && (
        <footer className="me">
          <Avatar name={me.name} hue={me.avatar_hue} />
          <span className="me-name">{me.name}</span>
          <span className="me-role">{me.role}</span>
        </footer>
      )}
    </nav>
  )
}

interface PlaceProps {
  readonly place: ListPlace
  readonly isHere: boolean
  readonly testId?: string
  readonly children: ReactNode
}

function Place({ place, isHere, testId, children }: PlaceProps) {
  return (
    <Button
      className="place"
      onPress={() => goTo({ list: place, issue: null })}
      data-testid={testId}
      data-here={isHere || undefined}
      {...(isHere && { 'aria-current': 'page' })}
    >
      {children}
    </Button>
  )
}

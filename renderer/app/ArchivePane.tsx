/**
 * The archive: thousands of shelves, each a bucket of its own, so it shows what a large download looks like. Being
 * here holds its stream; the search runs in the database, which gives the newest few hundred.
 */
import { useDeferredValue, useState } from 'react'
import { ListBox, ListBoxItem, ListLayout, Virtualizer } from 'react-aria-components'
import { useSyncStream } from '../../src/ipc/client/react.tsx'
import { number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { Search } from '../parts/Search.tsx'
import { Time } from '../parts/Time.tsx'
import { usePaneFacts } from './facts.ts'
import { PaneBody } from './PaneBody.tsx'
import { useRows, type ArchivedRow } from './rows.ts'
import { focusOn } from './shortcuts.ts'

export function ArchivePane() {
  const stream = useSyncStream({ name: 'archive' })
  const [wanted, setWanted] = useState('')
  const text = useDeferredValue(wanted.trim())
  const query = useRows('archived_issues', { text })
  const facts = usePaneFacts('archived issues', query, stream)
  const total = query.rows[0]?.total ?? 0
  const nothingMatches = text !== '' && query.rows.length === 0 && !query.isLoading
  return (
    <main className="pane" aria-labelledby="pane-heading">
      <title>Archive · Harbourline</title>
      <header className="pane-header">
        <div className="pane-title">
          <h1 id="pane-heading">Archive</h1>
        </div>
        <p className="pane-about">
          Issues closed long ago, on thousands of shelves that sync one by one. It stays on this computer for
          a day after you last looked.
        </p>
        <div className="pane-tools">
          <Search
            label="Search the archive"
            value={wanted}
            onChange={setWanted}
            onLeave={() => focusOn('list')}
            shortcut="/"
            focusName="search"
          />
          {total > 0 && <span className="count">{countWords(query.rows.length, total)}</span>}
        </div>
      </header>
      {nothingMatches ? (
        <Blank title={`Nothing in the archive matches “${text}”`} />
      ) : (
        <PaneBody facts={facts}>
          <ArchiveList rows={query.rows} />
        </PaneBody>
      )}
    </main>
  )
}

function ArchiveList({ rows }: { readonly rows: readonly ArchivedRow[] }) {
  return (
    <Virtualizer layout={ListLayout} layoutOptions={{ rowSize: 34 }}>
      <ListBox
        className="issue-list"
        aria-label="Archived issues"
        data-testid="archive-list"
        data-focus="list"
        items={rows}
      >
        {(row) => (
          <ListBoxItem id={row.id} className="issue" textValue={row.title}>
            <span className="archived-line">
              <span className="issue-title">{row.title}</span>
              <span className="archived-resolution">{row.resolution}</span>
              <span className="issue-age">
                <Time at={row.closed_at} />
              </span>
            </span>
          </ListBoxItem>
        )}
      </ListBox>
    </Virtualizer>
  )
}

function countWords(shown: number, total: number): string {
  if (shown === total) return `${number.format(total)} issues`
  return `the last ${number.format(shown)} of ${number.format(total)} issues`
}

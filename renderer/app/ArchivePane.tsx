/**
 * The archive: thousands of shelves, each a bucket of its own, so it shows what a large download looks like. Being
 * here holds its stream; the search runs in the database, which gives the newest few hundred. They are for reading
 * only.
 */
import { useDeferredValue, useState } from 'react'
import { useSyncStream } from '../../src/ipc/client/react.tsx'
import { number } from '../parts/Bar.tsx'
import { Blank } from '../parts/Blank.tsx'
import { Search } from '../parts/Search.tsx'
import { Time } from '../parts/Time.tsx'
import { usePaneRows, type Pane } from './facts.ts'
import { PaneBody } from './PaneBody.tsx'
import type { ArchivedRow } from './rows.ts'
import { focusOn } from './shortcuts.ts'

export function ArchivePane() {
  const stream = useSyncStream({ name: 'archive' })
  const [wanted, setWanted] = useState('')
  const text = useDeferredValue(wanted.trim())
  const { rows, facts } = useLastAnswer(
    usePaneRows('archived_issues', { text }, { what: 'archived issues', stream }),
  )
  const total = rows[0]?.total ?? 0
  return (
    <main className="pane" aria-labelledby="pane-heading" tabIndex={-1}>
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
          {total > 0 && <span className="count">{countWords(rows.length, total)}</span>}
        </div>
      </header>
      {facts.isKnownEmpty && text !== '' ? (
        <Blank title={`Nothing in the archive matches “${text}”`} />
      ) : (
        <PaneBody facts={facts}>
          <ArchiveList rows={rows} />
        </PaneBody>
      )}
    </main>
  )
}

function ArchiveList({ rows }: { readonly rows: readonly ArchivedRow[] }) {
  return (
    <ol
      className="archive-list"
      aria-label="Archived issues"
      data-testid="archive-list"
      data-focus="list"
      // The keys that scroll must reach it.
      tabIndex={0}
    >
      {rows.map((row) => (
        <li key={row.id} className="archived-line">
          <span className="issue-title">{row.title}</span>
          <span className="archived-resolution">{row.resolution}</span>
          <span className="issue-age">
            <Time at={row.closed_at} />
          </span>
        </li>
      ))}
    </ol>
  )
}

/** While a new search is read, the rows of the one before stay. */
function useLastAnswer<R>(pane: Pane<R>): Pane<R> {
  const [last, setLast] = useState(pane)
  const { link, stream, queryError, isKnownEmpty } = pane.facts
  const isRead = pane.rows.length > 0 || isKnownEmpty || queryError !== null
  if (!isRead && link === 'open' && stream?.lastSyncedAt != null && last.rows.length > 0) return last
  if (last.rows !== pane.rows) setLast(pane)
  return pane
}

function countWords(shown: number, total: number): string {
  if (shown === total) return `${number.format(total)} issues`
  return `the last ${number.format(shown)} of ${number.format(total)} issues`
}

/** What was given up, to read, copy, and in the end forget. */
import { useState } from 'react'
import { Button } from 'react-aria-components'
import { announce } from '../parts/Announcer.tsx'
import { useClock } from '../parts/clock.ts'
import { copyText } from '../parts/copy.ts'
import { ago } from '../parts/time.ts'
import type { GivenUp } from './given-up.ts'
import { givenUpLines, givenUpText, isOfNewIssue } from './given-up-words.ts'
import { issueKey, useRows } from './rows.ts'

export function GivenUpList({ changes, forget }: GivenUp) {
  if (changes.length === 0) return null
  return (
    <section aria-labelledby="given-up-heading">
      <h3 id="given-up-heading" className="changes-heading">
        Given up
      </h3>
      <ul className="given-up-list">
        {changes.map((change) => (
          <GivenUpChange
            key={change.transactionId}
            change={change}
            onForget={() => forget(change.transactionId)}
          />
        ))}
      </ul>
    </section>
  )
}

interface GivenUpChangeProps {
  readonly change: GivenUp['changes'][number]
  readonly onForget: () => void
}

function GivenUpChange({ change, onForget }: GivenUpChangeProps) {
  const { rows: people } = useRows('people')
  const age = useClock((now) => ago(change.discardedAt, now))
  const lines = givenUpLines(change.crud, (person) => people.find(({ id }) => id === person)?.name ?? null)
  const id = change.crud.find(({ table }) => table === 'issues')?.rowId ?? ''
  const issue = useRows('issue', { issue: id }).rows[0]
  const [copied, setCopied] = useState('Copy')
  const copy = () => {
    const words = copyText(givenUpText(lines)) ? 'Copied' : 'Not copied: select the text instead'
    setCopied(words)
    announce(words)
  }
  return (
    <li className="given-up" data-testid="given-up">
      <p className="given-up-of">
        {issue !== undefined
          ? issueKey(issue)
          : isOfNewIssue(change.crud)
            ? 'A new issue'
            : 'An issue that is not here'}{' '}
        <span className="count">{age}</span>
      </p>
      <p>{change.error.message}</p>
      <dl className="given-up-lines">
        {lines.map(({ what, before, text }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {before !== null && <del>{before}</del>} {text}
            </dd>
          </div>
        ))}
      </dl>
      <div className="given-up-actions">
        <Button className="button button-small" onPress={copy}>
          {copied}
        </Button>
        <Button
          className="button button-small"
          onPress={({ target }) => {
            // It goes with the change; the next key should not fall to the page meanwhile.
            target.closest<HTMLElement>('[role="dialog"]')?.focus()
            onForget()
          }}
        >
          Remove
        </Button>
      </div>
    </li>
  )
}

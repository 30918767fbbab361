/** Says what happened to those who do not see it: one polite live region for the page. */
import { useSyncExternalStore } from 'react'

interface Said {
  readonly text: string
  /** The same words twice are two events. */
  readonly count: number
}

let said: Said = { text: '', count: 0 }
const listeners = new Set<() => void>()

export function announce(text: string): void {
  said = { text, count: said.count + 1 }
  for (const listener of listeners) listener()
}

export function Announcer() {
  const { text, count } = useSyncExternalStore(subscribe, () => said)
  return (
    <div className="visually-hidden" role="status" data-testid="announcer">
      <p key={count}>{text}</p>
    </div>
  )
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

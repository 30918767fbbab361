/**
 * Keys that work everywhere, while nobody is typing. Arrow keys, Enter and Home and End within lists are the
 * lists' own.
 */
import { useEffect } from 'react'
import { closeIssue, goTo, parsePlace } from './place.ts'

/** What the help shows. */
export const shortcuts: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['↑', '↓'], does: 'Move in a list' },
  { keys: ['Enter'], does: 'Open what is selected' },
  { keys: ['Esc'], does: 'Close the issue, clear a search' },
  { keys: ['/'], does: 'Search this list' },
  { keys: ['P'], does: 'Find a project' },
  { keys: ['M'], does: 'My work' },
  { keys: ['A'], does: 'Archive' },
  { keys: ['?'], does: 'These shortcuts' },
]

/** Elements that keys reach, by their `data-focus`. */
export type FocusTarget = 'search' | 'projects' | 'project-list' | 'list' | 'help'

export function useShortcuts(): void {
  useEffect(() => {
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

export function focusOn(target: FocusTarget): void {
  document.querySelector<HTMLElement>(`[data-focus="${target}"]`)?.focus()
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target instanceof Element && event.target.closest('input, textarea, [role="dialog"]') !== null)
    return
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  if (action === undefined) return
  event.preventDefault()
  action()
}

const actions: { readonly [key: string]: () => void } = {
  '/': () => focusOn('search'),
  p: () => focusOn('projects'),
  m: () => goTo({ list: { kind: 'my_work' }, issue: null }),
  a: () => goTo({ list: { kind: 'archive' }, issue: null }),
  '?': () => document.querySelector<HTMLElement>('[data-focus="help"]')?.click(),
  Escape: () => {
    if (parsePlace(location.hash).issue === null) return
    closeIssue()
    focusOn('list')
  },
}

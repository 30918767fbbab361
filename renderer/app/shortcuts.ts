/**
 * Keys that work everywhere, while nobody is typing. Arrow keys, Enter and Home and End within lists are the
 * lists' own; letters are not: each list has a search, and what a letter does must not depend on where one is. Who
 * switches single characters off leaves letters to the lists.
 */
import { useEffect } from 'react'
import type { Shortcut } from '../parts/KeyboardHelp.tsx'
import { singleKeysWork } from '../parts/single-keys.ts'
import { closeIssue, goTo, parsePlace } from './place.ts'

/** What the help shows. */
export const shortcuts: readonly Shortcut[] = [
  { keys: ['↑', '↓'], does: 'Move in a list' },
  { keys: ['Enter'], does: 'Open the line, or the one thing that a search found' },
  { keys: ['Esc'], does: 'Close the issue, then clear the search' },
  { keys: ['N'], does: 'New issue' },
  { keys: ['E'], does: 'Edit the open issue' },
  { keys: ['C'], does: 'Comment on it' },
  { keys: ['/'], does: 'Search this list' },
  { keys: ['P'], does: 'Find a project' },
  { keys: ['M'], does: 'My work' },
  { keys: ['A'], does: 'Archive' },
  { keys: ['?'], does: 'These shortcuts' },
]

/** Elements that keys reach, by their `data-focus`. */
export type FocusTarget = 'search' | 'projects' | 'project-list' | 'list' | 'detail' | 'edit' | 'comment'

export function useShortcuts(): void {
  useEffect(() => {
    // Before the lists see the keys.
    addEventListener('keydown', onKeyDown, { capture: true })
    return () => removeEventListener('keydown', onKeyDown, { capture: true })
  }, [])
}

/** A line that has focus keeps it when its list is meant; what a field holds already is selected. */
export function focusOn(target: FocusTarget): void {
  const element = document.querySelector<HTMLElement>(`[data-focus="${target}"]`)
  if (element?.contains(document.activeElement) === false) element.focus()
  if (element instanceof HTMLInputElement) element.select()
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (
    event.target instanceof Element &&
    event.target.closest('input, textarea, [role="dialog"], .popover') !== null
  )
    return
  const isCharacter = event.key.length === 1 && event.key !== ' '
  if (isCharacter && !singleKeysWork()) return
  const action = actions[isCharacter ? event.key.toLowerCase() : event.key]
  if (action === undefined && !isCharacter) return
  event.stopPropagation()
  if (action === undefined) return
  event.preventDefault()
  action()
}

const actions: { readonly [key: string]: () => void } = {
  '/': () => focusOn('search'),
  p: () => focusOn('projects'),
  m: () => goTo({ list: { kind: 'my_work' }, issue: null }),
  a: () => goTo({ list: { kind: 'archive' }, issue: null }),
  n: () => press('new-issue'),
  e: () => press('edit'),
  c: () => focusOn('comment'),
  '?': () => press('help'),
  Escape: () => {
    if (parsePlace(location.hash).issue === null) clearSearch()
    else closeIssue()
    focusOn('list')
  },
}

function press(target: string): void {
  document.querySelector<HTMLElement>(`[data-focus="${target}"]`)?.click()
}

/** The list's, or else that of the projects. */
function clearSearch(): void {
  const clears = ['search', 'projects'].map((name) =>
    document.querySelector<HTMLElement>(`.search:not([data-empty]) [data-clears="${name}"]`),
  )
  clears.find((button) => button !== null)?.click()
}

/**
 * Keys that work everywhere, while nobody is typing and nobody has switched them off: a digit shows a panel, `/`
 * goes to its search.
 */
import { useEffect } from 'react'
import type { Shortcut } from '../parts/KeyboardHelp.tsx'
import { singleKeysWork } from '../parts/single-keys.ts'
import { goTo, panels } from './place.ts'

/** What the help shows. */
export const shortcuts: readonly Shortcut[] = [
  { keys: [`1–${panels.length}`], does: 'Show a panel' },
  { keys: ['/'], does: 'Search in the panel' },
  { keys: ['?'], does: 'These shortcuts' },
  { keys: ['↑', '↓'], does: 'Move in a table or a tree' },
  { keys: ['→', '←'], does: 'Open and close a part of a tree' },
  { keys: ['Enter'], does: 'Choose a line' },
]

export function useShortcuts(): void {
  useEffect(() => {
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

/** The search or the table of the panel that is shown, by its `data-focus`. */
export function focusOn(target: 'search' | 'table'): void {
  const all = document.querySelectorAll<HTMLElement>(`[data-focus="${target}"]`)
  ;[...all].find((element) => element.checkVisibility())?.focus()
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target instanceof Element && event.target.closest(typing) !== null) return
  if (!singleKeysWork()) return
  if (event.key === '/') {
    event.preventDefault()
    focusOn('search')
  }
  if (event.key === '?') document.querySelector<HTMLElement>('[data-focus="help"]')?.click()
  const panel = panels[Number(event.key) - 1]
  if (panel !== undefined) goTo({ panel: panel.id, stream: null })
}

/** Where characters are typed, or are the list's own, or would act behind a question. */
const typing = 'input, [role="listbox"], [role="dialog"], [role="alertdialog"]'

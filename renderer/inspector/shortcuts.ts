/** Keys that work everywhere, while nobody is typing: a digit shows a panel, `/` goes to its search. */
import { useEffect } from 'react'
import { goTo, panels } from './place.ts'

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
  if (event.target instanceof Element && event.target.closest('input, [role="listbox"]') !== null) return
  if (event.key === '/') {
    event.preventDefault()
    focusOn('search')
  }
  const panel = panels[Number(event.key) - 1]
  if (panel !== undefined) goTo({ panel: panel.id, stream: null })
}

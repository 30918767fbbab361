/**
 * Light or dark: what the system prefers, until the user chooses. The choice stands in `data-theme` of the root
 * element, where the style sheets read it, and is kept for the next visit and told to the other windows.
 */
import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const STORED = 'headwater.theme'
const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

/** Call once before the first render, so that the page never flashes in the other theme. */
export function restoreTheme(): void {
  show(localStorage.getItem(STORED))
  addEventListener('storage', ({ key, newValue }) => key === STORED && show(newValue))
}

function show(stored: string | null): void {
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset['theme'] = stored
  for (const listener of listeners) listener()
}

export function useTheme(): { readonly theme: Theme; readonly setTheme: (theme: Theme) => void } {
  return { theme: useSyncExternalStore(subscribe, current), setTheme }
}

function current(): Theme {
  const chosen = document.documentElement.dataset['theme']
  if (chosen === 'light' || chosen === 'dark') return chosen
  return prefersDark.matches ? 'dark' : 'light'
}

function setTheme(theme: Theme): void {
  localStorage.setItem(STORED, theme)
  show(theme)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  prefersDark.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    prefersDark.removeEventListener('change', listener)
  }
}

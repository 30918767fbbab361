/**
 * Whether single characters work as shortcuts. Who speaks to the computer, or hits keys by accident, switches them
 * off (WCAG 2.1.4). The choice is kept for the next visit and told to the other windows.
 */
import { useSyncExternalStore } from 'react'

const STORED = 'headwater.single-keys'
const listeners = new Set<() => void>()

/** To be asked when a key is pressed. */
export function singleKeysWork(): boolean {
  return localStorage.getItem(STORED) !== 'off'
}

export function useSingleKeys(): { readonly work: boolean; readonly setWork: (work: boolean) => void } {
  return { work: useSyncExternalStore(subscribe, singleKeysWork), setWork }
}

function setWork(work: boolean): void {
  localStorage.setItem(STORED, work ? 'on' : 'off')
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    removeEventListener('storage', listener)
  }
}

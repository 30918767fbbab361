/** A view of a record that can be held still while recording goes on. */
import { useState, useSyncExternalStore } from 'react'
import type { Recent } from './recent.ts'

export interface Pausable<T> {
  readonly entries: readonly T[]
  readonly isPaused: boolean
  readonly setPaused: (paused: boolean) => void
  /** Forgets what was recorded; a view that was held still runs again. */
  readonly clear: () => void
}

export function usePausable<T>(record: Recent<T>): Pausable<T> {
  const live = useSyncExternalStore(record.subscribe, record.getSnapshot)
  const [still, setStill] = useState<readonly T[] | null>(null)
  return {
    entries: still ?? live,
    isPaused: still !== null,
    setPaused: (paused) => setStill(paused ? live : null),
    clear: () => {
      record.clear()
      setStill(null)
    },
  }
}

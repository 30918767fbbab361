/**
 * What somebody is writing, kept for this window: going elsewhere, reloading and coming back lose nothing. It is gone
 * when it is cleared, or with the window.
 */
import { useState } from 'react'

export interface Draft<T> {
  readonly value: T
  readonly set: (value: T) => void
  readonly clear: () => void
}

/**
 * One draft for each name. `empty`: what there is before anything is written; it never changes.
 *
 * @example
 * const draft = useDraft(`comment.${issue}`, '')
 */
export function useDraft<T extends string | object | null>(name: string, empty: T): Draft<T> {
  const key = `headwater.draft.${name}`
  const [state, setState] = useState(() => ({ key, value: read(key, empty) }))
  // Another name is another draft.
  const value = state.key === key ? state.value : read(key, empty)
  return {
    value,
    set: (next) => {
      keep(key, next)
      setState({ key, value: next })
    },
    clear: () => {
      sessionStorage.removeItem(key)
      setState({ key, value: empty })
    },
  }
}

function keep(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value))
  } catch {
    // Larger than a window may keep: it lasts as long as its component.
    sessionStorage.removeItem(key)
  }
}

function read<T>(key: string, empty: T): T {
  const kept = sessionStorage.getItem(key)
  return kept === null ? empty : (JSON.parse(kept) as T)
}

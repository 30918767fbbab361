/** A live query whose rows the test gives. */
import type { LiveHandle, LiveUpdate } from '../../src/daemon/daemon.ts'
import { diffRows } from '../../src/engine/live-diff.ts'
import type { LiveRows } from '../../src/status/rows.ts'
import { applyRowsChange } from '../../src/status/rows.ts'
import type { ErrorInfo } from '../../src/status/status.ts'

export interface FakeLive {
  /** Another asker's hold. */
  handle(): LiveHandle
  /** The query has run again. Rows that are equal keep their identity, as the daemon's do. */
  set(result: LiveRows): void
  fail(error: ErrorInfo): void
  readonly handles: number
}

export function fakeLive(first: LiveRows | null, key = 'id'): FakeLive {
  let result = first
  let error: ErrorInfo | null = null
  const handles = new Set<Set<(update: LiveUpdate) => void>>()
  const tell = (update: LiveUpdate) => {
    for (const listeners of handles) for (const listener of listeners) listener(update)
  }
  return {
    handle() {
      const listeners = new Set<(update: LiveUpdate) => void>()
      handles.add(listeners)
      return {
        get result() {
          return result
        },
        get error() {
          return error
        },
        listen(listener) {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
        changeSince: (before) => (result === null ? null : diffRows(before, result, key)),
        close: () => void handles.delete(listeners),
      }
    },
    set(next) {
      const before = result
      error = null
      const change = before === null ? null : diffRows(before, next, key)
      if (before === null || change === null) {
        result = next
        return tell({ kind: 'rows', result: next })
      }
      result = { columns: before.columns, rows: applyRowsChange(before.rows, change) }
      tell({ kind: 'change', before, result, change })
    },
    fail(failure) {
      error = failure
      tell({ kind: 'error', error: failure })
    },
    get handles() {
      return handles.size
    },
  }
}

/** Writes as hooks, and what is still on its way to the back end. */
import { useMemo, useState, useSyncExternalStore } from 'react'
import type { SqlParameters, Statement, WriteResult } from '../../daemon/daemon.ts'
import type { ErrorInfo } from '../../status/status.ts'
import { failureOf } from './failure.ts'
import { useClient } from './react-client.tsx'
import type { SqlClient } from './sql.ts'
import type { PendingChanges } from './uploads.ts'

export interface Write {
  /** One INSERT, UPDATE or DELETE. The promise can be left alone: a failure is also in `error`. */
  execute(sql: string, params?: SqlParameters): Promise<WriteResult>
  /** All of the statements or none. */
  batch(statements: readonly Statement[]): Promise<readonly WriteResult[]>
  /** Whether a write of this component waits for the disk: behind a large download, for example. */
  readonly isPending: boolean
  /** Why the write that ended last failed; null: it did not. */
  readonly error: ErrorInfo | null
}

/**
 * Writes of this component to the app's tables.
 *
 * @example
 * const { execute, isPending, error } = useWrite()
 * const close = () => execute('UPDATE issues SET status = ? WHERE id = ?', ['done', issue.id])
 */
export function useWrite(): Write {
  const { sql } = useClient()
  const [state, setState] = useState<{ readonly pending: number; readonly error: ErrorInfo | null }>(IDLE)
  const calls = useMemo(() => {
    const track = <T>(write: Promise<T>): Promise<T> => {
      setState(({ pending, error }) => ({ pending: pending + 1, error }))
      const ended = (error: ErrorInfo | null) => setState(({ pending }) => ({ pending: pending - 1, error }))
      write.then(
        () => ended(null),
        (error: unknown) => ended(failureOf(error)),
      )
      return write
    }
    return {
      execute: (...[text, params]: Parameters<SqlClient['write']>) => track(sql.write(text, params)),
      batch: (statements: readonly Statement[]) => track(sql.batch(statements)),
    }
  }, [sql])
  return { ...calls, isPending: state.pending > 0, error: state.error }
}

/** Changes that the back end does not have yet, the oldest 500. */
export function usePendingChanges(): PendingChanges {
  const { pending } = useClient().uploads
  return useSyncExternalStore(pending.subscribe, pending.getSnapshot)
}

const IDLE = { pending: 0, error: null }

/** A call that somebody asks for by a button: whether it runs, and why the last one failed. */
import { useState } from 'react'
import { failureOf } from '../../src/ipc/client/index.ts'
import type { ErrorInfo } from '../../src/status/status.ts'

export interface Action {
  /** Whether it worked; never rejects. */
  readonly run: (call: () => Promise<unknown>) => Promise<boolean>
  readonly isRunning: boolean
  /** Null: the last one did not fail. */
  readonly error: ErrorInfo | null
}

export function useAction(): Action {
  const [isRunning, setRunning] = useState(false)
  const [error, setError] = useState<ErrorInfo | null>(null)
  const run = async (call: () => Promise<unknown>) => {
    setRunning(true)
    setError(null)
    try {
      await call()
      return true
    } catch (failure) {
      setError(failureOf(failure))
      return false
    } finally {
      setRunning(false)
    }
  }
  return { run, isRunning, error }
}

/** Tries again while another program keeps the database locked: one try waits inside SQLite for a moment only. */
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../storage/storage.ts'

const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 500

/** What the first try gives that finds the database free. `left`: milliseconds that this try may wait itself. */
export async function whileBusy<T>(limitMs: number, attempt: (left: number) => Promise<T>): Promise<T> {
  const until = performance.now() + limitMs
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
    const left = Math.max(0, until - performance.now())
    try {
      return await attempt(left)
    } catch (error) {
      if (!isBusy(error) || left === 0) throw error
      await sleep(Math.min(wait, left))
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'database_busy'
}

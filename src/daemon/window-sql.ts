/**
 * SQL that windows send. It is judged before it runs and read in a process of its own; a write is rehearsed there,
 * and then written as the app's own writes are.
 *
 * One write of windows is under way at a time, from its rehearsal to its commit, so each is rehearsed on what those
 * before it left. What a rehearsal still does not see is said in `storage/rehearsal.ts`.
 */
import type { ReadProcess } from '../engine/read-process/open.ts'
import { Writer } from '../engine/writer.ts'
import { coded } from './coded.ts'
import { DaemonError } from './daemon.ts'
import type { WindowSql } from './daemon.ts'
import { THROTTLE_MS } from './live/queries.ts'
import type { LiveQueries } from './live/queries.ts'
import { LOCK_TIMEOUT_MS } from './transaction.ts'
import type { Transactions } from './transaction.ts'

export interface WindowSqlOptions {
  readonly transactions: Pick<Transactions, 'checkOutside'> & {
    readonly engine: Pick<Transactions['engine'], 'batch'>
  }
  readonly readers: ReadProcess
  readonly live: LiveQueries
}

/** What a write of a window may return and how long it may write rows. */
const BOUNDS = { maxRows: 10_000, maxMs: 10_000 }

export function openWindowSql({ transactions, readers, live }: WindowSqlOptions): WindowSql {
  const turns = new Writer()
  return {
    query: (sql, params = [], options = {}) => coded(readers.query(sql, params, options)),
    async write(statements, { lockTimeoutMs = LOCK_TIMEOUT_MS } = {}) {
      transactions.checkOutside()
      const askedAt = performance.now()
      const release = await coded(turns.hold(lockTimeoutMs))
      try {
        const left = Math.max(0, lockTimeoutMs - (performance.now() - askedAt))
        const judged = await coded(readers.rehearse(statements))
        if (!judged.allowed) throw new DaemonError(judged.code, judged.message)
        return await coded(transactions.engine.batch(statements, left, BOUNDS))
      } finally {
        release()
      }
    },
    watch: (sql, params = [], { throttleMs = THROTTLE_MS, key = 'id' } = {}) =>
      live.open({ source: 'window', sql, params, throttleMs, key }),
  }
}

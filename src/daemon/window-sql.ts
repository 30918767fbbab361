/**
 * SQL that windows send. It is judged before it runs and read in a process of its own; a write is rehearsed there,
 * and then written as the app's own writes are.
 */
import type { EngineFace } from '../engine/face.ts'
import type { ReadProcess } from '../engine/read-process/open.ts'
import { coded } from './coded.ts'
import { DaemonError } from './daemon.ts'
import type { WindowSql } from './daemon.ts'
import { THROTTLE_MS } from './live/queries.ts'
import type { LiveQueries } from './live/queries.ts'
import { LOCK_TIMEOUT_MS } from './transaction.ts'

export interface WindowSqlOptions {
  readonly engine: Pick<EngineFace, 'batch'>
  readonly readers: ReadProcess
  readonly live: LiveQueries
}

/** What a write of a window may return and how long it may write rows; what it computes the rehearsal bounds. */
const BOUNDS = { maxRows: 10_000, maxMs: 10_000 }

export function openWindowSql({ engine, readers, live }: WindowSqlOptions): WindowSql {
  return {
    query: (sql, params = [], options = {}) => coded(readers.query(sql, params, options)),
    async write(statements, { lockTimeoutMs = LOCK_TIMEOUT_MS } = {}) {
      const judged = await coded(readers.rehearse(statements))
      if (!judged.allowed) throw new DaemonError(judged.code, judged.message)
      return await coded(engine.batch(statements, lockTimeoutMs, BOUNDS))
    },
    watch: (sql, params = [], { throttleMs = THROTTLE_MS, key = 'id' } = {}) =>
      live.open({ source: 'window', sql, params, throttleMs, key }),
  }
}

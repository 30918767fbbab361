/** SQL that windows send: judged before it runs, read in a process of its own, written as the app's own writes. */
import type { EngineFace } from '../engine/face.ts'
import type { ReadProcess } from '../engine/read-process/open.ts'
import { coded } from './coded.ts'
import { DaemonError } from './daemon.ts'
import type { Statement, WindowSql } from './daemon.ts'
import { THROTTLE_MS } from './live/queries.ts'
import type { LiveQueries } from './live/queries.ts'
import { LOCK_TIMEOUT_MS } from './transaction.ts'

export interface WindowSqlOptions {
  readonly engine: Pick<EngineFace, 'batch'>
  readonly readers: ReadProcess
  readonly live: LiveQueries
}

export function openWindowSql({ engine, readers, live }: WindowSqlOptions): WindowSql {
  const check = async ([sql]: Statement): Promise<void> => {
    const verdict = await readers.check(sql, 'write')
    if (!verdict.allowed) throw new DaemonError(verdict.code, verdict.message)
  }
  return {
    query: (sql, params = [], options = {}) => coded(readers.query(sql, params, options)),
    async write(statements, { lockTimeoutMs = LOCK_TIMEOUT_MS } = {}) {
      await coded(Promise.all(statements.map(check)))
      return await coded(engine.batch(statements, lockTimeoutMs))
    },
    watch: (sql, params = [], { throttleMs = THROTTLE_MS, key = 'id' } = {}) =>
      live.open({ source: 'window', sql, params, throttleMs, key }),
  }
}

/** Where live queries are run: the app's and our own on the engine's readers, a window's in the read process. */
import type { EngineFace } from '../../engine/face.ts'
import type { LiveAnswered } from '../../engine/live-results.ts'
import type { ReadProcess } from '../../engine/read-process/open.ts'
import { THROTTLE_MS, type Ask, type LiveWish } from './queries.ts'

/** The name under which `LiveQueries.changed` is told that the upload queue changed; no table can have it. */
export const UPLOAD_QUEUE = 'ps_crud'

/** One entry more than windows show, so that they know of more. */
export const UPLOADS: LiveWish = {
  source: 'queue',
  sql: `SELECT id, type AS "table", row_id AS "rowId", op, tx_id AS "transactionId"
    FROM ps_crud ORDER BY id LIMIT 501`,
  params: [],
  key: 'id',
  throttleMs: THROTTLE_MS,
}

export function liveSources(engine: Pick<EngineFace, 'watch'>, readers: Pick<ReadProcess, 'watch'>): Ask {
  return async ({ source, sql, params }, live, signal): Promise<LiveAnswered> => {
    switch (source) {
      case 'app':
        return await engine.watch(sql, params, live)
      case 'queue':
        return { ...(await engine.watch(sql, params, live)), tables: [UPLOAD_QUEUE] }
      case 'window':
        return await readers.watch(sql, params, live, { signal })
      default:
        return source satisfies never
    }
  }
}

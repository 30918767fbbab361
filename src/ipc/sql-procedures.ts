/**
 * SQL of windows: read once, written, read live. Each statement passes the gate (`daemon.windowSql`) and runs
 * bounded in time and size; here it is only carried.
 */
import type { Daemon } from '../daemon/daemon.ts'
import { sqlCancelInput, sqlQueryInput, sqlWatchInput, sqlWriteInput } from './input.ts'
import type { Procedures } from './procedures.ts'
import type { RowsMessage } from './rows-message.ts'
import { RowsWatch } from './watch-rows.ts'

export function sqlProcedures(
  { windowSql }: Pick<Daemon, 'windowSql'>,
  interval: number,
  { router, needs, needsInstantly, watch, ack }: Procedures,
) {
  return router({
    query: needs('query')
      .input(sqlQueryInput)
      .query(async ({ ctx: { document, ended }, input: { sql, params, queryId } }) => {
        const ends = ended === undefined ? [] : [ended]
        const run = (signals: AbortSignal[]) =>
          windowSql.query(sql, params, { signal: AbortSignal.any(signals) })
        if (queryId === undefined) return await run(ends)
        return await document.cancellable(queryId, (cancelled) => run([...ends, cancelled]))
      }),
    cancel: needsInstantly('query')
      .input(sqlCancelInput)
      .mutation(({ ctx, input }) => ctx.document.cancel(input.queryId)),
    write: needs('write')
      .input(sqlWriteInput)
      .mutation(({ input }) => windowSql.write(input.statements)),
    watch: needs('query')
      .input(sqlWatchInput)
      .subscription(({ ctx, input: { watchId, sql, params, key } }) =>
        watch<RowsMessage>(ctx, watchId, (send) => {
          const open = () => windowSql.watch(sql, params, key === undefined ? {} : { key })
          return new RowsWatch({ open, interval, send })
        }),
      ),
    ack: ack('query'),
  })
}

/** A live query as an async iterable of rows. Who is slow gets the newest rows and misses those between. */
import { RowObjects } from '../../status/row-objects.ts'
import type { LiveRows, RowsChange } from '../../status/rows.ts'
import type { RowsDifference, WatchUpdate } from '../daemon.ts'
import type { LiveHandle } from './queries.ts'
import type { LiveUpdate } from './query.ts'

/** Ends when the signal aborts, without an error, or when the reader of it stops. */
export async function* iterate(
  handle: LiveHandle,
  signals: readonly (AbortSignal | undefined)[],
): AsyncGenerator<WatchUpdate, void> {
  const ended = AbortSignal.any(signals.filter((signal) => signal !== undefined))
  const rows = new RowObjects()
  const waiting: { update: LiveUpdate | null } = { update: null }
  let wake = (): void => undefined
  const take = (update: LiveUpdate) => {
    waiting.update = update
    wake()
  }
  const stop = handle.listen(take)
  const onAbort = () => wake()
  ended.addEventListener('abort', onAbort)
  try {
    if (handle.result !== null) take({ kind: 'rows', result: handle.result })
    else if (handle.error !== null) take({ kind: 'error', error: handle.error })
    let shown: LiveRows | null = null
    while (!ended.aborted) {
      const { update } = waiting
      if (update === null) {
        await new Promise<void>((resolve) => void (wake = resolve))
        continue
      }
      waiting.update = null
      if (update.kind === 'error') {
        yield update
        continue
      }
      const { result } = update
      const follows = update.kind === 'change' && update.before === shown
      shown = result
      yield {
        kind: 'rows',
        rows: rows.of(result),
        difference: follows ? differenceOf(rows, update.before, result, update.change) : null,
      }
    }
  } finally {
    stop()
    ended.removeEventListener('abort', onAbort)
    handle.close()
  }
}

function differenceOf(
  rows: RowObjects,
  before: LiveRows,
  after: LiveRows,
  { removed, placed, changed }: RowsChange,
): RowsDifference {
  return {
    removed: removed.map((place) => rows.one(before.rows[place]!)),
    added: placed.flatMap((row) => ('row' in row ? [rows.one(after.rows[row.at]!)] : [])),
    changed: changed.map(({ at, cells }) => ({
      row: rows.one(after.rows[at]!),
      columns: cells.map(([column]) => after.columns[column]!),
    })),
  }
}

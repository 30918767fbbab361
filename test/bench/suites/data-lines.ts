import { MadeUpService, rowsSchema } from '../service.ts'
import type { Case, Suite } from '../suite.ts'
import { oneOpLines } from './one-op-lines.ts'

export const dataLines: Suite = {
  name: 'data-lines',
  title: 'One data line',
  about:
    'Lines of one op while a checkpoint with many buckets is tracked; the checkpoint line, a hundred lines ' +
    'to warm up and the completion are not measured. The cost of a line should not know how many buckets there are. `headwater-line-by-line`: every ' +
    'line arrives alone and is a transaction of its own, as for the native core.',
  columns: [{ figure: 'sliceMs', label: 'longest slice, ms' }],
  cases(size) {
    const counts = size === 'full' ? [1, 100, 1000, 10_000, 100_000] : [1, 10_000]
    return counts.map((buckets) => aCase(buckets, size === 'full' ? 1000 : 200))
  },
}

function aCase(buckets: number, most: number): Case {
  const lines = buckets > 10_000 ? Math.min(200, most) : most
  return {
    id: `buckets-${buckets}`,
    title: `${lines} lines of one op, ${buckets.toLocaleString('en')} bucket${buckets === 1 ? '' : 's'}`,
    peers: ['native', 'headwater', 'headwater-line-by-line'],
    main: 'lineMs',
    ops: lines,
    at: { buckets },
    async prepare(fixtures) {
      const service = new MadeUpService({ buckets, opsPerLine: 1 })
      const phases = oneOpLines(fixtures, service, lines)
      return async (peer) => ({ on: 'new', job: { do: 'sync', peer, schema: rowsSchema, phases } })
    },
  }
}

import type { PeerName, PeerSubscription } from '../peer.ts'
import { MadeUpService, rowsSchema, STREAM } from '../service.ts'
import type { Case, Suite } from '../suite.ts'
import { oneOpLines } from './one-op-lines.ts'

export const streams: Suite = {
  name: 'streams',
  title: 'Many subscriptions',
  about:
    'Lines of one op while many streams are subscribed, each with one bucket; the checkpoint line, ' +
    'a hundred lines to warm up and the completion are not measured.',
  columns: [{ figure: 'sliceMs', label: 'longest slice, ms' }],
  cases: (size) =>
    (size === 'full' ? [1, 100, 500, 1000, 2000] : [1, 500]).map((count) =>
      aCase(count, size === 'full' ? 500 : 100, 'lineMs'),
    ),
}

export const statusBytes: Suite = {
  name: 'status-bytes',
  title: 'Bytes of status',
  about:
    'JSON bytes of what goes outward for one data line of one op, each line a turn of its own. The native core ' +
    'says its whole status, Headwater what changed.',
  columns: [],
  cases: (size) =>
    (size === 'full' ? [2, 1000, 2000] : [500]).map((count) => aCase(count, 50, 'statusBytesPerLine')),
}

function aCase(count: number, lines: number, main: 'lineMs' | 'statusBytesPerLine'): Case {
  const subscriptions = Array.from({ length: count }, (_, list): PeerSubscription => ({
    name: STREAM,
    params: { list },
  }))
  const peers: PeerName[] = ['native', 'headwater', 'headwater-line-by-line']
  return {
    id: `subscriptions-${count}`,
    title: `${lines} lines of one op, ${count.toLocaleString('en')} subscription${count === 1 ? '' : 's'}`,
    peers: main === 'lineMs' ? peers : ['native', 'headwater-line-by-line'],
    main,
    at: { subscriptions: count },
    async prepare(fixtures) {
      const service = new MadeUpService({ buckets: count, opsPerLine: 1, subscribed: true })
      const phases = oneOpLines(fixtures, service, lines)
      return async (peer) => ({
        on: 'new',
        job: {
          do: 'sync',
          peer,
          schema: rowsSchema,
          phases,
          subscriptions,
          ...(main === 'statusBytesPerLine' && { statusBytes: true }),
        },
      })
    },
  }
}

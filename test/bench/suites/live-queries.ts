import type { Schema } from '../../../src/schema/schema.ts'
import type { Case, Suite } from '../suite.ts'

const schema: Schema = { tables: { notes: { columns: { body: 'text' }, localOnly: true } } }

export const liveQueries: Suite = {
  name: 'live-queries',
  title: 'Live queries: from the commit to the page',
  about:
    'One row of a watched result changes: from the write being on the disk to the client of a page having the row, ' +
    'over the WebSocket of the headless host. Runs of a query are at least 30 ms apart and messages 16 ms.',
  columns: [
    { figure: 'p50', label: 'p50, ms' },
    { figure: 'max', label: 'max, ms' },
    { figure: 'writeP50', label: 'the write p50, ms' },
  ],
  cases: (size) => (size === 'full' ? [aCase(100, 200), aCase(10_000, 200)] : [aCase(1000, 50)]),
}

function aCase(rows: number, times: number): Case {
  return {
    id: `rows-${rows}`,
    title: `p99, 1 row of ${rows.toLocaleString('en')}`,
    peers: ['daemon'],
    main: 'p99',
    prepare: () =>
      Promise.resolve(() =>
        Promise.resolve({ on: 'new', job: { do: 'watch', peer: 'daemon', schema, rows, times } }),
      ),
  }
}

import type { Schema } from '../../../src/schema/schema.ts'
import { MadeUpService, rowsSchema } from '../service.ts'
import type { Suite } from '../suite.ts'

/** Nothing of `notes` is uploaded: what waits for its upload would hold the checkpoint back. */
const schema: Schema = {
  tables: { ...rowsSchema.tables, notes: { columns: { body: 'text' }, localOnly: true } },
}

export const localWrites: Suite = {
  name: 'local-writes',
  title: 'Local writes during a first sync',
  about:
    'One INSERT into a local table every 5 ms, from the call until it is on the disk, while a whole client syncs over ' +
    'local HTTP. The daemon commits with synchronous FULL, the SDK with NORMAL. Idle: before it connects.',
  columns: [
    { figure: 'p50', label: 'p50, ms' },
    { figure: 'max', label: 'max, ms' },
    { figure: 'idleP50', label: 'idle p50, ms' },
    { figure: 'idleP99', label: 'idle p99, ms' },
    { figure: 'writes', label: 'writes' },
    { figure: 'ms', label: 'sync, ms' },
  ],
  cases(size) {
    const ops = size === 'full' ? 100_000 : 20_000
    return [
      {
        id: 'first-sync',
        title: `p99 during ${ops.toLocaleString('en')} ops, 1,000 per line`,
        peers: ['sdk', 'daemon'],
        main: 'p99',
        async prepare(fixtures) {
          const service = new MadeUpService({ buckets: 100, opsPerLine: 1000 })
          const { file, format } = fixtures.phase(service.firstSync(ops), true, 'ndjson')
          return async (peer) => {
            if (peer !== 'daemon' && peer !== 'sdk') throw new Error(`${peer} does not fetch.`)
            return { on: 'new', job: { do: 'write', peer, schema, file, format } }
          }
        },
      },
    ]
  },
}

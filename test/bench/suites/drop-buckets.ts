import { rowsSchema } from '../service.ts'
import type { Suite } from '../suite.ts'
import { largeDatabase, rowsOfLarge } from './large.ts'

const BUCKETS = 10_000

export const dropBuckets: Suite = {
  name: 'drop-buckets',
  title: 'Buckets that go',
  about: 'A checkpoint_diff that removes buckets with all their rows, and its completion.',
  columns: [
    { figure: 'sliceMs', label: 'longest slice, ms' },
    { figure: 'writtenMiB', label: 'written, MiB' },
  ],
  cases: (size) =>
    (size === 'full' ? [1, 100] : [100]).map((dropped) => ({
      id: `dropped-${dropped}`,
      title: `${dropped} of ${BUCKETS.toLocaleString('en')} buckets, ${rowsOfLarge(size).toLocaleString('en')} rows`,
      peers: ['native', 'headwater'],
      main: 'ms',
      async prepare(fixtures) {
        const base = largeDatabase(fixtures, size, BUCKETS)
        const service = base.service.copy()
        const phases = [fixtures.phase(service.resume(), false), fixtures.phase(service.drop(dropped), true)]
        return async (peer) => ({
          on: 'copy',
          database: await base.databaseOf(peer),
          job: { do: 'sync', peer, schema: rowsSchema, phases },
        })
      },
    })),
}

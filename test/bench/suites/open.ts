import { rowsSchema } from '../service.ts'
import type { Suite } from '../suite.ts'
import { largeDatabase, rowsOfLarge } from './large.ts'

export const open: Suite = {
  name: 'open',
  title: 'Opening a large database',
  about:
    'From the call to the first offline status, the code loaded before. `daemon` and `sdk` start their threads in ' +
    'that time; from source, the daemon also strips the types of its threads’ files.',
  columns: [],
  cases: (size) => [
    {
      id: 'large',
      title: `${rowsOfLarge(size).toLocaleString('en')} rows, 100 buckets`,
      peers: ['native', 'headwater', 'sdk', 'daemon'],
      main: 'ms',
      async prepare(fixtures) {
        const base = largeDatabase(fixtures, size, 100)
        return async (peer) => ({
          on: 'copy',
          database: await base.databaseOf(peer),
          job: { do: 'open', peer, schema: rowsSchema },
        })
      },
    },
  ],
}

import type { PeerName } from '../peer.ts'
import { rowsSchema } from '../service.ts'
import type { Case, Size, Suite } from '../suite.ts'
import { largeDatabase, rowsOfLarge } from './large.ts'

export const incremental: Suite = {
  name: 'incremental',
  title: 'Changes to a large database',
  about:
    'checkpoint_diff, data and checkpoint_complete on a database with a million rows; the median of the diffs of ' +
    'a run, after some to warm up. Of ten ops seven change a row, two add one and one removes one. `headwater` takes the three lines of ' +
    'a small diff in one turn, `headwater-line-by-line` each in its own. Of more than 10,000 buckets the first ' +
    'thousand hold rows.',
  columns: [
    { figure: 'sliceMs', label: 'longest slice, ms' },
    { figure: 'writtenMiB', label: 'written, MiB' },
  ],
  cases(size) {
    const counts = size === 'full' ? [1, 100, 10_000, 100_000] : [1, 10_000]
    return [
      ...counts.map((buckets) => aCase(size, buckets, 10, size === 'full' ? 50 : 10)),
      aCase(size, 100, size === 'full' ? 10_000 : 1000, size === 'full' ? 5 : 3),
    ]
  },
}

/** Diffs before those that are measured. */
const WARM_UP = 20

function aCase(size: Size, buckets: number, ops: number, diffs: number): Case {
  const small = ops === 10
  const peers: PeerName[] = ['native', 'headwater']
  return {
    id: small ? `small-buckets-${buckets}` : 'large',
    title: `diff of ${ops.toLocaleString('en')} ops, ${rowsOfLarge(size).toLocaleString('en')} rows, ${buckets.toLocaleString('en')} bucket${buckets === 1 ? '' : 's'}`,
    peers: small && size === 'full' ? [...peers, 'headwater-line-by-line'] : peers,
    main: 'checkpointMs',
    at: small ? { buckets } : {},
    async prepare(fixtures) {
      const base = largeDatabase(fixtures, size, buckets)
      const service = base.service.copy()
      const diffsOf = (count: number) => Array.from({ length: count }, () => [...service.diff(ops)]).flat()
      const phases = [
        fixtures.phase([...service.resume(), ...diffsOf(small ? WARM_UP : 1)], false),
        fixtures.phase(diffsOf(diffs), true),
      ]
      return async (peer) => ({
        on: 'copy',
        database: await base.databaseOf(peer),
        job: { do: 'sync', peer, schema: rowsSchema, phases },
      })
    },
  }
}

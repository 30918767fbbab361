import type { StreamFormat } from '../../../src/wire/framing.ts'
import type { PeerName } from '../peer.ts'
import { MadeUpService, rowsSchema, shortRows } from '../service.ts'
import type { Case, Suite } from '../suite.ts'

export const firstSync: Suite = {
  name: 'first-sync',
  title: 'First sync',
  about:
    'Lines from a file into a new database, until the checkpoint is complete. Reading the file is not measured. ' +
    'Longest slice: the longest time in which the thread could do nothing else. Written: all that the process ' +
    'handed to the system until the file was closed. Memory: peak above the start.',
  columns: [
    { figure: 'sliceMs', label: 'longest slice, ms' },
    { figure: 'writtenMiB', label: 'written, MiB' },
    { figure: 'memoryMiB', label: 'memory, MiB' },
    { figure: 'closeMs', label: 'close, ms' },
  ],
  cases(size) {
    const n = size === 'full' ? 100_000 : 10_000
    const single = size === 'full' ? n : n / 2
    const standard = { ops: n, opsPerLine: 1000, buckets: 100, rowBytes: 150 }
    const all: PeerName[] = ['native', 'native-one-transaction', 'headwater', 'bare']
    const pair: PeerName[] = ['native', 'headwater']
    const perLine = (opsPerLine: number) =>
      aCase(
        `per-line-${opsPerLine}`,
        { ...standard, opsPerLine, ops: opsPerLine === 1 ? single : n },
        size === 'full' ? all : pair,
        {
          'ops per line': opsPerLine,
          ...(opsPerLine === 1000 && { ops: n }),
        },
      )
    const million = { ...standard, ops: size === 'full' ? 1_000_000 : 50_000 }
    const cases = [
      ...[1000, 100, 10, 1].map(perLine),
      aCase('wide-rows', { ...standard, rowBytes: 1024 }, pair),
      aCase('buckets-10000', { ...standard, ...manyBuckets(size), opsPerLine: 10 }, pair, {
        buckets: 10_000,
      }),
      aCase('million', million, size === 'full' ? all : ['native', 'headwater', 'bare'], {
        ops: million.ops,
      }),
    ]
    if (size === 'quick') return cases
    return [
      ...cases,
      aCase('buckets-1', { ...standard, opsPerLine: 10, buckets: 1 }, pair, { buckets: 1 }),
      aCase('buckets-100', { ...standard, opsPerLine: 10 }, pair, { buckets: 100 }),
      aCase('buckets-100000', { ...standard, opsPerLine: 100, buckets: 100_000 }, pair),
      aCase('bson-1000', { ...standard, format: 'bson' }, pair),
      aCase('bson-100', { ...standard, opsPerLine: 100, format: 'bson' }, pair),
      aCase('million-per-line-100', { ...million, opsPerLine: 100 }, pair),
      aCase('three-million', { ...million, ops: 3_000_000 }, ['headwater', 'bare'], { ops: 3_000_000 }),
    ]
  },
}

interface Workload {
  readonly ops: number
  readonly opsPerLine: number
  readonly buckets: number
  readonly rowBytes: number
  readonly format?: StreamFormat
}

/** Each bucket has a line of its own where there are enough lines. */
function manyBuckets(size: 'full' | 'quick'): { readonly ops: number; readonly buckets: number } {
  return size === 'full' ? { ops: 100_000, buckets: 10_000 } : { ops: 2_000, buckets: 10_000 }
}

function aCase(id: string, workload: Workload, peers: readonly PeerName[], at: Case['at'] = {}): Case {
  const { ops, opsPerLine, buckets, rowBytes, format = 'ndjson' } = workload
  return {
    id,
    title: `${count(ops, 'op')}, ${count(opsPerLine, 'op')} per line, ${count(buckets, 'bucket')}, ${rowBytes} bytes a row${format === 'bson' ? ', BSON' : ''}`,
    peers,
    main: 'ms',
    ops,
    at,
    async prepare(fixtures) {
      const service = new MadeUpService({ buckets, opsPerLine, row: shortRows(rowBytes) })
      const phases = [fixtures.phase(service.firstSync(ops), true, format)]
      return async (peer) => ({ on: 'new', job: { do: 'sync', peer, schema: rowsSchema, phases } })
    },
  }
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`
}

import type { StreamFormat } from '../../../src/wire/framing.ts'
import { MadeUpService, rowsSchema } from '../service.ts'
import type { Case, Suite } from '../suite.ts'

export const endToEnd: Suite = {
  name: 'end-to-end',
  title: 'End to end over local HTTP',
  about:
    'The released SDK and the daemon, each with its threads and its transport, from `connect` to the published ' +
    'sync. Another process serves the lines. Memory and writing are those of the whole process.',
  columns: [
    { figure: 'delayP99', label: 'main thread’s delay p99, ms' },
    { figure: 'delayMax', label: 'max, ms' },
    { figure: 'writtenMiB', label: 'written, MiB' },
    { figure: 'memoryMiB', label: 'memory, MiB' },
  ],
  cases(size) {
    const ops = size === 'full' ? 100_000 : 10_000
    const cases = [
      aCase('per-line-1000', ['sdk', 'daemon'], ops, 1000),
      aCase('per-line-100', ['sdk', 'daemon'], ops, 100),
    ]
    if (size === 'quick') return cases
    return [
      ...cases,
      aCase('per-line-1', ['sdk', 'daemon'], 10_000, 1),
      aCase('bson-1000', ['sdk', 'daemon'], ops, 1000, 'bson'),
    ]
  },
}

export const eventLoop: Suite = {
  name: 'event-loop',
  title: 'The main thread during a first sync',
  about:
    'Delay of the event loop (resolution 1 ms) of the thread that holds the daemon, while its engine syncs over ' +
    'local HTTP. Idle: the same process before, which tells how noisy the machine is.',
  columns: [
    { figure: 'delayP99', label: 'delay p99, ms' },
    { figure: 'delayMax', label: 'max, ms' },
    { figure: 'idleP99', label: 'idle p99, ms' },
    { figure: 'idleMax', label: 'idle max, ms' },
    { figure: 'memoryMiB', label: 'memory, MiB' },
  ],
  cases: (size) =>
    size === 'quick'
      ? [aCase('million', ['daemon'], 50_000, 1000)]
      : [aCase('million', ['daemon'], 1_000_000, 1000), aCase('three-million', ['daemon'], 3_000_000, 1000)],
}

function aCase(
  id: string,
  peers: readonly ('daemon' | 'sdk')[],
  ops: number,
  opsPerLine: number,
  format: StreamFormat = 'ndjson',
): Case {
  return {
    id,
    title: `${ops.toLocaleString('en')} ops, ${opsPerLine.toLocaleString('en')} per line, 100 buckets${format === 'bson' ? ', BSON' : ''}`,
    peers,
    main: 'ms',
    ops,
    async prepare(fixtures) {
      const service = new MadeUpService({ buckets: 100, opsPerLine })
      const { file } = fixtures.phase(service.firstSync(ops), true, format)
      return async (peer) => {
        if (peer !== 'daemon' && peer !== 'sdk') throw new Error(`${peer} does not fetch.`)
        return { on: 'new', job: { do: 'fetch', peer, schema: rowsSchema, file, format } }
      }
    },
  }
}

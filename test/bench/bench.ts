/** `npm run bench`: what the main thread feels while a first sync of 100,000 ops arrives. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDaemon } from '../../src/daemon/open.ts'
import { startSource } from './source.ts'

const OPS = 100_000
/** The default resolution of 10 ms reads 10.9 ms on an idle loop. */
const RESOLUTION_MS = 1

const schema = { tables: { rows: { columns: { owner: 'text', done: 'integer', text: 'text' } } } } as const

const source = await startSource({ ops: OPS, opsPerLine: 1000, buckets: 100, rowBytes: 150 })
const folder = await mkdtemp(join(tmpdir(), 'headwater-bench-'))
const daemon = await openDaemon({
  path: join(folder, 'bench.db'),
  schema,
  connector: { fetchCredentials: () => Promise.resolve({ endpoint: source.url, token: 'bench' }) },
  queries: { count: { sql: 'SELECT count(*) AS n FROM rows' } },
})
try {
  const idle = await measureDelay(() => sleep(1000))
  const began = performance.now()
  const synced = new Promise<void>((resolve) => {
    daemon.onStatus((_delta, status) => {
      if (status.priorities.length > 0) resolve()
    })
  })
  const busy = await measureDelay(async () => {
    await daemon.connect()
    await synced
  })
  const seconds = (performance.now() - began) / 1000
  const { rows } = await daemon.query('count')
  const n = Number(rows[0]?.['n'])
  if (n !== OPS) throw new Error(`The bench synced ${n} rows of ${OPS}.`)

  process.stdout.write(
    [
      `first sync, ${OPS.toLocaleString('en')} ops, 1,000 per line, 100 buckets, through HTTP and the worker thread`,
      `  ${seconds.toFixed(2)} s, ${Math.round(OPS / seconds).toLocaleString('en')} ops/s`,
      'event-loop delay of the main thread (resolution 1 ms)',
      `  idle    ${describe(idle)}`,
      `  syncing ${describe(busy)}`,
      `  target  p99 under 8 ms: ${busy.p99 < 8 ? 'met' : 'MISSED'}`,
      '',
    ].join('\n'),
  )
} finally {
  await daemon.close()
  await source.close()
  await rm(folder, { recursive: true, force: true })
}

interface Delay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

async function measureDelay(work: () => Promise<unknown>): Promise<Delay> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  await work()
  histogram.disable()
  const ms = (nanoseconds: number) => nanoseconds / 1e6
  return { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) }
}

function describe({ p50, p99, max }: Delay): string {
  return `p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms   max ${max.toFixed(1)} ms`
}

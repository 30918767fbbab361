/** The figures that Headwater is to reach, and whether it does: by the median, and the spread beside it. */
import { figureOf, ratioOf } from './measure.ts'
import type { Measured } from './measure.ts'
import type { PeerName } from './peer.ts'
import type { Spread } from './spread.ts'
import { spreadOf } from './spread.ts'

export interface Verdict {
  readonly what: string
  readonly limit: string
  /** Null: not measured in this run. */
  readonly value: Spread | null
  readonly unit: 'x' | 'ms' | 'MiB'
  readonly reached: boolean
}

export function verdicts(results: readonly Measured[]): Verdict[] {
  return TARGETS.map(({ what, limit, unit, read }) => {
    const value = read(results)
    const [kind, bound] = limit
    const reached = value !== null && (kind === 'at least' ? value.median >= bound : value.median <= bound)
    return { what, limit: `${kind} ${bound}${unit === 'x' ? 'x' : ` ${unit}`}`, value, unit, reached }
  })
}

interface Target {
  readonly what: string
  readonly limit: readonly ['at least' | 'at most', number]
  readonly unit: Verdict['unit']
  read(results: readonly Measured[]): Spread | null
}

type Find = (results: readonly Measured[]) => Measured | undefined

const the =
  (suite: string, id: string): Find =>
  (results) =>
    results.find((each) => each.suite === suite && each.id === id)

/** At least so many times faster than the native core (or less of another figure). */
function faster(what: string, find: Find, times: number, options: Options = {}): Target {
  const { peer = 'headwater', against = 'native', figure } = options
  return {
    what,
    limit: ['at least', times],
    unit: 'x',
    read(results) {
      const measured = find(results)
      return measured ? ratioOf(measured, peer, against, figure ?? measured.main) : null
    },
  }
}

interface Options {
  readonly peer?: PeerName
  readonly against?: PeerName
  readonly figure?: string
}

function atMost(
  what: string,
  find: Find,
  peer: PeerName,
  figure: string,
  bound: number,
  unit: 'ms' | 'MiB',
): Target {
  return {
    what,
    limit: ['at most', bound],
    unit,
    read(results) {
      const measured = find(results)
      return measured ? figureOf(measured, peer, figure) : null
    },
  }
}

/** The dearest case of a suite against its first, the smallest, repetition by repetition. */
function flat(what: string, suite: string, peer: PeerName, figure: string): Target {
  return {
    what,
    limit: ['at most', 1.5],
    unit: 'x',
    read(results) {
      const cases = results
        .filter((each) => each.suite === suite)
        .map((each) => each.runs.find((run) => run.peer === peer)?.figures.map((run) => run[figure]!) ?? [])
      const [smallest, ...larger] = cases
      if (!smallest || larger.length === 0) return null
      return spreadOf(
        smallest.map((base, index) => Math.max(...larger.map((values) => values[index]! / base))),
      )
    },
  }
}

const endToEnd: Options = { peer: 'daemon', against: 'sdk' }
const million = the('first-sync', 'million')
const threeMillion = the('first-sync', 'three-million')
const eventLoop = the('event-loop', 'million')
const eventLoopThree = the('event-loop', 'three-million')

const TARGETS: readonly Target[] = [
  faster('first sync, 1,000,000 ops, 1,000 per line, 100 buckets', million, 4),
  {
    what: 'the same, against the bare limit',
    limit: ['at most', 1.5],
    unit: 'x',
    read(results) {
      const measured = million(results)
      return measured ? ratioOf(measured, 'bare', 'headwater', 'ms') : null
    },
  },
  faster('first sync, 100,000 ops, 1,000 per line', the('first-sync', 'per-line-1000'), 2.3),
  faster('100 per line', the('first-sync', 'per-line-100'), 3.8),
  faster('10 per line', the('first-sync', 'per-line-10'), 6.5),
  faster('1 per line', the('first-sync', 'per-line-1'), 13),
  faster('first sync, 1 KB rows, 1,000 per line', the('first-sync', 'wide-rows'), 1.6),
  faster('first sync, 10,000 buckets, 10 per line', the('first-sync', 'buckets-10000'), 20),
  faster('10-op diff on a million rows, 1 bucket', the('incremental', 'small-buckets-1'), 1),
  faster('100 buckets', the('incremental', 'small-buckets-100'), 1.3),
  faster('10,000 buckets', the('incremental', 'small-buckets-10000'), 30),
  faster('100,000 buckets', the('incremental', 'small-buckets-100000'), 300),
  faster('10,000-op diff on a million rows', the('incremental', 'large'), 1.5),
  flat('one data line, 1 to 100,000 buckets: dearest', 'data-lines', 'headwater-line-by-line', 'lineMs'),
  flat('one data line, 1 to 2,000 subscriptions: dearest', 'streams', 'headwater-line-by-line', 'lineMs'),
  faster('end to end, 1,000 per line', the('end-to-end', 'per-line-1000'), 3, endToEnd),
  faster('end to end, 100 per line', the('end-to-end', 'per-line-100'), 3, endToEnd),
  faster('read: filter and count', the('reads', 'filter'), 4),
  faster('read: top 50 of a filtered list', the('reads', 'top-50'), 4),
  faster('read: whole rows', the('reads', 'whole-rows'), 2.5),
  faster('bytes written, first sync of 100,000, 1,000 per line', the('first-sync', 'per-line-1000'), 3, {
    figure: 'writtenMiB',
  }),
  atMost('main thread’s delay during a million-op sync, p99', eventLoop, 'daemon', 'delayP99', 8, 'ms'),
  atMost('the same, maximum', eventLoop, 'daemon', 'delayMax', 50, 'ms'),
  atMost('longest slice at a million ops', million, 'headwater', 'sliceMs', 150, 'ms'),
  atMost('longest slice at three million', threeMillion, 'headwater', 'sliceMs', 400, 'ms'),
  atMost('memory above the start at a million ops', eventLoop, 'daemon', 'memoryMiB', 150, 'MiB'),
  atMost('memory above the start at three million', eventLoopThree, 'daemon', 'memoryMiB', 150, 'MiB'),
  atMost('open a million-row database, engine', the('open', 'large'), 'headwater', 'ms', 50, 'ms'),
  atMost('open a million-row database, daemon', the('open', 'large'), 'daemon', 'ms', 50, 'ms'),
]

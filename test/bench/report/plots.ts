/** How costs grow, as SVG: medians as a line, the least and the most as a bar. */
import { parse, View } from 'vega'
import { compile } from 'vega-lite'
import type { TopLevelSpec } from 'vega-lite'
import { figureOf } from '../measure.ts'
import type { Measured } from '../measure.ts'

export interface Plot {
  readonly file: string
  readonly title: string
  readonly svg: string
}

/** One plot for each series that has at least two places. */
export async function plots(measured: readonly Measured[]): Promise<Plot[]> {
  const drawn: Plot[] = []
  for (const growth of GROWTHS) {
    const values = pointsOf(growth, measured)
    if (new Set(values.map(({ x }) => x)).size < 2) continue
    const { spec } = compile(specOf(growth, values))
    const view = new View(parse(spec), { renderer: 'none' })
    drawn.push({ file: growth.file, title: growth.title, svg: `${await view.toSVG()}\n` })
  }
  return drawn
}

interface Growth {
  readonly file: string
  readonly title: string
  readonly suite: string
  readonly series: string
  readonly figure: string
  readonly xTitle: string
  readonly yTitle: string
  /** By the number of ops of the case, in thousands. */
  readonly perThousandOps?: boolean
}

const GROWTHS: readonly Growth[] = [
  {
    file: 'line-by-buckets.svg',
    title: 'One data line, by buckets',
    suite: 'data-lines',
    series: 'buckets',
    figure: 'lineMs',
    xTitle: 'buckets',
    yTitle: 'ms per line',
  },
  {
    file: 'line-by-subscriptions.svg',
    title: 'One data line, by subscriptions',
    suite: 'streams',
    series: 'subscriptions',
    figure: 'lineMs',
    xTitle: 'subscriptions',
    yTitle: 'ms per line',
  },
  {
    file: 'diff-by-buckets.svg',
    title: 'A diff of 10 ops, by buckets',
    suite: 'incremental',
    series: 'buckets',
    figure: 'checkpointMs',
    xTitle: 'buckets',
    yTitle: 'ms per diff',
  },
  {
    file: 'first-sync-by-ops.svg',
    title: 'First sync, by ops (1,000 per line)',
    suite: 'first-sync',
    series: 'ops',
    figure: 'ms',
    xTitle: 'ops',
    yTitle: 'ms per 1,000 ops',
    perThousandOps: true,
  },
  {
    file: 'first-sync-by-line.svg',
    title: 'First sync, by ops per line',
    suite: 'first-sync',
    series: 'ops per line',
    figure: 'ms',
    xTitle: 'ops per line',
    yTitle: 'ms per 1,000 ops',
    perThousandOps: true,
  },
]

interface Point {
  readonly peer: string
  readonly x: number
  readonly median: number
  readonly min: number
  readonly max: number
}

function pointsOf(growth: Growth, measured: readonly Measured[]): Point[] {
  return measured
    .filter(({ suite, at }) => suite === growth.suite && at[growth.series] !== undefined)
    .flatMap((each) => {
      const divisor = growth.perThousandOps === true ? (each.ops ?? 1000) / 1000 : 1
      return each.runs.map(({ peer }) => {
        const { median, min, max } = figureOf(each, peer, growth.figure)!
        const x = each.at[growth.series]!
        return { peer, x, median: median / divisor, min: min / divisor, max: max / divisor }
      })
    })
}

function specOf({ title, xTitle, yTitle }: Growth, values: readonly Point[]): TopLevelSpec {
  const x = { field: 'x', type: 'quantitative', scale: { type: 'log' }, title: xTitle } as const
  const y = { field: 'median', type: 'quantitative', scale: { type: 'log' }, title: yTitle } as const
  const color = { field: 'peer', type: 'nominal', title: null, sort: null } as const
  return {
    title,
    width: 480,
    height: 300,
    background: 'white',
    data: { values: values.map((point) => ({ ...point })) },
    layer: [
      { mark: { type: 'line', point: true }, encoding: { x, y, color } },
      { mark: 'rule', encoding: { x, y: { ...y, field: 'min' }, y2: { field: 'max' }, color } },
    ],
  }
}

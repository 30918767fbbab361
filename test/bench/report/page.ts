/** The results as a page to read. */
import { figureOf, ratioOf } from '../measure.ts'
import type { Measured } from '../measure.ts'
import type { MeasuredSuite, Results } from '../results.ts'
import type { Spread } from '../spread.ts'
import type { Suite } from '../suite.ts'
import { suites } from '../suites/all.ts'
import { verdicts } from '../targets.ts'
import type { Verdict } from '../targets.ts'

/** `plots`: names of SVG files beside the page, with their titles. */
export function page(
  results: Results,
  plots: readonly { readonly file: string; readonly title: string }[],
): string {
  const measured = results.suites.flatMap((suite) => suite.measured)
  const parts = [
    '# What the bench measured',
    'Made by `npm run bench`; do not edit. Every run is a process of its own on a new file; peers take turns, and ' +
      'all end with the same rows. Figures are medians, with the least and the most in brackets. Ratios compare ' +
      'runs of the same repetition; trust them, not the milliseconds.',
    ...(results.size === 'quick'
      ? [
          '**Quick run: sizes are far below those of the targets. It tells that all works, not how fast it is.**',
        ]
      : []),
    table(
      ['', ''],
      Object.entries(results.machine).map(([what, value]) => [what, value]),
    ),
    '## Targets',
    targetTable(verdicts(measured)),
    ...(plots.length > 0 ? ['## Growth', ...plots.map(({ file, title }) => `![${title}](${file})`)] : []),
    ...suites.flatMap((suite) => {
      const found = results.suites.find(({ name }) => name === suite.name)
      return found ? section(suite, found) : []
    }),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The targets as text for a terminal. */
export function targetLines(measured: readonly Measured[]): string {
  return verdicts(measured)
    .filter(({ value }) => value !== null)
    .map(({ what, limit, value, unit, reached }) => {
      return `  ${reached ? 'reached' : 'MISSED '}  ${what}: ${spread(value!, unit)}, ${limit}\n`
    })
    .join('')
}

function section(suite: Suite, found: MeasuredSuite): string[] {
  const { columns } = suite
  const unit = found.measured[0]?.main === 'statusBytesPerLine' ? 'bytes' : 'ms'
  const rated = found.measured.some(({ ops }) => ops !== null)
  const head = ['workload', 'peer', unit, ...(rated ? ['ops/s'] : []), 'faster by']
  const rows = found.measured.flatMap((measured) => {
    const { runs, main, ops } = measured
    const against = runs[0]!.peer
    return runs.map(({ peer }, index) => {
      const value = figureOf(measured, peer, main)!
      const ratio = peer === against ? null : ratioOf(measured, peer, against, main)
      const total = figureOf(measured, peer, 'ms')
      return [
        index === 0 ? measured.title : '',
        peer,
        spread(value),
        ...(rated ? [ops === null || total === null ? '' : perSecond(ops, total)] : []),
        ratio === null ? '' : spread(ratio, 'x'),
        ...columns.map(({ figure }) => {
          const other = figureOf(measured, peer, figure)
          return other === null ? '' : spread(other)
        }),
      ]
    })
  })
  const when = `${found.date.slice(0, 16).replace('T', ' ')} UTC, ${found.repetitions} repetitions, load ${found.load.toFixed(1)}.`
  return [
    `## ${suite.title}`,
    `${suite.about} ${when}`,
    table([...head, ...columns.map(({ label }) => label)], rows),
  ]
}

function targetTable(all: readonly Verdict[]): string {
  return table(
    ['workload', 'target', 'measured', ''],
    all.map(({ what, limit, value, unit, reached }) => [
      what,
      limit,
      value === null ? '' : spread(value, unit),
      value === null ? 'not measured' : reached ? 'reached' : '**missed**',
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function perSecond(ops: number, ms: Spread): string {
  return Math.round((ops / ms.median) * 1000).toLocaleString('en')
}

function spread({ median, min, max }: Spread, unit: Verdict['unit'] | '' = ''): string {
  const suffix = unit === 'x' ? 'x' : unit === '' ? '' : ` ${unit}`
  return `${number(median)}${suffix} (${number(min)}–${number(max)})`
}

/** Three digits are more than the spread allows. */
function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value === 0 ? '0' : value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3)
}

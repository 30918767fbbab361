/** Runs suites: each repetition lets the peers go one after another, so that a slow minute strikes them all. */
import type { Fixtures } from './fixtures.ts'
import type { Figures } from './jobs/job.ts'
import type { PeerName } from './peer.ts'
import { spreadOf } from './spread.ts'
import type { Spread } from './spread.ts'
import type { Case, Size, Suite } from './suite.ts'

export interface Measured {
  readonly suite: string
  readonly id: string
  readonly title: string
  readonly main: string
  readonly ops: number | null
  readonly at: { readonly [series: string]: number }
  /** Repetitions by peer, in the order of the case. */
  readonly runs: readonly { readonly peer: PeerName; readonly figures: readonly Figures[] }[]
}

/** Run all cases of a suite. Throws when peers end with different rows. */
export async function measureSuite(
  suite: Suite,
  size: Size,
  repetitions: number,
  fixtures: Fixtures,
  tell: (text: string) => void,
): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const each of suite.cases(size)) {
    const figures = await measureCase(each, repetitions, fixtures)
    const result = {
      suite: suite.name,
      id: each.id,
      title: each.title,
      main: each.main,
      ops: each.ops ?? null,
      at: each.at ?? {},
      runs: each.peers.map((peer) => ({ peer, figures: figures.get(peer)! })),
    }
    measured.push(result)
    tell(describe(result))
  }
  return measured
}

/** A figure of a peer over the repetitions; null when it was not measured. */
export function figureOf({ runs }: Measured, peer: PeerName, figure: string): Spread | null {
  const values = runs.find((run) => run.peer === peer)?.figures.map((each) => each[figure])
  const known = values?.filter((value) => value !== undefined) ?? []
  return known.length === 0 ? null : spreadOf(known)
}

/** How many times less of a figure `peer` takes than `against`, repetition by repetition. */
export function ratioOf(
  { runs }: Measured,
  peer: PeerName,
  against: PeerName,
  figure: string,
): Spread | null {
  const ours = runs.find((run) => run.peer === peer)?.figures
  const theirs = runs.find((run) => run.peer === against)?.figures
  if (!ours || !theirs) return null
  return spreadOf(ours.map((figures, index) => theirs[index]![figure]! / figures[figure]!))
}

async function measureCase(each: Case, repetitions: number, fixtures: Fixtures) {
  const plan = await each.prepare(fixtures)
  const plans = new Map<PeerName, Awaited<ReturnType<typeof plan>>>()
  for (const peer of each.peers) plans.set(peer, await plan(peer))
  const figures = new Map<PeerName, Figures[]>(each.peers.map((peer) => [peer, []]))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const digests = new Map<string, PeerName>()
    for (const peer of each.peers) {
      const result = await fixtures.run(plans.get(peer)!)
      figures.get(peer)!.push(result.figures)
      if (result.digest !== null) digests.set(result.digest, peer)
    }
    if (digests.size > 1)
      throw new Error(`${each.id}: not the same rows: ${[...digests.values()].join(', ')}`)
  }
  return figures
}

function describe(measured: Measured): string {
  const against = measured.runs[0]!.peer
  const parts = measured.runs.map(({ peer }) => {
    const { median } = figureOf(measured, peer, measured.main)!
    const ratio = peer === against ? null : ratioOf(measured, peer, against, measured.main)
    return `${peer} ${median.toPrecision(3)}${ratio === null ? '' : ` (${ratio.median.toPrecision(2)}x)`}`
  })
  return `  ${measured.title}: ${parts.join(', ')}`
}

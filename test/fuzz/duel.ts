/**
 * One history, played by Headwater and by the native core at once. After every step what the two printed is
 * compared; a difference that `intended.ts` does not explain is a fault of one of them.
 */
import { readStep } from '../../src/replay/step.ts'
import { asBson } from '../conformance/as-bson.ts'
import { Both } from '../conformance/both.ts'
import type { Difference } from '../conformance/compare.ts'
import { findDifferences } from '../conformance/compare.ts'
import { brokenClaims } from './claims.ts'
import { Facts } from './facts.ts'
import type { Intended } from './intended.ts'
import { explain } from './intended.ts'

/** What came of a step. */
export type Verdict =
  | { readonly kind: 'same' }
  /** They differ, on purpose; where `ends` is set the rest of the history can no longer be compared. */
  | { readonly kind: 'intended'; readonly rules: readonly Intended[]; readonly ends: boolean }
  | { readonly kind: 'fault'; readonly faults: readonly string[] }

export class Duel {
  readonly #both: Both
  readonly #form: 'json' | 'bson'
  readonly #facts = new Facts()
  #step = 0
  /** What we printed for the last step. */
  printed: readonly string[] = []

  /** Both databases are made in `folder`. In the form `bson` lines are sent as BSON. */
  constructor(folder: string, form: 'json' | 'bson') {
    this.#both = new Both(folder)
    this.#form = form
  }

  close(): void {
    this.#both.close()
    this.#facts.close()
  }

  /** Play one step of a trace, in JSON. */
  play(text: string): Verdict {
    const sent = this.#form === 'bson' ? asBson(text) : text
    const { ours, native } = this.#both.line(++this.#step, sent)
    this.printed = ours

    const read = readStep(text)
    if (!read.ok) throw new Error(`A history has a step that is none: ${text}`)
    this.#facts.follow(read.step, this.printed)
    const broken = brokenClaims(this.#facts)
    if (broken.length > 0) return { kind: 'fault', faults: broken }
    return this.#judge(findDifferences(ours, native), native)
  }

  #judge(differences: readonly Difference[], native: readonly string[]): Verdict {
    if (differences.length === 0) return { kind: 'same' }
    const explained = differences.map((difference) => explain({ difference, native, facts: this.#facts }))
    for (const { path } of differences) {
      if (path[0] === 'rows') this.#facts.partedRows.add(`${path[1]}/${path[2]}`)
    }
    const faults = differences.filter((_, index) => explained[index] === null)
    const rules = [...new Set(explained.filter((rule) => rule !== null))]
    const ends = rules.some((rule) => rule.ends)
    // Where the two have parted, what else differs follows from that.
    if (faults.length === 0 || ends) return { kind: 'intended', rules, ends }
    return {
      kind: 'fault',
      faults: faults.map(({ path, ours, native: theirs }) => `${path.join('.')}: ${ours} | ${theirs}`),
    }
  }
}

/** Makes a failing history short: leaves out steps, then parts of lines, as long as it fails in the same way. */
import type { Played } from './play.ts'
import { playTrace } from './play.ts'

/** The shortest history found that has the same fault. */
export function minimise(failed: Played): Played {
  const fewerSteps = withFewerSteps(failed)
  return withFewerSteps(withShorterLines(fewerSteps))
}

function withFewerSteps(failed: Played): Played {
  let best = failed
  for (let size = Math.ceil(best.trace.length / 2); ; size = Math.ceil(size / 2)) {
    for (let from = 0; from < best.trace.length;) {
      const played = playTrace(best.trace.toSpliced(from, size), best.form)
      if (kindOf(played) === kindOf(failed)) best = played
      else from += size
    }
    if (size === 1) return best
  }
}

/** Leaves out elements of lists: buckets, ops, streams, errors. */
function withShorterLines(failed: Played): Played {
  let best = failed
  for (let step = 0; step < best.trace.length; step++) {
    for (let index = 0; ; index++) {
      const line = withoutElement(best.trace[step]!, index)
      if (line === null) break
      const played = playTrace(best.trace.with(step, line), best.form)
      if (kindOf(played) !== kindOf(failed) || played.trace.length < best.trace.length) continue
      best = played
      index--
    }
  }
  return best
}

/** The step without the element of this number of the lists of its line; null: there are fewer. */
function withoutElement(text: string, index: number): string | null {
  const step = JSON.parse(text) as { readonly do: string; readonly text?: string }
  if (step.text === undefined || !step.text.startsWith('{"')) return null
  let line: unknown
  try {
    line = JSON.parse(step.text)
  } catch {
    return null
  }
  let left = index
  let isDone = false
  const cut = (value: unknown): unknown => {
    if (isDone || value === null || typeof value !== 'object') return value
    if (!Array.isArray(value))
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cut(member)]))
    if (left >= value.length) {
      left -= value.length
      return value.map(cut)
    }
    isDone = true
    return value.toSpliced(left, 1)
  }
  const shorter = cut(line)
  return isDone ? JSON.stringify({ ...step, text: JSON.stringify(shorter) }) : null
}

/** A fault without its numbers. */
function kindOf({ faults }: Played): string {
  return (faults[0] ?? '').replaceAll(/\d+/g, '#')
}

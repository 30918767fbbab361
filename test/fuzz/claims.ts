/** What must hold of our own answers, whatever the native core says. */
import type { Dump, Facts } from './facts.ts'
import { keyOf } from './facts.ts'

/** What is wrong with the answer to the last step; empty: nothing. */
export function brokenClaims(facts: Facts): readonly string[] {
  const { published, printed, step, dump } = facts
  const warning = printed.find((line) => line.includes("didn't match")) ?? ''
  const { mismatches } = published
  if (mismatches.length > 0 !== (warning !== '')) return [`checksums: ${warning} | ${mismatches.join()}`]
  if (step.do !== 'dump' || dump === null) return []
  return [
    ...wrongProgress(dump),
    ...lostProgress(facts, dump),
    ...wrongSyncs(facts, dump),
    ...wrongRows(facts, dump),
    ...wrongGate(facts),
    ...wrongWish(facts),
  ]
}

/** Progress lies within its bounds, and the whole is the sum of its parts. */
function wrongProgress({ status: { downloading, streams } }: Dump): readonly string[] {
  if (downloading === null) return []
  const parts = [downloading, ...downloading.byPriority, ...streams.flatMap(({ progress }) => progress ?? [])]
  const outside = parts.filter(({ total, downloaded }) => downloaded < 0 || downloaded > total)
  const sum = downloading.byPriority.reduce((all, { total }) => all + total, 0)
  if (sum !== downloading.total) return [`progress: the whole is ${downloading.total}, its parts ${sum}`]
  return outside.map((part) => `progress out of bounds: ${JSON.stringify(part)}`)
}

/** D2: within a checkpoint it never goes back, and its whole stays the same. */
function lostProgress({ earlier, last }: Facts, { status: { downloading } }: Dump): readonly string[] {
  const before = earlier?.status.downloading
  if (!before || !downloading || ['checkpoint', 'checkpoint_diff'].includes(last)) return []
  const isLost = downloading.total !== before.total || downloading.downloaded < before.downloaded
  return isLost ? [`progress: from ${JSON.stringify(before)} to ${JSON.stringify(downloading)}`] : []
}

/** C6, K2: only a completion makes a stream synced, one that is active and without error; only a clear undoes it. */
function wrongSyncs({ earlier, last, streamErrors, madeAnew }: Facts, dump: Dump): readonly string[] {
  const before = new Map(
    earlier?.status.streams.map((stream) => [keyOf(stream.name, stream.params), stream.hasSynced]),
  )
  return dump.status.streams.flatMap(({ name, params, active, hasSynced }) => {
    const key = keyOf(name, params)
    const was = before.get(key)
    if (was && !hasSynced && last !== 'clear' && !madeAnew.has(key)) return [`${key} is no longer synced`]
    if (was || !hasSynced) return []
    const isCompletion = last.endsWith('complete') || last === 'uploaded' || last === 'writeCheckpoint'
    return isCompletion && active && !streamErrors.has(key) ? [] : [`${key} counts as synced`]
  })
}

/** Rows that are not changed locally are those of the model. */
function wrongRows({ printed, published }: Facts, dump: Dump): readonly string[] {
  const tables = Object.keys(dump.rows).filter((table) => !published.isLocalOnly(table))
  return tables.flatMap((table) => {
    const shown = shownRows(printed[0] ?? '', table)
    const wanted = published.rows(table)
    return [...new Set([...shown.keys(), ...wanted.keys()])]
      .filter((id) => !published.isLocal(table, id) && shown.get(id) !== wanted.get(id))
      .map((id) => `rows.${table}.${id}: ${shown.get(id) ?? '-'} | by the model ${wanted.get(id) ?? '-'}`)
  })
}

/** The write gate is that of the model. */
function wrongGate({ printed, published }: Facts): readonly string[] {
  const { kept } = JSON.parse(printed.at(-1) ?? '{}') as { readonly kept: { readonly gate: Gate } }
  const [target, seen] = [kept.gate.target?.value ?? '0', kept.gate.seen?.value ?? '0']
  const isModel = target === String(published.gate.target) && seen === String(published.gate.seen)
  return isModel
    ? []
    : [`gate: ${seen} of ${target}, by the model ${published.gate.seen} of ${published.gate.target}`]
}

interface Gate {
  readonly target?: { readonly value: string }
  readonly seen?: { readonly value: string }
}

/** S3, S4: what was asked for last counts at once, together with what the other holders ask for. */
function wrongWish(facts: Facts): readonly string[] {
  const { last, askedLast, asks } = facts
  if (last !== 'subscribe' || askedLast === null) return []
  const row = facts.row(askedLast)
  const { ttl, priority } = asks.wish(askedLast)
  const isWished = (row?.ttl === 'never' ? Infinity : row?.ttl) === ttl && row?.priority === priority
  return isWished ? [] : [`wish: ${JSON.stringify(row)}, but asked are ${ttl} s and priority ${priority}`]
}

/** The rows of one table of a dump by id, each as the JSON text of its columns. */
function shownRows(dump: string, table: string): ReadonlyMap<string, string> {
  const { rows } = exact.parse(dump, (_key, value, { source }) =>
    typeof value === 'number' ? exact.rawJSON(source) : value,
  )
  return new Map((rows[table] ?? []).map(({ id, ...columns }) => [id, JSON.stringify(columns)]))
}

/** JSON with the source text of numbers: newer than its types. */
const exact = JSON as unknown as {
  readonly parse: (
    text: string,
    revive: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ) => Dump
  readonly rawJSON: (text: string) => unknown
}

/**
 * Every recorded stream, through the replay and through the native core: what both print, and all rows at the
 * end, must be the same but for what stands in `known`.
 */
import { deserialize } from 'bson'
import { expect, test } from 'vitest'
import { replay } from '../../src/replay/replay.ts'
import { createFramer } from '../../src/wire/framing.ts'
import type { Payload } from '../../src/wire/line.ts'
import { differences } from '../conformance/compare.ts'
import { runNative } from '../conformance/native.ts'
import { loadCaptures } from './load.ts'
import type { Capture } from './load.ts'

/** Where the two differ on purpose. The rules are those of `src/sync/SPEC.md`. */
const known: readonly {
  readonly because: string
  readonly captures: RegExp
  readonly covers: RegExp
}[] = [
  {
    because: 'L8: the log of a mismatch has one sum for each bucket, and ten buckets at most.',
    captures: /^(?:35|4\d|90-buckets-10k-resume)/,
    covers: /^\d+ log\.text: .*didn't match.* \| .*didn't match/,
  },
  {
    because: 'S3: an ask with a priority after one without counts.',
    captures: /^07-/,
    covers: /priority: 0 \| null$/,
  },
  {
    because: 'C1: a default stream has a row of its own beside a subscription of its name with parameters.',
    captures: /^09-/,
    covers: /streams\.my_lists(?:: \+ \| -|\{"ignored":true\}\.isDefault: false \| true)$/,
  },
  {
    because: 'C6: a stream with an error was never synced.',
    captures: /^(?:11|14)-/,
    covers: /^\d+ status\.streams\.(?:strict_tagged\{.*\}|default_strict)\.hasSynced: false \| true$/,
  },
]

/** The native core stops at a line of these. */
const refusedByCore = [
  // Their requests did not ask for rows as text: the core's always do.
  '18-values-legacy-nested-json.ed3.ndjson',
  '86-http-empty-object.ed3',
  '86-http-wrong-content-type.ed3',
  // The service tells a priority of -1.
  '86-http-sub-negative-priority.ed3',
]

/** The native core walks all buckets at every line: this takes it most of a minute. */
const tooSlow = ['90-buckets-10k.ed3.ndjson']

const streams = loadCaptures().filter(({ format, name }) => format !== null && !tooSlow.includes(name))
const compared = streams.filter(({ name }) => !refusedByCore.includes(name))

test.each(compared.map((capture) => [capture.name, capture] as const))(
  '%s gives what the native core gives',
  async (name, capture) => {
    const trace = traceOf(capture)
    const found = differences(await replay(trace), runNative(trace))
    const rules = known.filter(({ captures }) => captures.test(name))
    expect(found.filter((difference) => !rules.some(({ covers }) => covers.test(difference)))).toEqual([])
    // A rule that is no longer needed goes.
    expect(rules.filter(({ covers }) => !found.some((difference) => covers.test(difference)))).toEqual([])
  },
)

test.each(
  streams
    .filter(({ name }) => refusedByCore.includes(name))
    .map((capture) => [capture.name, capture] as const),
)('%s is read, though the native core stops at a line of it', async (_name, capture) => {
  const trace = traceOf(capture)
  expect((await replay(trace)).filter((line) => line.includes('"protocol"'))).toEqual([])
  expect(runNative(trace).some((line) => line.includes('"protocol"'))).toBe(true)
})

interface RecordedRequest {
  readonly parameters?: object | null
  readonly app_metadata?: object | null
  readonly streams?: {
    readonly include_defaults?: boolean
    readonly subscriptions?: readonly {
      readonly stream: string
      readonly parameters?: object | null
      readonly override_priority?: number | null
    }[]
  }
}

/** The recording as a trace: what its request asked for, its lines, and a dump of all rows. */
function traceOf(capture: Capture): string {
  const { streams: asked, parameters, app_metadata: appMetadata } = capture.requestBody as RecordedRequest
  const payloads = payloadsOf(capture)
  const steps = [
    { do: 'schema', tables: tablesOf(payloads) },
    ...(asked?.subscriptions ?? []).map(({ stream, parameters: params, override_priority: priority }) => ({
      do: 'subscribe',
      stream,
      params,
      // The service was also asked for priorities that neither of the two lets an app ask for.
      priority: priority !== undefined && priority !== null && priority in [0, 1, 2, 3] ? priority : null,
    })),
    { do: 'connect', parameters, appMetadata, includeDefaults: asked?.include_defaults ?? true },
    ...payloads.map((payload) =>
      typeof payload === 'string'
        ? { do: 'line', text: payload }
        : { do: 'line', bson: Buffer.from(payload).toString('base64') },
    ),
    { do: 'dump' },
  ]
  return steps.map((step) => JSON.stringify(step)).join('\n')
}

/** A last line without its newline counts only where the stream ended normally. */
function payloadsOf(capture: Capture): readonly Payload[] {
  const framer = createFramer(capture.format!)
  const payloads = framer.push(capture.stream())
  return capture.ended.startsWith('error') ? payloads : [...payloads, ...framer.end()]
}

/** A table for each type of row, with all the columns that its rows have, as text. */
function tablesOf(payloads: readonly Payload[]): object {
  const columns = new Map<string, Set<string>>()
  for (const payload of payloads) {
    for (const { object_type: type, data } of opsOf(payload)) {
      if (type === undefined) continue
      const names = columns.get(type) ?? new Set()
      columns.set(type, names)
      // Keys at the top, without reading values that JSON.parse cannot.
      if (typeof data === 'string') for (const [, name] of data.matchAll(/[{,]"(\w+)":/g)) names.add(name!)
    }
  }
  return Object.fromEntries(
    [...columns].map(([type, names]) => {
      names.delete('id')
      return [type, { columns: Object.fromEntries([...names].map((name) => [name, 'text'])) }]
    }),
  )
}

interface LooseOp {
  readonly object_type?: string
  readonly data?: unknown
}

function opsOf(payload: Payload): readonly LooseOp[] {
  try {
    const line = (typeof payload === 'string' ? JSON.parse(payload) : deserialize(payload)) as {
      readonly data?: { readonly data: readonly LooseOp[] }
    }
    return line.data?.data ?? []
  } catch {
    return []
  }
}

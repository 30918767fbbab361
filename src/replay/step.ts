/** The steps of a trace, read and checked. What cannot be read is a step too: it prints an error. */
import { z } from 'zod'

const json: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json), z.record(z.string(), json)]),
)
type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

const parameters = z.record(z.string(), json).nullish()
const streamKey = { stream: z.string(), params: parameters }
const holder = z.string().default('app')
/** Whole numbers arrive as bigint, others as number (see `parseExact`). */
const bound = z.union([z.null(), z.boolean(), z.bigint(), z.number(), z.string()])

/** By position or by name. */
const bounds = z.union([z.array(bound), z.record(z.string(), bound)])

const columnType = z.enum(['text', 'integer', 'real'])
const table = z.looseObject({
  columns: z.record(z.string(), columnType),
  localOnly: z.boolean().optional(),
  insertOnly: z.boolean().optional(),
})

const steps = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('schema'),
    tables: z.record(z.string(), table),
    rawTables: z.record(z.string(), z.unknown()).default({}),
  }),
  z.object({ do: z.literal('time'), ms: z.number().int() }),
  z.object({
    do: z.literal('subscribe'),
    ...streamKey,
    ttl: z.union([z.number().nonnegative(), z.literal('never')]).nullish(),
    priority: z.number().int().min(0).max(3).nullish(),
    holder,
  }),
  z.object({ do: z.literal('release'), ...streamKey, holder }),
  z.object({ do: z.literal('unsubscribeAll'), ...streamKey }),
  z.object({
    do: z.literal('connect'),
    parameters,
    includeDefaults: z.boolean().default(true),
    appMetadata: z.record(z.string(), z.string()).nullish(),
  }),
  z.object({ do: z.literal('established') }),
  z.object({ do: z.literal('line'), text: z.string().optional(), bson: z.base64().optional() }),
  z.object({ do: z.literal('end') }),
  z.object({ do: z.literal('refreshed') }),
  z.object({ do: z.literal('disconnect') }),
  z.object({
    do: z.literal('execute'),
    sql: z.string().optional(),
    params: bounds.default([]),
    statements: z.array(z.tuple([z.string(), bounds.optional()])).optional(),
  }),
  z.object({
    do: z.literal('uploaded'),
    writeCheckpoint: z.string().nullish(),
    through: z.number().int().optional(),
    /** Like `through`, but by entry of the queue: the engine records this, since a batch may cut a transaction. */
    entry: z.number().int().optional(),
  }),
  z.object({ do: z.literal('uploadFailed'), message: z.string().default('') }),
  z.object({ do: z.literal('writeCheckpoint'), id: z.string().regex(/^\d{1,19}$/) }),
  z.object({ do: z.literal('checkpointRequest') }),
  z.object({ do: z.literal('requestsSeeded'), id: z.string().regex(/^\d{1,19}$/) }),
  z.object({
    do: z.literal('clear'),
    clearLocal: z.boolean().default(true),
    soft: z.boolean().default(false),
  }),
  z.object({ do: z.literal('resync') }),
  z.object({ do: z.literal('fail'), at: z.literal('commit').default('commit') }),
  z.object({ do: z.literal('restart') }),
  z.object({ do: z.literal('dump') }),
])

export type TraceStep = z.infer<typeof steps>

/** A step, or why this line of the trace is none. */
export type ReadStep =
  | { readonly ok: true; readonly step: TraceStep }
  | { readonly ok: false; readonly code: 'unknown_step' | 'bad_step'; readonly message: string }

/** Read one line of a trace. */
export function readStep(line: string): ReadStep {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { ok: false, code: 'unknown_step', message: 'The line is not JSON.' }
  }
  const name = value !== null && typeof value === 'object' && 'do' in value ? value.do : undefined
  const known = steps.options.some((option) => option.shape.do.value === name)
  if (!known) {
    return {
      ok: false,
      code: 'unknown_step',
      message: `There is no step ${JSON.stringify(name) ?? 'without "do"'}.`,
    }
  }
  const parsed = steps.safeParse(name === 'execute' ? parseExact(line) : value)
  if (parsed.success) return { ok: true, step: parsed.data }
  return { ok: false, code: 'bad_step', message: z.prettifyError(parsed.error).replaceAll('\n', ' ') }
}

/** JSON with whole numbers read from the source text, exactly, as bigints. */
function parseExact(text: string): unknown {
  // The reviver's third argument is newer than its type.
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && /^-?\d+$/.test(context.source)
      ? BigInt(context.source)
      : value
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown)
}

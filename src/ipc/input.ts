/**
 * What the procedures accept. Everything from a window is checked here, and bounded, before it is used.
 */
import { z } from 'zod'
import type { SqlParameters, SqlValue } from '../daemon/daemon.ts'
import { checkParameters } from '../daemon/options.ts'
import type { StreamStatus } from '../status/status.ts'
import { CallError } from './error.ts'

type JsonObject = NonNullable<StreamStatus['params']>

/** Of the canonical text of a stream's parameters: the status tells them to every window. */
const MAX_PARAMS_BYTES = 4096
const MAX_PARAMS_DEPTH = 16

/** The longest text or bytes of one parameter of a query, or of a cursor. */
const MAX_VALUE = 262_144
const MAX_QUERY_PARAMS = 256
const MAX_SQL_PARAMS = 32_766

/** Of the text and the parameters of a live query together. */
const MAX_WATCHED = 262_144

const text = z.string().max(MAX_VALUE)

const name = z.string().min(1).max(256)

/** Names one watch among those of its document. */
const watchId = z.string().min(1).max(64)

export const watchInput = z.object({ watchId })

/** Default scope: everything. */
export const statusInput = z.object({
  watchId,
  scope: z.enum(['summary', 'held', 'all']).default('all'),
})

/** `sequence`: the newest message that the document took; -1: none. */
export const ackInput = z.object({ watchId, sequence: z.int().min(-1) })

/** `ttl` is in seconds. The parameters are bounded by `boundParameters`; the rest the daemon judges. */
export const holdInput = z.object({
  name,
  params: z.custom<JsonObject>(isObject).nullable(),
  ttl: z.union([z.number(), z.literal('never')]).optional(),
  priority: z.number().optional(),
})

export const queryInput = z.object({
  name,
  params: z
    .record(name, z.custom<SqlValue>(isSqlValue))
    .refine((params) => Object.keys(params).length <= MAX_QUERY_PARAMS)
    .optional(),
})

/** The gate says what is wrong with it. */
const sql = z.string().max(1_000_000)

/** By position or by name; SQLite knows no more than 32,766. */
const sqlParams = z.custom<SqlParameters>(isSqlParameters)

const queryId = z.string().min(1).max(64)

/** `queryId` names it for `sql.cancel`. */
export const sqlQueryInput = z.object({
  sql,
  params: z.exactOptional(sqlParams),
  queryId: z.exactOptional(queryId),
})

export const sqlCancelInput = z.object({ queryId })

export const sqlWriteInput = z.object({
  statements: z
    .array(z.union([z.tuple([sql]), z.tuple([sql, sqlParams])]))
    .min(1)
    .max(1000),
})

/** `key`: the column that tells rows apart. What is asked for is kept as long as the watch lives. */
export const sqlWatchInput = z
  .object({
    watchId,
    sql,
    params: z.exactOptional(sqlParams),
    key: z.exactOptional(name),
  })
  .refine(({ sql, params = [] }) => sql.length + sizeOf(params) <= MAX_WATCHED, { path: ['params'] })

export const transactionInput = z.object({ transactionId: z.int() })

export const uploadsInput = z.object({
  after: z.exactOptional(z.int().min(0)),
  limit: z.int().min(1).max(200),
})

export const bucketsInput = z.object({
  stream: z.exactOptional(z.int()),
  text: z.exactOptional(z.string().max(256)),
  sort: z.enum(['name', 'priority', 'operations', 'downloaded']),
  descending: z.exactOptional(z.boolean()),
  cursor: z.exactOptional(z.object({ value: z.union([z.number(), text]), name: text })),
  limit: z.exactOptional(z.int().min(1).max(200)),
})

export const pauseInput = z.object({ paused: z.boolean() })

/** Throws `invalid_params`: a `CallError` for what is too much, the daemon's error for what is not JSON. */
export function boundParameters(params: JsonObject | null): void {
  if (nestsDeeper(params, MAX_PARAMS_DEPTH)) {
    throw new CallError('invalid_params', `Stream parameters may nest ${MAX_PARAMS_DEPTH} levels deep.`)
  }
  if (Buffer.byteLength(checkParameters(params) ?? '') > MAX_PARAMS_BYTES) {
    throw new CallError('invalid_params', `Stream parameters may be ${MAX_PARAMS_BYTES} bytes long.`)
  }
}

/** The object itself is the first level. */
function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((field) => nestsDeeper(field, levels - 1))
}

function isSqlParameters(value: unknown): boolean {
  if (!isObject(value) && !Array.isArray(value)) return false
  const values = Object.values(value as object)
  return values.length <= MAX_SQL_PARAMS && values.every(isSqlValue)
}

function isSqlValue(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    (typeof value === 'string' && value.length <= MAX_VALUE) ||
    (value instanceof Uint8Array && value.byteLength <= MAX_VALUE)
  )
}

/** About how many characters or bytes there are. */
function sizeOf(params: SqlParameters): number {
  const values: readonly (readonly [string, unknown])[] = Object.entries(params)
  return values.reduce((sum, [name, value]) => {
    if (typeof value === 'string') return sum + name.length + value.length
    return sum + name.length + (value instanceof Uint8Array ? value.byteLength : 8)
  }, 0)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * What the procedures accept. Everything from a window is checked here, and bounded, before it is used.
 */
import { z } from 'zod'
import type { SqlValue } from '../daemon/daemon.ts'
import type { StreamStatus } from '../status/status.ts'

type JsonObject = NonNullable<StreamStatus['params']>

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

/** `ttl` is in seconds. What the parameters, the TTL and the priority may be, the daemon judges. */
export const holdInput = z.object({
  name,
  params: z.custom<JsonObject>(isObject).nullable(),
  ttl: z.union([z.number(), z.literal('never')]).optional(),
  priority: z.number().optional(),
})

export const queryInput = z.object({
  name,
  params: z.record(name, z.custom<SqlValue>(isSqlValue)).optional(),
})

export const bucketsInput = z.object({
  stream: z.exactOptional(z.int()),
  text: z.exactOptional(z.string().max(256)),
  sort: z.enum(['name', 'priority', 'operations', 'downloaded']),
  descending: z.exactOptional(z.boolean()),
  cursor: z.exactOptional(z.object({ value: z.union([z.number(), z.string()]), name: z.string() })),
  limit: z.exactOptional(z.int().min(1).max(200)),
})

export const pauseInput = z.object({ paused: z.boolean() })

function isSqlValue(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'string' ||
    value instanceof Uint8Array
  )
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The bodies that the service accepts, and its complaints about the others, in a real service's words. Unknown
 * fields are let through; null is refused where a field should be left out.
 */
import { z } from 'zod'

import type { JsonObject } from '../wire/request.ts'
import { invalid } from './refusal.ts'

const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'type must be object' },
)
const nullableObject = z.custom<JsonObject | null>(
  (value) => value === null || (typeof value === 'object' && !Array.isArray(value) && value !== undefined),
  { error: 'type must be object' },
)

export const streamRequest = z.object({
  buckets: z.array(z.object({ name: z.string(), after: z.string() })).default([]),
  include_checksum: z.boolean().optional(),
  raw_data: z.boolean().default(false),
  binary_data: z.boolean().optional(),
  client_id: z.string().optional(),
  parameters: jsonObject.optional(),
  app_metadata: z.record(z.string(), z.string()).optional(),
  streams: z
    .object({
      include_defaults: z.boolean().default(true),
      subscriptions: z
        .array(
          z.object({
            stream: z.string(),
            parameters: nullableObject,
            override_priority: z.number().nullable(),
          }),
        )
        .default([]),
    })
    .default({ include_defaults: true, subscriptions: [] }),
})
export type StreamRequest = z.infer<typeof streamRequest>

export const checkpointRequest = z.object({
  client_id: z.string().optional(),
  /** A positive int64, as a decimal string or a number. */
  checkpoint_request_id: z.union([z.string().regex(/^-?[0-9]+$/), z.int()], {
    error: 'oneOf must match exactly one schema in oneOf',
  }),
})

const largestId = 2n ** 63n - 1n

/** The id that a client chose; throws the 400 when it is out of range. */
export function checkpointId(id: string | number): bigint {
  const value = BigInt(id)
  if (value >= 1n && value <= largestId) return value
  throw invalid([`Expected checkpoint_request_id between 1 and ${largestId}`])
}

/**
 * What a connector uploads: local transactions in order. `id` is the transaction's number in the client's
 * queue; the same number of the same client is applied once.
 */
export const uploadRequest = z.object({
  client_id: z.string().min(1),
  transactions: z.array(
    z.object({
      id: z.union([z.string(), z.int()]).transform(String),
      crud: z.array(
        z.object({
          op: z.enum(['PUT', 'PATCH', 'DELETE']),
          type: z.string(),
          id: z.string().min(1),
          data: z
            .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
            .nullish()
            .transform((data) => data ?? {}),
        }),
      ),
    }),
  ),
})
export type UploadRequest = z.infer<typeof uploadRequest>

/** The body in its type, with defaults; throws the 400 that lists what is wrong. */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  throw invalid(result.error.issues.map((issue) => complaint(issue, body)))
}

function complaint(issue: z.core.$ZodIssue, body: unknown): string {
  const parent = issue.path.slice(0, -1)
  const name = issue.path.at(-1)
  if (name !== undefined && valueAt(body, issue.path) === undefined) {
    return `${pointer(parent)} must have required property '${String(name)}'`
  }
  const what = issue.code === 'invalid_type' ? `type must be ${issue.expected}` : issue.message
  return `${pointer(issue.path)}: ${what}`
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part)}`).join('')
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value
}

/** The configuration file of `npm run serve`: read, checked, its paths made absolute. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { Schema } from '../schema/schema.ts'

type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }
const json: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json), z.record(z.string(), json)]),
)
const parameters = z.record(z.string(), json)

const table = z.looseObject({ columns: z.record(z.string(), z.enum(['text', 'integer', 'real'])) })

const file = z
  .strictObject({
    /** Base URL of the sync service. */
    endpoint: z.url({ protocol: /^https?$/ }),
    /** A token, or a shell command that prints a fresh one each time it is run. */
    token: z.string().min(1).optional(),
    tokenCommand: z.string().min(1).optional(),
    /** The database file, relative to this file. */
    database: z.string().min(1),
    schema: z.looseObject({ tables: z.record(z.string(), table) }),
    streams: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          params: parameters.nullish(),
          ttl: z.union([z.number().nonnegative(), z.literal('never')]).optional(),
          priority: z.int().min(0).max(3).optional(),
        }),
      )
      .default([]),
    parameters: parameters.default({}),
  })
  .refine(({ token, tokenCommand }) => (token === undefined) !== (tokenCommand === undefined), {
    message: 'Give either "token" or "tokenCommand".',
  })

export type ServeConfig = Omit<z.infer<typeof file>, 'schema'> & {
  readonly schema: Schema
}

/** The file says something that cannot be. The message names each place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'invalid_config'
}

/** Read and check the file. Throws `ConfigError`. */
export async function readConfig(path: string): Promise<ServeConfig> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`The configuration ${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
  const parsed = file.safeParse(value)
  if (!parsed.success) {
    throw new ConfigError(`The configuration ${path} is not valid.\n${z.prettifyError(parsed.error)}`)
  }
  // Storage checks the schema to the last column, and says what is wrong with it.
  const schema = parsed.data.schema as Schema
  return { ...parsed.data, schema, database: resolve(dirname(path), parsed.data.database) }
}

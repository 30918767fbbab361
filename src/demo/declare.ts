/**
 * How streams are declared: a bucket source says which rows go together in a bucket, a stream says which of
 * those buckets a client gets and why. Several streams may lead to the same source, so one bucket can have
 * several reasons.
 *
 *     const byProject = source('project_issues', { issues: (issue) => [[issue.project_id]] })
 *     const stream = { name: 'project_issues', isDefault: false, priority: 2, source: byProject, lookups: [],
 *                      keys: ({ parameters }) => [[parameters.project]] }
 *
 * Invariant: a declaration is pure. The same row always has the same keys, and the same reader over the same
 * lookup tables always gets the same keys.
 */
import type { JsonObject } from '../wire/request.ts'
import type { Row, TableName } from './tables.ts'

/** The values that name one bucket of a source. */
export type BucketKey = readonly (string | number | null)[]

/** Which rows share a bucket. A row may be in any number of buckets of one source. */
export interface BucketSource {
  readonly name: string
  readonly members: { readonly [T in TableName]?: (row: Row<T>) => readonly BucketKey[] }
}

/** Who asks: the token, the connection and, for an explicit subscription, its parameters. */
export interface Reader {
  readonly userId: string
  readonly claims: JsonObject
  readonly connection: JsonObject
  readonly parameters: JsonObject
  /** Reads a table that the stream names in `lookups`. */
  readonly rows: <T extends TableName>(table: T) => Iterable<Row<T>>
  readonly row: <T extends TableName>(table: T, id: string) => Row<T> | undefined
}

export interface Stream {
  readonly name: string
  /** Whether clients that ask for defaults get it without subscribing. */
  readonly isDefault: boolean
  /** 0 (first) to 3; a subscription may override it. */
  readonly priority: number
  readonly source: BucketSource
  /** Tables that `keys` reads: when one changes, open connections resolve the stream again. */
  readonly lookups: readonly TableName[]
  /** The buckets for this reader; none where there is no access. Throws `ParameterError` on bad parameters. */
  readonly keys: (reader: Reader) => readonly BucketKey[]
}

/** A bad parameter: told to the client in `streams[].errors`, while the other streams go on. */
export class ParameterError extends Error {}

/** The name of a bucket without its generation, in the form that a real service uses: `lists|0["u1"]`. */
export function bucketName(source: BucketSource, key: BucketKey): string {
  return `${source.name}|0${JSON.stringify(key)}`
}

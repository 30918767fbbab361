/**
 * Named queries on a reader connection of their own, never on the writer's: a long merge delays no read, and
 * a read sees whole commits only.
 */
import { inspectBuckets, type BucketPage, type BucketQuery } from '../storage/inspect-buckets.ts'
import { openReader } from '../storage/reader.ts'
import type { Reader, ReadParameters, ReadRow, ReadValue } from '../storage/reader.ts'
import { collectRows } from './collect.ts'
import { EngineError } from './face.ts'
import type { FaceOptions, ReadOperations } from './face.ts'
import { fileOptionsOf } from './file-options.ts'
import { LiveResults } from './live-results.ts'
import type { LiveAnswered, LiveQuestion } from './live-results.ts'

export interface NamedQueryText {
  readonly sql: string
  readonly parameters?: readonly string[]
}

export type NamedQueries = { readonly [name: string]: NamedQueryText }

export type QueryParameters = { readonly [name: string]: ReadValue }

export interface ReadResult {
  readonly rows: readonly ReadRow[]
  /** Views that the query reads. */
  readonly tables: readonly string[]
}

/** A live result is kept and compared as long as it is watched. */
const LIMITS = { maxRows: 100_000, maxBytes: 32 * 1024 * 1024 }

export class Reads implements ReadOperations {
  readonly #queries: NamedQueries
  readonly #reader: Reader
  readonly #results = new LiveResults()

  constructor(options: Pick<FaceOptions, 'path' | 'nativeBinding' | 'encryption' | 'queries'>) {
    this.#queries = options.queries
    this.#reader = openReader(options.path, fileOptionsOf(options))
  }

  /** Throws `EngineError`: `unknown_query`, `bad_parameters`, or what storage says. */
  async read(name: string, parameters: QueryParameters): Promise<ReadResult> {
    const query = Object.hasOwn(this.#queries, name) ? this.#queries[name] : undefined
    if (query === undefined) {
      throw new EngineError({
        code: 'unknown_query',
        message: `There is no query named ${JSON.stringify(name)}.`,
      })
    }
    const expected = query.parameters ?? []
    const given = Object.keys(parameters)
    if (given.length !== expected.length || !expected.every((key) => Object.hasOwn(parameters, key))) {
      throw new EngineError({
        code: 'bad_parameters',
        message: `The query ${name} takes the parameters (${expected.join(', ')}), and was given (${given.join(', ')}).`,
      })
    }
    return { rows: this.#reader.query(query.sql, parameters), tables: this.#reader.tablesOf(query.sql) }
  }

  async watch(sql: string, parameters: ReadParameters, live: LiveQuestion): Promise<LiveAnswered> {
    const tables = this.#reader.tablesOf(sql)
    return { answer: this.#results.answer(live, collectRows(this.#reader, sql, parameters, LIMITS)), tables }
  }

  async inspectBuckets(query: BucketQuery): Promise<BucketPage> {
    return inspectBuckets(this.#reader, query)
  }

  close(): void {
    this.#reader.close()
  }
}

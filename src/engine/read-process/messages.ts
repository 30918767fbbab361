/**
 * What crosses to the read process and back. Structured clone carries it, so bigints, bytes and infinities
 * arrive as they were.
 */
import type { Schema } from '../../schema/schema.ts'
import type { ErrorInfo } from '../../status/status.ts'
import type { Encryption } from '../../storage/encryption.ts'
import type { ReadParameters, ReadValue } from '../../storage/reader.ts'
import type { Refused } from '../../storage/sql-gate.ts'
import type { Statement } from '../face.ts'
import type { LiveAnswered, LiveQuestion } from '../live-results.ts'
import type { Result } from '../result.ts'

export interface SessionOptions {
  readonly dbPath: string
  readonly nativeBinding: string | null
  readonly encryption: Encryption | null
  readonly schema: Schema
  readonly virtualTables: { readonly [name: string]: string }
  readonly maxRows: number
  readonly maxBytes: number
  /** A statement that runs longer ends the process from inside, should nobody outside do it. */
  readonly longestMs: number
}

/** What one question asks: the rows of a statement, how they changed, or whether writes may run. */
export type Question =
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: ReadParameters }
  | {
      readonly kind: 'watch'
      readonly sql: string
      readonly parameters: ReadParameters
      readonly live: LiveQuestion
    }
  | { readonly kind: 'rehearse'; readonly statements: readonly Statement[] }

export interface QueryResult {
  /** As the statement names them; a name can occur twice. */
  readonly columns: readonly string[]
  /** The values of each row, in the order of the columns. */
  readonly rows: readonly (readonly ReadValue[])[]
  /** Views of the app that the statement reads, sorted. */
  readonly tables: readonly string[]
}

/** With the size of the whole result, in about bytes: also of one that did not change. */
export interface WatchAnswered extends LiveAnswered {
  readonly bytes: number
}

/** Whether a window's writes may run. */
export type Judgement = { readonly allowed: true } | Refused

export type Value = QueryResult | WatchAnswered | Judgement

export type Answer = Result<Value>

export type ToReader =
  | { readonly kind: 'open'; readonly options: SessionOptions }
  | { readonly kind: 'ask'; readonly question: Question }

/** One answer to each message, in order. */
export type FromReader =
  | { readonly kind: 'opened' }
  | { readonly kind: 'failed'; readonly error: ErrorInfo }
  | { readonly kind: 'answer'; readonly answer: Answer }

/**
 * Inside the read process: judges a statement, runs it, and answers with data. A statement that the gate has
 * not allowed never reaches the database.
 */
import type { Schema } from '../../schema/schema.ts'
import { rawTableNames } from '../../schema/sql.ts'
import { openReader, type Reader, type ReadParameters } from '../../storage/reader.ts'
import { Rehearsal } from '../../storage/rehearsal.ts'
import { openSqlGate, type SqlGate } from '../../storage/sql-gate.ts'
import { collectRows } from '../collect.ts'
import { EngineError, type Statement } from '../face.ts'
import { fileOptionsOf } from '../file-options.ts'
import { LiveResults } from '../live-results.ts'
import { errorInfo } from '../result.ts'
import type { Answer, Judgement, Question, QueryResult, SessionOptions, Value } from './messages.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

export class Session {
  readonly #options: SessionOptions
  readonly #reader: Reader
  readonly #gate: SqlGate
  readonly #watchdog: Watchdog
  readonly #results = new LiveResults()
  /** Made for the first write. */
  #rehearsal: Rehearsal | null = null

  /** Throws a `StorageError`. */
  constructor(options: SessionOptions) {
    const { dbPath, schema, virtualTables, longestMs } = options
    this.#options = options
    this.#reader = openReader(dbPath, fileOptionsOf(options))
    const readable = { ...rawTablesIn(this.#reader, schema), ...virtualTables }
    this.#gate = openSqlGate({ schema, readable })
    this.#watchdog = startWatchdog(longestMs)
  }

  answer(question: Question): Answer {
    try {
      return { ok: true, value: this.#watchdog.watch(() => this.#answer(question)) }
    } catch (error) {
      return { ok: false, error: errorInfo(error) }
    }
  }

  #answer(question: Question): Value {
    switch (question.kind) {
      case 'query':
        return this.#query(question.sql, question.parameters)
      case 'watch': {
        const { tables, ...result } = this.#query(question.sql, question.parameters)
        const answer = this.#results.answer(question.live, result)
        return { answer, tables, bytes: this.#results.bytesOf(question.live.watch) }
      }
      case 'rehearse':
        return this.#rehearse(question.statements)
      default:
        return question satisfies never
    }
  }

  /** The first refusal, if there is one. All are judged before one runs. */
  #rehearse(statements: readonly Statement[]): Judgement {
    for (const [sql] of statements) {
      const verdict = this.#gate.check(sql, 'write')
      if (!verdict.allowed) return verdict
    }
    const { dbPath, schema } = this.#options
    this.#rehearsal ??= new Rehearsal(dbPath, schema, fileOptionsOf(this.#options))
    for (const [sql, parameters = []] of statements) {
      if (!this.#rehearsal.run(sql, parameters)) return QUALIFIED
    }
    return ALLOWED
  }

  #query(sql: string, parameters: ReadParameters): QueryResult {
    const verdict = this.#gate.check(sql, 'read')
    if (!verdict.allowed) throw new EngineError(verdict)
    return { ...collectRows(this.#reader, sql, parameters, this.#options), tables: verdict.tables }
  }
}

/** The statements that made the app's raw tables. One that does not exist yet is not readable yet. */
function rawTablesIn(reader: Reader, schema: Schema): { readonly [name: string]: string } {
  const sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE"
  const made = rawTableNames(schema).map((name) => [name, reader.query(sql, [name])[0]?.['sql']] as const)
  return Object.fromEntries(made.filter((table): table is [string, string] => typeof table[1] === 'string'))
}

const ALLOWED: Judgement = { allowed: true }

const QUALIFIED: Judgement = {
  allowed: false,
  code: 'sql_refused',
  message: 'A write names its table alone, without the database that it is in.',
}

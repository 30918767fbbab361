/**
 * Inside the read process: judges a statement, runs it, and answers with data. A statement that the gate has
 * not allowed never reaches the database.
 */
import { openReader, type Reader, type ReadParameters, type ReadValue } from '../../storage/reader.ts'
import { openSqlGate, type SqlGate } from '../../storage/sql-gate.ts'
import { EngineError } from '../face.ts'
import { errorInfo } from '../result.ts'
import type { Answer, Question, QueryResult, SessionOptions } from './messages.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

export class Session {
  readonly #options: SessionOptions
  readonly #reader: Reader
  readonly #gate: SqlGate
  readonly #watchdog: Watchdog

  /** Throws a `StorageError`. */
  constructor(options: SessionOptions) {
    const { dbPath, nativeBinding, schema, virtualTables, longestMs } = options
    this.#options = options
    this.#reader = openReader(dbPath, nativeBinding === null ? {} : { nativeBinding })
    this.#gate = openSqlGate({ schema, virtualTables })
    this.#watchdog = startWatchdog(longestMs)
  }

  answer(question: Question): Answer {
    try {
      return { ok: true, value: this.#watchdog.watch(() => this.#answer(question)) }
    } catch (error) {
      return { ok: false, error: isBindingError(error) ? badParameters(error) : errorInfo(error) }
    }
  }

  #answer(question: Question) {
    switch (question.kind) {
      case 'query':
        return this.#query(question.sql, question.parameters)
      case 'check':
        return this.#gate.check(question.sql, question.as)
      default:
        return question satisfies never
    }
  }

  #query(sql: string, parameters: ReadParameters): QueryResult {
    const verdict = this.#gate.check(sql, 'read')
    if (!verdict.allowed) throw new EngineError(verdict)
    const { maxRows, maxBytes } = this.#options
    const rows: ReadValue[][] = []
    let bytes = 0
    const columns = this.#reader.scan(sql, parameters, (values) => {
      if (rows.length === maxRows) throw tooLarge(`more than ${maxRows} rows`)
      for (const value of values) bytes += sizeOf(value)
      if (bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`)
      rows.push(values.map(plain))
    })
    return { columns, rows, tables: verdict.tables }
  }
}

/** About what it takes to send. */
function sizeOf(value: ReadValue): number {
  if (typeof value === 'string') return value.length
  return value instanceof Uint8Array ? value.byteLength : 8
}

/** A Buffer would arrive as one kind of bytes from a child process and as another from Electron's. */
function plain(value: ReadValue): ReadValue {
  return value instanceof Uint8Array ? new Uint8Array(value) : value
}

function tooLarge(what: string): EngineError {
  return new EngineError({
    code: 'result_too_large',
    message: `The result has ${what}. Ask for less, or read it in parts with LIMIT.`,
  })
}

/** What better-sqlite3 throws for parameters that do not fit the statement. */
function isBindingError(error: unknown): error is Error {
  return error instanceof RangeError || error instanceof TypeError
}

function badParameters(error: Error) {
  return { code: 'bad_parameters', message: `The parameters do not fit the statement: ${error.message}.` }
}
